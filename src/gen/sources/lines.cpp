// lines: of files, one after the other.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "gen/sources/failure.hpp"
#include "gen/sources/line_reader.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"
#include "os/syscall.hpp"

namespace mtask::gen {
namespace {

const char* const kStandardInput = "-";

std::string shown(const std::string& file) { return file == kStandardInput ? "standard input" : quote(file); }

class Lines final : public Stream {
 public:
  Lines(std::vector<std::string> files, char line_end, const Runtime& runtime)
      : files_(std::move(files)), reader_(line_end), runtime_(runtime) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    for (;;) {
      out.clear();
      if (!file_) {
        if (at_ == files_.size()) co_return Result<void>();
        if (auto opened = open(); !opened) {
          Result<void> failed = fail(runtime_, next_file(std::move(opened).error()));
          if (!failed) co_return failed;
          continue;
        }
      }
      Result<void> read = co_await reader_.next(file_.get(), waits_, out, want);
      if (!read) {
        Error error = std::move(read).error();
        error.context = "lines: cannot read " + shown(files_[at_]);
        Result<void> failed = fail(runtime_, next_file(std::move(error)));
        if (!failed) co_return failed;
        continue;
      }
      if (!out.empty()) co_return Result<void>();
      next_file();
    }
  }

  [[nodiscard]] task<void> close() override {
    file_.reset();
    at_ = files_.size();
    co_return;
  }

  [[nodiscard]] bool live() const override {
    if (!live_) {
      live_ = std::any_of(files_.begin(), files_.end(), [](const std::string& file) {
        struct stat status {};
        const bool known =
            file == kStandardInput ? ::fstat(STDIN_FILENO, &status) == 0 : ::stat(file.c_str(), &status) == 0;
        return known && !S_ISREG(status.st_mode);
      });
    }
    return *live_;
  }

 private:
  Result<void> open() {
    const std::string& file = files_[at_];
    // Without waiting for the writer of a fifo. Standard input is shared with others, so its mode stays as it is.
    const int fd = file == kStandardInput
                       ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                       : os::retry([&] { return ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY); });
    file_.reset(fd);
    struct stat status {};
    if (fd == -1 || ::fstat(fd, &status) == -1) {
      return Unexpected(system_error(ErrorKind::kItem, errno, "lines: cannot open " + shown(file)));
    }
    waits_ = !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
    return {};
  }

  void next_file() {
    file_.reset();
    reader_.restart();
    ++at_;
  }
  Error next_file(Error error) {
    next_file();
    return error;
  }

  std::vector<std::string> files_;
  std::size_t at_ = 0;
  UniqueFd file_;
  bool waits_ = false;
  LineReader reader_;
  const Runtime& runtime_;
  mutable std::optional<bool> live_;
};

}  // namespace

Result<StreamPtr> make_lines(StageArguments& arguments) {
  std::vector<std::string> files;
  Runtime& runtime = arguments.runtime();
  const auto standard_input = [&](const Word& word) -> Result<void> {
    if (std::exchange(runtime.standard_input_taken, true)) {
      return Unexpected(arguments.refuse(word, "cannot be read twice: standard input goes to one stage"));
    }
    return {};
  };
  for (const Word& word : arguments.operands()) {
    if (word.text.find('\0') != std::string::npos) return Unexpected(arguments.refuse(word, "is no name of a file"));
    files.push_back(word.text);
    if (word.text != kStandardInput) continue;
    if (auto taken = standard_input(word); !taken) return Unexpected(std::move(taken).error());
  }
  if (files.empty()) {
    if (auto taken = standard_input(arguments.name()); !taken) return Unexpected(std::move(taken).error());
    files.emplace_back(kStandardInput);
  }
  const char line_end = arguments.has("null") ? '\0' : runtime.record_end;
  return StreamPtr(std::make_unique<Lines>(std::move(files), line_end, runtime));
}

}  // namespace mtask::gen
