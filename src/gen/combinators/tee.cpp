// tee: values go on, and into a file.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"
#include "os/fd_io.hpp"

namespace mtask::gen {
namespace {

// A regular file gets its name when the stream has ended: until then, and after a failure, the name is what it was.
// What is appended to, and what is no regular file, is written to directly.
class TeeFile {
 public:
  TeeFile(std::string path, bool append) : path_(std::move(path)), append_(append) {}
  TeeFile(const TeeFile&) = delete;
  TeeFile& operator=(const TeeFile&) = delete;
  ~TeeFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }

  Result<void> write(std::string_view text) {
    if (!fd_) {
      if (auto opened = open(); !opened) return opened;
    }
    if (os::write_full(fd_.get(), text.data(), text.size()) == 0) return {};
    return failed("cannot write to");
  }

  Result<void> finish() {
    if (auto written = write(""); !written) return written;
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

  Result<void> open() {
    struct stat status {};
    const bool exists = ::stat(path_.c_str(), &status) == 0;
    if (append_ || (exists && !S_ISREG(status.st_mode))) {
      fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666));
      return fd_ ? Result<void>() : failed("cannot open");
    }
    // What a link leads to is replaced, not the link.
    if (char* const target = exists ? ::realpath(path_.c_str(), nullptr) : nullptr) {
      path_ = target;
      std::free(target);
    }
    temporary_ = path_ + ".XXXXXX";
    fd_ = UniqueFd(::mkostemp(temporary_.data(), O_CLOEXEC));
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
    whole_ = false;  // until this has gone well
    Result<void> pulled = co_await upstream().pull(out, std::min(want, kBatchValues));
    if (!pulled) co_return pulled;
    text_.clear();
    for (std::size_t i = 0; i < out.size(); ++i) {
      out.append_value(i, runtime_.field_separator, text_);
      text_ += runtime_.record_end;
    }
    Result<void> written = file_.write(text_);
    whole_ = written.has_value();
    co_return written;
  }

  // Who takes values may have had enough before the end; that is an end, too.
  [[nodiscard]] task<void> close() override {
    co_await Combinator::close();
    if (!std::exchange(whole_, false)) co_return;
    Result<void> finished = file_.finish();
    if (!finished) runtime_.report(finished.error());
  }

 private:
  TeeFile file_;
  const Runtime& runtime_;
  std::string text_;
  bool whole_ = false;  // all that was asked for is in the file
};

}  // namespace

Result<StreamPtr> make_tee(StageArguments& arguments) {
  const Word& path = arguments.operands()[0];
  if (path.text.empty()) return Unexpected(arguments.refuse(path, "is no name of a file"));
  return StreamPtr(
      std::make_unique<Tee>(arguments.take_upstream(), path.text, arguments.has("append"), arguments.runtime()));
}

}  // namespace mtask::gen
