#include "pool/joblog_record.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "pool/joblog.hpp"

namespace mtask::pool {
namespace {

// The text up to the next tab, which is taken off as well; nothing when there is no tab.
std::optional<std::string_view> take_field(std::string_view& line) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  const std::string_view field = line.substr(0, tab);
  line.remove_prefix(tab + 1);
  return field;
}

template <class Number>
bool take_number(std::string_view& line, Number& number) {
  const auto field = take_field(line);
  if (!field) return false;
  const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), number);
  return error == std::errc() && end == field->data() + field->size();
}

// Digits with a sign, a dot and blanks before: times are padded.
std::optional<std::string_view> take_decimal(std::string_view& line) {
  const auto field = take_field(line);
  if (!field || field->find_first_of("0123456789") == std::string_view::npos) return std::nullopt;
  return field->find_first_not_of("0123456789.- ") == std::string_view::npos ? field : std::nullopt;
}

}  // namespace

std::optional<JoblogRecord> parse_joblog_line(std::string_view line) {
  JoblogRecord record;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (!take_number(line, record.seq) || record.seq == 0 || record.seq > kMost) return std::nullopt;
  const auto host = take_field(line);
  if (!host || host->empty()) return std::nullopt;
  const auto start = take_decimal(line);
  const auto runtime = take_decimal(line);
  const auto sent = take_decimal(line);
  const auto received = take_decimal(line);
  if (!start || !runtime || !sent || !received) return std::nullopt;
  record.had_input = sent->find_first_of("123456789") != std::string_view::npos;
  if (!take_number(line, record.exit_value) || !take_number(line, record.signal)) return std::nullopt;
  record.command = line;
  return record;
}

bool looks_like_joblog(std::string_view begin) {
  const std::size_t common = std::min(begin.size(), kJoblogHeader.size());
  return begin.substr(0, common) == kJoblogHeader.substr(0, common) ||
         parse_joblog_line(begin.substr(0, begin.find('\n'))).has_value();
}

}  // namespace mtask::pool
