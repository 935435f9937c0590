#include "pool/record_source.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace mtask::pool {
namespace {

// The text that a regular expression stands for, if it is a plain one; empty if not.
std::string plain_text(std::string_view pattern) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (std::string_view("|*+?{}()[].^$").find(pattern[i]) != std::string_view::npos) return {};
    if (pattern[i] != '\\') {
      text += pattern[i];
      continue;
    }
    if (++i == pattern.size()) return {};
    const char c = pattern[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (letter && c != 't' && c != 'n') return {};
    text += c == 't' ? '\t' : c == 'n' ? '\n' : c;
  }
  return text;
}

bool is_standard_input(const InputSource& source) {
  return source.kind == InputSource::Kind::kStandardInput ||
         (source.kind == InputSource::Kind::kFile && source.path == "-");
}

// Uniform below `limit`, the same on every machine for one seed.
std::uint64_t below(std::mt19937_64& random, std::uint64_t limit) {
  const std::uint64_t unfair = (UINT64_MAX - limit + 1) % limit;
  for (;;) {
    const std::uint64_t number = random();
    if (number >= unfair) return number % limit;
  }
}

}  // namespace

Result<RecordSource> RecordSource::open(const Inputs& inputs, int standard_input) {
  std::vector<InputSource> sources = inputs.sources;
  if (sources.empty()) sources.emplace_back();
  if (std::count_if(sources.begin(), sources.end(), is_standard_input) > 1)
    return Unexpected(usage_error("standard input can be only one of the sources"));
  const ValueFormat format{inputs.delimiter, inputs.end, inputs.max_lines > 0, inputs.no_run_if_empty};
  std::vector<ValueReader> readers;
  std::vector<bool> linked;
  for (InputSource& source : sources) {
    linked.push_back(source.linked);
    Result<ValueReader> reader = ValueReader::open(std::move(source), format, standard_input);
    if (!reader) return Unexpected(std::move(reader).error());
    readers.push_back(*std::move(reader));
  }
  RecordSource out(Combination(std::move(readers), linked, inputs.link), inputs);
  if (Result<void> columns = out.set_columns(inputs); !columns) return Unexpected(std::move(columns).error());
  out.hold_all_ = inputs.shuffle;
  return out;
}

Result<void> RecordSource::set_columns(const Inputs& inputs) {
  header_ = inputs.header;
  if (!inputs.colsep && !header_) return {};
  const std::string separator = inputs.colsep.value_or("\t");
  separator_ = plain_text(separator);
  if (!separator_.empty()) return {};
  Result<Pattern> pattern = Pattern::compile(separator, {.multiline = true});
  if (!pattern) return Unexpected(std::move(pattern).error());
  pattern_ = *std::move(pattern);
  return {};
}

bool RecordSource::may_wait() const {
  const std::vector<ValueReader>& readers = combination_.readers();
  return std::any_of(readers.begin(), readers.end(), [](const ValueReader& reader) { return reader.fd() != -1; });
}

Result<Step> RecordSource::read_names() {
  for (; header_ && header_read_ < combination_.readers().size(); ++header_read_) {
    ValueReader& reader = combination_.readers()[header_read_];
    std::string line;
    Result<Step> step = reader.next_raw(line);
    if (!step) return step;
    if (*step == Step::kWait) {
      waiting_ = &reader;
      return Step::kWait;
    }
    if (line.ends_with('\r')) line.pop_back();
    Record names;
    part(std::move(line), names);
    while (!names.empty() && names.back().empty()) names.pop_back();
    names_.insert(names_.end(), names.begin(), names.end());
  }
  if (!total_) total_ = combination_.count();
  waiting_ = nullptr;
  return Step::kGot;
}

void RecordSource::part(std::string value, Record& record) const {
  if (value.empty() || (separator_.empty() && !pattern_)) {
    record.push_back(std::move(value));
    return;
  }
  std::size_t begin = 0;
  if (!pattern_) {
    for (std::size_t end = 0; (end = value.find(separator_, begin)) != std::string::npos;) {
      record.push_back(value.substr(begin, end - begin));
      begin = end + separator_.size();
    }
  } else {
    // As Perl's split: an empty match parts between bytes, never at the start or the end.
    Scanner scanner(*pattern_, value);
    for (std::size_t at = 0; at <= value.size();) {
      const std::optional<Pattern::Match> match = scanner.search(at);
      if (!match) break;
      if (match->end > match->begin) {
        record.push_back(value.substr(begin, match->begin - begin));
        begin = at = match->end;
        continue;
      }
      if (match->begin > begin && match->begin < value.size()) {
        record.push_back(value.substr(begin, match->begin - begin));
        begin = match->begin;
      }
      at = match->begin + 1;
    }
  }
  record.push_back(value.substr(begin));
}

Result<Step> RecordSource::next_parted(Record& record) {
  Record combined;
  Result<Step> step = combination_.next(combined);
  waiting_ = combination_.waiting();
  if (!step || *step != Step::kGot) return step;
  if (separator_.empty() && !pattern_) {
    record = std::move(combined);
    return step;
  }
  record.clear();
  for (std::string& value : combined) part(std::move(value), record);
  return step;
}

Result<Step> RecordSource::hold() {
  for (;;) {
    Record record;
    Result<Step> step = next_parted(record);
    if (!step || *step == Step::kWait) return step;
    if (*step == Step::kEnd) break;
    held_.push_back(std::move(record));
  }
  total_ = held_.size();
  held_all_ = true;
  if (shuffle_) shuffle();
  return Step::kGot;
}

void RecordSource::shuffle() {
  std::random_device device;
  std::mt19937_64 random(seed_ ? *seed_ : (std::uint64_t{device()} << 32 | device()));
  for (std::size_t left = held_.size(); left > 1; --left) std::swap(held_[left - 1], held_[below(random, left)]);
}

Result<Step> RecordSource::next(Record& record) {
  if (!hold_all_) return next_parted(record);
  if (!held_all_) {
    if (Result<Step> step = hold(); !step || *step == Step::kWait) return step;
  }
  if (held_given_ == held_.size()) return Step::kEnd;
  record = std::exchange(held_[held_given_++], {});
  return Step::kGot;
}

}  // namespace mtask::pool
