#include "ui/ui.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "ui/json_lines.hpp"
#include "ui/output.hpp"
#include "ui/recorder.hpp"
#include "ui/report.hpp"
#include "ui/screen.hpp"
#include "ui/trace.hpp"
#include "ui/troubles.hpp"

namespace mtask::ui {
namespace {

bool to_stdout(const std::optional<std::string>& json_path) {
  return json_path && (json_path->empty() || *json_path == "-");
}

class Listeners final : public Ui {
 public:
  // `json_file`: open for writing when JSON goes to a file, else none.
  Listeners(const Options& options, UniqueFd json_file)
      : options_(options),
        began_(std::chrono::steady_clock::now()),
        screen_(options_, began_),
        troubles_(screen_, options_),
        json_file_(std::move(json_file)) {
    const auto room = [this] { screen_.make_room(); };
    const auto lost = [this](const Error& error) {
      if (!lost_ && options_.on_output_lost) options_.on_output_lost(error);
      lost_ = true;
    };
    if (json_file_) {
      json_.emplace(json_file_.get(), quote(*options_.json_path), nullptr, lost);
    } else if (to_stdout(options_.json_path)) {
      json_.emplace(options_.out_fd, "standard output", room, lost);
    }
    if (options_.dry_run_lines && !to_stdout(options_.json_path)) {
      plain_.emplace(options_.out_fd, "standard output", room, lost);
    }
    if (options_.report_path || options_.trace_path) recorder_.emplace(began_);
  }

  void event(const Event& event) override;
  void progress(const Progress& progress) override;
  [[nodiscard]] Detail detail() const override;
  [[nodiscard]] bool progress_wanted() const override { return screen_.shows_progress() || json_ || plain_; }
  [[nodiscard]] bool totals_wanted() const override { return screen_.shows_progress(); }
  void message(std::string_view text) override {
    screen_.say(log::Level::kInfo, "mtask " + options_.command + ": " + std::string(text));
  }
  void line(std::string_view text) override { screen_.say(log::Level::kInfo, text); }
  void make_room() override { screen_.make_room(); }
  [[nodiscard]] Result<void> finish(const SummaryFields& summary) override;

 private:
  void tell_trouble(const Event& event);
  void tell_item(const Event& event);

  Options options_;
  MonotonicTime began_;
  Screen screen_;
  Troubles troubles_;
  UniqueFd json_file_;
  std::optional<LineWriter> json_;
  std::optional<LineWriter> plain_;
  std::optional<Recorder> recorder_;
  bool lost_ = false;
};

Events::Detail Listeners::detail() const {
  const int verbosity = options_.quiet ? 0 : options_.verbosity;
  if (json_ || recorder_ || verbosity > 1) return Detail::kAll;
  return verbosity > 0 || plain_ ? Detail::kItems : Detail::kTroubles;
}

void Listeners::event(const Event& event) {
  tell_trouble(event);
  tell_item(event);
  if (json_) json_->line(event_line(event, began_, options_.name_key));
  if (plain_ && event.kind == Event::Kind::kFinished) {
    plain_->line(std::string(event.action) + ' ' + quote(event.name));
  }
  if (recorder_) recorder_->event(event);
}

void Listeners::tell_trouble(const Event& event) {
  const bool told =
      event.kind == Event::Kind::kFailed || event.kind == Event::Kind::kRetried || event.kind == Event::Kind::kWarning;
  if (!told || !options_.trouble_text) return troubles_.event(event);
  const std::string text = options_.trouble_text(event);
  Event named = event;
  named.detail = text;
  troubles_.event(named);
}

// -v tells what was done, -vv also what was begun and left as it is, and by whom.
void Listeners::tell_item(const Event& event) {
  if (options_.quiet || options_.verbosity < 1) return;
  const bool more = options_.verbosity > 1;
  std::string line;
  if (more) line = event.worker == kNoWorker ? "[-] " : "[" + std::to_string(event.worker) + "] ";
  switch (event.kind) {
    case Event::Kind::kFinished:
      if (plain_ && !more) return;  // it is on stdout already
      line += std::string(event.action) + ' ' + quote(event.name);
      if (event.bytes != 0) line += ", " + format_size(event.bytes);
      break;
    case Event::Kind::kStarted:
      line += "start " + quote(event.name);
      break;
    case Event::Kind::kSkipped:
      line += "skip " + quote(event.name);
      break;
    default:
      return;
  }
  if (event.kind == Event::Kind::kFinished || more) screen_.say(log::Level::kInfo, line);
}

void Listeners::progress(const Progress& progress) {
  screen_.progress(progress);
  if (json_) json_->beat();
  if (plain_) plain_->beat();
  if (recorder_) recorder_->progress(progress);
}

Result<void> Listeners::finish(const SummaryFields& summary) {
  const MonotonicTime now = std::chrono::steady_clock::now();
  Result<void> result;
  const auto keep_first = [&result](Result<void> part) {
    if (result && !part) result = std::move(part);
  };
  screen_.close();
  troubles_.finish();
  if (plain_) keep_first(plain_->flush());
  if (json_) {
    json_->line(summary_line(summary, began_, now));
    keep_first(json_->flush());
    keep_first(json_file_.close());
  }
  if (recorder_) {
    recorder_->close(now);
    if (options_.report_path) {
      keep_first(write_report(*options_.report_path, options_.command, summary, *recorder_));
    }
    if (options_.trace_path) keep_first(write_trace(*options_.trace_path, options_.command, *recorder_));
  }
  return result;
}

// The number in /dev/fd/N and its like; -1: another file.
int named_descriptor(std::string_view path) {
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view digits = path.substr(folder.size());
    int number = -1;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (wrong == std::errc() && end == digits.data() + digits.size()) return number;
  }
  return -1;
}

// Opening /dev/fd/N anew would begin at the start of its file, truncate it, and fail with a socket. What is closed on
// exec was not inherited but is a descriptor of this program's own.
UniqueFd share_descriptor(int number) {
  const int flags = ::fcntl(number, F_GETFD);
  const bool writable = (::fcntl(number, F_GETFL) & O_ACCMODE) != O_RDONLY;
  if (flags == -1 || (flags & FD_CLOEXEC) != 0 || !writable) {
    errno = EBADF;
    return {};
  }
  return UniqueFd(::fcntl(number, F_DUPFD_CLOEXEC, 3));
}

UniqueFd open_json(const std::string& path) {
  if (const int number = named_descriptor(path); number >= 0) return share_descriptor(number);
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666));
}

}  // namespace

Result<std::unique_ptr<Ui>> open(const Options& options) {
  for (const auto* path : {&options.report_path, &options.trace_path}) {
    if (!*path) continue;
    if (Result<void> writable = check_writable(**path); !writable) return Unexpected(writable.error());
  }
  UniqueFd json_file;
  if (options.json_path && !to_stdout(options.json_path)) {
    const std::string& path = *options.json_path;
    json_file = open_json(path);
    if (!json_file) return Unexpected(system_error(ErrorKind::kUsage, errno, "cannot write " + quote(path)));
  }
  return std::unique_ptr<Ui>(std::make_unique<Listeners>(options, std::move(json_file)));
}

}  // namespace mtask::ui
