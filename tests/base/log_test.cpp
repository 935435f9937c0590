#include "base/log.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "base/unique_fd.hpp"

using mtask::UniqueFd;
namespace log_ = mtask::log;

namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// A file of its own, removed at the end.
class ScratchFile {
 public:
  ScratchFile() : fd_(::mkostemp(path_.data(), O_CLOEXEC)) { REQUIRE(fd_); }
  ~ScratchFile() { ::unlink(path_.c_str()); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  std::string path_ = "/tmp/mtask-log-XXXXXX";
  UniqueFd fd_;
};

// What `body` writes to `fd` (1 or 2).
template <class Body>
std::string captured(int fd, Body&& body) {
  const ScratchFile file;
  const UniqueFd saved(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  REQUIRE(::dup2(file.fd(), fd) == fd);
  body();
  REQUIRE(::dup2(saved.get(), fd) == fd);
  return contents(file.path());
}

void log_all() {
  log_::error("an error");
  log_::warn("a warning");
  log_::info("some news");
  log_::debug("a detail");
}

void start(log_::Level level, const std::optional<std::string>& file = std::nullopt) {
  REQUIRE(log_::init(level, file));
}

}  // namespace

TEST_CASE("stderr takes lines at least as grave as the level, undecorated") {
  const auto at = [](log_::Level level) {
    start(level);
    return captured(STDERR_FILENO, log_all);
  };
  CHECK(at(log_::Level::kError) == "an error\n");
  CHECK(at(log_::Level::kWarning) == "an error\na warning\n");
  CHECK(at(log_::Level::kInfo) == "an error\na warning\nsome news\n");
  CHECK(at(log_::Level::kDebug) == "an error\na warning\nsome news\na detail\n");
}

TEST_CASE("logging never touches stdout") {
  start(log_::Level::kDebug);
  std::string out;
  captured(STDERR_FILENO, [&out] { out = captured(STDOUT_FILENO, log_all); });
  CHECK(out.empty());
}

TEST_CASE("a text is one line and no format") {
  start(log_::Level::kInfo);
  CHECK(captured(STDERR_FILENO, [] { log_::info("a\nb\x1b[31m {} %s 'c\\n'"); }) == "a\\nb\\x1b[31m {} %s 'c\\n'\n");
}

TEST_CASE("the log file is appended to, with time and level, whatever stderr takes") {
  const ScratchFile file;
  REQUIRE(::write(file.fd(), "before\n", 7) == 7);
  start(log_::Level::kError, file.path());
  CHECK(captured(STDERR_FILENO, log_all) == "an error\n");
  start(log_::Level::kInfo);
  const std::string text = contents(file.path());
  const std::string stamp = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d \d+ )";
  const std::regex expected("before\n" + stamp + "error: an error\n" + stamp + "warning: a warning\n" + stamp +
                            "info: some news\n" + stamp + "debug: a detail\n");
  INFO(text);
  CHECK(std::regex_match(text, expected));
}

TEST_CASE("a recorded line goes to the log file alone") {
  const ScratchFile file;
  start(log_::Level::kDebug, file.path());
  CHECK(captured(STDERR_FILENO, [] { log_::record(log_::Level::kWarning, "shown elsewhere"); }).empty());
  CHECK(contents(file.path()).ends_with(" warning: shown elsewhere\n"));
  start(log_::Level::kDebug);
  CHECK(captured(STDERR_FILENO, [] { log_::record(log_::Level::kWarning, "nowhere"); }).empty());
}

TEST_CASE("a forked child repeats no line of its parent") {
  const ScratchFile file;
  start(log_::Level::kError, file.path());
  log_::info("from the parent");
  const pid_t child = ::fork();
  if (child == 0) {
    log_::info("from the child");
    std::exit(0);  // runs destructors of statics, where buffers would be flushed
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  start(log_::Level::kInfo);
  const std::string text = contents(file.path());
  const auto first = text.find("from the parent");
  REQUIRE(first != std::string::npos);
  CHECK(text.find("from the parent", first + 1) == std::string::npos);
  CHECK(text.find("from the child") != std::string::npos);
}

TEST_CASE("a log file that cannot be opened is a usage error with its name") {
  const auto done = log_::init(log_::Level::kInfo, "/nonexistent/a\nb");
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == mtask::ErrorKind::kUsage);
  CHECK(done.error().message() == "cannot open log file '/nonexistent/a\\nb': No such file or directory");
}

TEST_CASE("a line that the log file doesn't take is told with the file's name, until the next file") {
  start(log_::Level::kError, "/dev/full");
  log_::record(log_::Level::kInfo, "lost");
  const auto lost = log_::check_file();
  REQUIRE_FALSE(lost);
  CHECK(lost.error().message() == "cannot write to log file '/dev/full': No space left on device");
  const ScratchFile file;
  start(log_::Level::kError, file.path());
  log_::record(log_::Level::kInfo, "kept");
  CHECK(log_::check_file());
  start(log_::Level::kError);
}
