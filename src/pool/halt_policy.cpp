#include "pool/halt_policy.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "pool/exit_status.hpp"

namespace mtask::pool {
namespace {

constexpr std::uint64_t kFewestForShare = 3;

// Takes `word` off the front of `text`.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// "3", or "2.5%" up to 100; both above 0.
bool read_amount(std::string_view text, Halt& halt) {
  const char* const end = text.data() + text.size();
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  if (!text.ends_with('%')) {
    const auto [at, error] = std::from_chars(text.data(), end, halt.count);
    return error == std::errc() && at == end && halt.count > 0;
  }
  const auto [at, error] = std::from_chars(text.data(), end - 1, halt.percent, std::chars_format::fixed);
  return error == std::errc() && at == end - 1 && halt.percent > 0 && halt.percent <= 100;
}

std::optional<Halt> read_halt(std::string_view text) {
  using When = Halt::When;
  using Of = Halt::Of;
  if (text == "never" || text == "0") return Halt{};
  if (text == "1" || text == "2") return Halt{text == "1" ? When::kSoon : When::kNow, Of::kFail, 1, 0};
  if (text == "-1" || text == "-2") return Halt{text == "-1" ? When::kSoon : When::kNow, Of::kSuccess, 1, 0};
  Halt halt{When::kSoon, Of::kFail, 0, 0};
  if (text.ends_with('%') && read_amount(text, halt)) return halt;
  if (take(text, "now,")) {
    halt.when = When::kNow;
  } else if (!take(text, "soon,")) {
    return std::nullopt;
  }
  if (take(text, "success=")) {
    halt.of = Of::kSuccess;
  } else if (take(text, "done=")) {
    halt.of = Of::kDone;
  } else if (!take(text, "fail=")) {
    return std::nullopt;
  }
  return read_amount(text, halt) ? std::optional(halt) : std::nullopt;
}

}  // namespace

Result<Halt> parse_halt(std::string_view text) {
  if (const auto halt = read_halt(text)) return *halt;
  return Unexpected(usage_error(quote(text) +
                                " does not say when to halt: write now,fail=1 or soon,fail=20% (now or soon; fail, "
                                "success or done; a count or a share to 100%), never, or parallel's older 0, 1, 2, -1, "
                                "-2 and 1% to 100%"));
}

bool HaltPolicy::reached(std::optional<std::uint64_t> total) const noexcept {
  std::uint64_t count = done_;
  if (halt_.of == Halt::Of::kFail) count = failed_;
  if (halt_.of == Halt::Of::kSuccess) count = done_ - failed_;
  if (halt_.percent <= 0) return count >= halt_.count;
  return total && count > 0 && done_ >= kFewestForShare &&
         static_cast<double>(count) * 100 >= halt_.percent * static_cast<double>(*total);
}

Halt::When HaltPolicy::ended(const JobResult& result, std::optional<std::uint64_t> total) {
  ++done_;
  if (has_failed(result)) ++failed_;
  if (halt_.when == Halt::When::kNever) return Halt::When::kNever;
  if (!value_) {
    if (!reached(total)) return Halt::When::kNever;
    if (halt_.of == Halt::Of::kSuccess) {
      value_ = 0;
    } else if (halt_.percent > 0) {
      value_ = percent_exit_status(failed_, *total);
    } else {
      value_ = halt_.count == 1 ? job_exit_status(result) : counted_exit_status(failed_);
    }
  }
  return halt_.when;
}

int HaltPolicy::exit_status() const noexcept {
  if (value_) return *value_;
  const bool share = halt_.when != Halt::When::kNever && halt_.percent > 0;
  return share ? percent_exit_status(failed_, done_) : counted_exit_status(failed_);
}

}  // namespace mtask::pool
