#include "pool/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>

#include "base/text.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint32_t kHeapLimit = 64U << 10;  // KiB
constexpr std::string_view kMiddle = "mtask_middle";

std::string message(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

// Values are bytes: a pattern cannot ask for UTF-8, which many a file name is not.
std::uint32_t flags(PatternOptions options) {
  std::uint32_t out = PCRE2_NEVER_UTF | PCRE2_NEVER_UCP;
  if (options.multiline) out |= PCRE2_MULTILINE;
  if (options.to_end) out |= PCRE2_ENDANCHORED;
  if (options.lazy) out |= PCRE2_UNGREEDY;
  return out;
}

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text, Options options) {
  int error = 0;
  std::size_t place = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), flags(options), &error, &place, nullptr);
  if (code == nullptr) {
    if (error == PCRE2_ERROR_NOMEMORY) throw std::bad_alloc();
    return Unexpected(usage_error("wrong regular expression " + quote(text) + ": " + message(error) + " (after " +
                                  std::to_string(place) + " bytes)"));
  }
  Pattern out;
  out.text_ = text;
  out.code_ = std::shared_ptr<const pcre2_code>(code, [](pcre2_code* gone) { pcre2_code_free(gone); });
  return out;
}

Result<Pattern> Pattern::compile_pair(std::string_view before, std::string_view after, bool after_is_seen,
                                      Options options) {
  for (const std::string_view part : {before, after}) {  // each must be right by itself, whatever the other closes
    if (Result<Pattern> alone = compile(part, options); !alone) return alone;
  }
  std::string both = "(?:";
  both.append(before).append(")(?<").append(kMiddle).append(">)").append(after_is_seen ? "(?=" : "(?:");
  both.append(after).append(")");
  Result<Pattern> out = compile(both, options);
  if (!out) return out;
  const int middle = pcre2_substring_number_from_name(out->code_.get(), reinterpret_cast<PCRE2_SPTR>(kMiddle.data()));
  if (middle <= 0) return Unexpected(usage_error("wrong regular expression " + quote(both) + ": " + message(middle)));
  out->middle_ = static_cast<std::size_t>(middle);
  return out;
}

void Scanner::Release::operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
void Scanner::Release::operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }

Scanner::Scanner(const Pattern& pattern, std::string_view subject)
    : pattern_(pattern),
      subject_(subject),
      context_(pcre2_match_context_create(nullptr)),
      data_(pcre2_match_data_create_from_pattern(pattern.code_.get(), nullptr)) {
  if (!context_ || !data_) throw std::bad_alloc();
  pcre2_set_heap_limit(context_.get(), kHeapLimit);
}

std::optional<Pattern::Match> Scanner::match(std::size_t at, bool anchored) {
  const char* text = subject_.data() == nullptr ? "" : subject_.data();
  const int found = pcre2_match(pattern_.code_.get(), reinterpret_cast<PCRE2_SPTR>(text), subject_.size(), at,
                                anchored ? PCRE2_ANCHORED : 0, data_.get(), context_.get());
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found == PCRE2_ERROR_NOMEMORY) throw std::bad_alloc();
  if (found < 0)
    throw PatternLimit("cannot match the regular expression " + quote(pattern_.text_) + ": " + message(found));
  const std::size_t* offsets = pcre2_get_ovector_pointer(data_.get());
  return Pattern::Match{offsets[0], offsets[1], offsets[2 * pattern_.middle_]};
}

std::optional<Pattern::Match> Scanner::match_at(std::size_t at) { return match(at, true); }

std::optional<Pattern::Match> Scanner::search(std::size_t from) {
  if (from > subject_.size()) return std::nullopt;
  return match(from, false);
}

std::optional<Pattern::Match> Scanner::search_back(std::size_t from) {
  for (std::size_t at = std::min(from, subject_.size());; --at) {
    if (std::optional<Pattern::Match> found = match_at(at)) return found;
    if (at == 0) return std::nullopt;
  }
}

}  // namespace mtask::pool
