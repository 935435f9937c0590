#include "pool/term_sequence.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>

#include "base/text.hpp"

namespace mtask::pool {
namespace {

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || number < 0) return std::nullopt;
  return number;
}

std::optional<int> signal_of(std::string_view text) {
  if (const auto number = whole<int>(text)) {
    return *number >= 1 && *number <= SIGRTMAX ? number : std::nullopt;
  }
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (name.starts_with("SIG")) name.erase(0, 3);
  for (int signal = 1; signal < NSIG; ++signal) {
    const char* const known = ::sigabbrev_np(signal);
    if (known != nullptr && name == known) return signal;
  }
  return std::nullopt;
}

}  // namespace

Result<TermSequence> parse_term_sequence(std::string_view text) {
  constexpr Milliseconds kLongest = std::chrono::hours(24);
  TermSequence sequence;
  bool right = true;
  for (std::size_t begin = 0; right && begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    const std::size_t end = comma < text.size() ? std::min(text.find(',', comma + 1), text.size()) : comma;
    const auto signal = signal_of(text.substr(begin, comma - begin));
    const auto time = comma < end ? whole<Milliseconds::rep>(text.substr(comma + 1, end - comma - 1)) : 0;
    right = signal && time && *time <= kLongest.count();
    if (right) sequence.emplace_back(*signal, Milliseconds(*time));
    begin = end + 1;
  }
  if (right) return sequence;
  return Unexpected(
      usage_error(quote(text) +
                  " is no sequence of signals: write each with the milliseconds to wait after it, to a day "
                  "at most, as in TERM,200,KILL,25"));
}

}  // namespace mtask::pool
