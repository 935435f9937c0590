#include "pool/shell_quote.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

#include "base/text.hpp"
#include "pool/job.hpp"

namespace mtask::pool {
namespace {

constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0; c < 256; ++c)
    plain[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  for (const char c : {'-', '_', '.', '+', '/', kSlotMark}) plain[static_cast<unsigned char>(c)] = true;
  return plain;
}();

constexpr std::string_view kQuote = "'\"'\"'";  // leaves the single quotes, a quoted single quote, and enters again

bool is_plain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_bourne_like(std::string_view path) {
  constexpr std::array<std::string_view, 11> kKnown = {"sh",   "bash",  "dash", "zsh",     "ksh", "ksh93",
                                                       "mksh", "pdksh", "ash",  "busybox", "yash"};
  return std::find(kKnown.begin(), kKnown.end(), name_of(path)) != kKnown.end();
}

bool is_foreign(std::string_view path) {
  constexpr std::array<std::string_view, 8> kForeign = {"csh", "tcsh", "fish", "rc", "es", "nu", "pwsh", "xonsh"};
  return std::find(kForeign.begin(), kForeign.end(), name_of(path)) != kForeign.end();
}

}  // namespace

void append_quoted(std::string& out, std::string_view value) {
  if (value.empty()) {
    out += "''";
    return;
  }
  if (is_plain(value)) {
    out += value;
    return;
  }
  if (value.front() != '\'') out += '\'';  // where it is one, the empty pair before it is left out
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(value.find('\'', at), value.size());
    out += value.substr(at, end - at);
    if (end == value.size()) break;
    out += kQuote.substr(end == 0 ? 1 : 0, kQuote.size() - (end == 0 ? 1 : 0) - (end + 1 == value.size() ? 1 : 0));
    at = end + 1;
  }
  if (value.back() != '\'') out += '\'';
}

std::string shell_quoted(std::string_view value) {
  std::string out;
  append_quoted(out, value);
  return out;
}

std::size_t quoted_length(std::string_view value) {
  if (value.empty()) return 2;
  if (is_plain(value)) return value.size();
  const auto quotes = static_cast<std::size_t>(std::count(value.begin(), value.end(), '\''));
  const std::size_t ends = (value.front() == '\'' ? 2U : 0U) + (value.back() == '\'' ? 2U : 0U);
  return value.size() + 2 + quotes * (kQuote.size() - 1) - ends;
}

Result<std::string> job_shell() {
  if (const char* wanted = std::getenv("PARALLEL_SHELL"); wanted != nullptr && *wanted != '\0') {
    if (is_foreign(wanted))
      return Unexpected(usage_error("PARALLEL_SHELL must be a Bourne-like shell, not " + quote(wanted)));
    return std::string(wanted);
  }
  if (const char* shell = std::getenv("SHELL"); shell != nullptr && is_bourne_like(shell)) return std::string(shell);
  return std::string("/bin/sh");
}

}  // namespace mtask::pool
