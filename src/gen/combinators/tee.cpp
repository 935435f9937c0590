// tee: values go on, and into a file.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/io.hpp"
#include "mtask/sleep.hpp"

namespace mtask::gen {
namespace {

// A regular file gets its name when the stream has ended well: until then, and after a failure, the name is what it
// was. What is appended to, and what is no regular file, is written to directly, and so is what standard output or
// standard error write to, too.
class TeeFile {
 public:
  TeeFile(std::string path, bool append) : path_(std::move(path)), append_(append) {}
  TeeFile(const TeeFile&) = delete;
  TeeFile& operator=(const TeeFile&) = delete;
  ~TeeFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  [[nodiscard]] task<Result<void>> write(std::string_view text) {
    if (!fd_) {
      Result<void> opened = co_await open();
      if (!opened) co_return opened;
    }
    while (!text.empty()) {
      const ssize_t count = ::write(fd_.get(), text.data(), text.size());
      if (count > 0) {
        text.remove_prefix(static_cast<std::size_t>(count));
      } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
        if (count == 0) errno = EIO;
        co_return failed("cannot write to");
      } else if (errno == EAGAIN) {
        co_await writable(fd_.get());
      }
    }
    co_return Result<void>();
  }

  Result<void> finish() {
    if (!fd_) return {};
    if (auto closed = fd_.close(); !closed)
      return Unexpected(
          system_error(ErrorKind::kItem, closed.error().code.value(), "tee: cannot write to " + quote(path_)));
    if (temporary_.empty()) return {};
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failed("cannot replace");
    temporary_.clear();
    return {};
  }

 private:
  Unexpected failed(const char* what) const {
    return Unexpected(system_error(ErrorKind::kItem, errno, std::string("tee: ") + what + " " + quote(path_)));
  }

  [[nodiscard]] task<Result<void>> open() {
    struct stat status {};
    const bool exists = ::stat(path_.c_str(), &status) == 0;
    struct stat link {};
    const bool leads_nowhere = !exists && ::lstat(path_.c_str(), &link) == 0;
    if (exists && share_output(status)) co_return Result<void>();
    if (append_ || leads_nowhere || (exists && !S_ISREG(status.st_mode))) co_return co_await open_directly();
    co_return open_beside(exists, status);
  }

  // A second description of the same file would have a place of its own in it.
  bool share_output(const struct stat& status) {
    for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
      struct stat other {};
      if (::fstat(output, &other) == 0 && other.st_dev == status.st_dev && other.st_ino == status.st_ino) {
        fd_.reset(::fcntl(output, F_DUPFD_CLOEXEC, 3));
        return static_cast<bool>(fd_);
      }
    }
    return false;
  }

  [[nodiscard]] task<Result<void>> open_directly() {
    constexpr std::chrono::milliseconds kLook{20};  // the system does not tell when a fifo gets its reader
    for (;;) {
      fd_.reset(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666));
      if (fd_) co_return Result<void>();
      if (errno != ENXIO && errno != EINTR) co_return failed("cannot open");
      co_await sleep_for(kLook);
    }
  }

  Result<void> open_beside(bool exists, const struct stat& status) {
    // What a link leads to is replaced, not the link.
    if (char* const target = exists ? ::realpath(path_.c_str(), nullptr) : nullptr) {
      path_ = target;
      std::free(target);
    }
    temporary_ = path_ + ".XXXXXX";
    fd_.reset(::mkostemp(temporary_.data(), O_CLOEXEC));
    if (!fd_) {
      temporary_.clear();
      return failed("cannot write beside");
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    const mode_t mode = exists ? status.st_mode & 07777U : 0666U & ~mask;
    if (::fchmod(fd_.get(), mode) != 0) return failed("cannot set the mode of the new");
    return {};
  }

  std::string path_;
  bool append_;
  std::string temporary_;
  UniqueFd fd_;
};

class Tee final : public Combinator {
 public:
  Tee(StreamPtr upstream, std::string path, bool append, const Runtime& runtime)
      : Combinator(std::move(upstream)), file_(std::move(path), append), runtime_(runtime) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    Result<void> pulled = co_await upstream().pull(out, std::min(want, kBatchValues));
    if (!pulled) co_return pulled;
    text_.clear();
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.append_value(i, runtime_.field_separator, text_);
      text_ += runtime_.record_end;
    }
    begun_ = true;
    co_return co_await file_.write(text_);
  }

  // Who takes values may have had enough before the end; that is an end, too.
  [[nodiscard]] task<void> close() override {
    co_await Combinator::close();
    if (!begun_ || !runtime_.ended_well) co_return;
    Result<void> finished = file_.finish();
    if (!finished) runtime_.report(finished.error());
  }

 private:
  TeeFile file_;
  const Runtime& runtime_;
  std::string text_;
  bool begun_ = false;
};

}  // namespace

Result<StreamPtr> make_tee(StageArguments& arguments) {
  const Word& path = arguments.operands()[0];
  if (path.text.empty()) return Unexpected(arguments.refuse(path, "is no name of a file"));
  return StreamPtr(
      std::make_unique<Tee>(arguments.take_upstream(), path.text, arguments.has("append"), arguments.runtime()));
}

}  // namespace mtask::gen
