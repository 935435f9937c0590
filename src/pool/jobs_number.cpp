#include "pool/jobs_number.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "os/cpus.hpp"
#include "os/fd_io.hpp"
#include "os/syscall.hpp"

namespace mtask::pool {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

std::optional<JobsForm> parse_jobs_form(std::string_view text) {
  JobsForm form;
  if (text.starts_with('+') || text.starts_with('-')) {
    form.kind = text[0] == '+' ? JobsForm::Kind::kMore : JobsForm::Kind::kFewer;
    text.remove_prefix(1);
  } else if (text.ends_with('%')) {
    form.kind = JobsForm::Kind::kPercent;
    text.remove_suffix(1);
  }
  const bool whole = form.kind != JobsForm::Kind::kPercent;
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  if (whole && text.find('.') != std::string_view::npos) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, form.number, std::chars_format::fixed);
  if (error != std::errc() || at != end) return std::nullopt;
  return form;
}

unsigned JobsForm::slots(unsigned cpus) const noexcept {
  double slots = number;
  switch (kind) {
    case Kind::kCount:
      if (number <= 0) slots = cpus;
      break;
    case Kind::kPercent:
      slots = std::ceil(cpus * number / 100);
      break;
    case Kind::kMore:
      slots = cpus + number;
      break;
    case Kind::kFewer:
      slots = cpus - number;
      break;
  }
  return static_cast<unsigned>(std::clamp(slots, 1.0, static_cast<double>(kMostSlots)));
}

Result<JobsNumber> parse_jobs(std::string_view text) {
  JobsNumber jobs;
  if (const auto form = parse_jobs_form(text)) {
    jobs.form_ = *form;
    return jobs;
  }
  jobs.path_ = text;
  struct stat status {};
  if (!text.empty() && text.find('\0') == std::string_view::npos && ::stat(jobs.path_.c_str(), &status) == 0 &&
      !S_ISDIR(status.st_mode)) {
    return jobs;
  }
  return Unexpected(usage_error(quote(text) +
                                " is no number of jobs: write 4, 50% (of the CPUs), +1 or -1 (more or fewer than there "
                                "are CPUs), 0 (the CPUs that may be used), or the name of a file that holds one of "
                                "these"));
}

Result<unsigned> JobsNumber::read_file() const {
  // Not to wait for the writer of a FIFO.
  const UniqueFd fd(os::retry([&] { return ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); }));
  std::array<char, 256> bytes;
  const ssize_t got = fd ? os::read_full(fd.get(), bytes.data(), bytes.size()) : -1;
  if (got == -1) {
    return Unexpected(
        system_error(ErrorKind::kUnavailable, errno, "cannot read the number of jobs from " + quote(path_)));
  }
  const std::string_view text = trimmed({bytes.data(), static_cast<std::size_t>(got)});
  if (const auto form = parse_jobs_form(text)) return form->slots(os::usable_cpus());
  return Unexpected(Error{ErrorKind::kUnavailable,
                          {},
                          quote(path_) + " holds no number of jobs, such as 4, 50%, +1, -1 or 0: " + quote(text)});
}

Result<unsigned> JobsNumber::evaluate() {
  Result<unsigned> slots = is_file() ? read_file() : Result<unsigned>(form_.slots(os::usable_cpus()));
  if (slots) {
    last_ = *slots;
    told_ = false;
    return slots;
  }
  if (told_ && last_) return *last_;
  told_ = true;
  return slots;
}

}  // namespace mtask::pool
