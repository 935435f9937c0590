#include "base/log.hpp"

#include <fcntl.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <spdlog/version.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace mtask::log {
namespace {

int g_file_trouble = 0;  // errno of the first line that the log file didn't take
std::string g_file_name;

// spdlog's own sinks go through stdio, whose buffers a fork would double.
class FdSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Writes to `fd`, which stays the caller's unless it is in `owned`.
  explicit FdSink(int fd, UniqueFd owned = {}) : fd_(fd), owned_(std::move(owned)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const char* next = line.data();
    std::size_t left = line.size();
    while (left > 0) {
      const ssize_t written = ::write(fd_, next, left);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        if (owned_ && g_file_trouble == 0) g_file_trouble = written < 0 ? errno : EIO;
        return;  // check_file() tells it
      }
      next += written;
      left -= static_cast<std::size_t>(written);
    }
  }
  void flush_() override {}

 private:
  int fd_;
  UniqueFd owned_;
};

std::shared_ptr<FdSink> stderr_sink(spdlog::level::level_enum level) {
  auto sink = std::make_shared<FdSink>(STDERR_FILENO);
  sink->set_pattern("%v");
  sink->set_level(level);
  return sink;
}

std::shared_ptr<spdlog::logger> install(std::vector<spdlog::sink_ptr> sinks) {
  auto logger = std::make_shared<spdlog::logger>("mtask", sinks.begin(), sinks.end());
  logger->set_level(spdlog::level::trace);
  // Anything that goes through spdlog's default logger would land in stdout, which is for data.
  spdlog::set_default_logger(logger);
  return logger;
}

std::shared_ptr<spdlog::logger>& current() {
  static std::shared_ptr<spdlog::logger> logger = install({stderr_sink(spdlog::level::warn)});
  return logger;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kError:
      return spdlog::level::err;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kDebug:
      return spdlog::level::debug;
  }
  return spdlog::level::debug;
}

// The log file alone; null when there is none.
std::shared_ptr<spdlog::logger>& file_only() {
  static std::shared_ptr<spdlog::logger> logger;
  return logger;
}

void write_to(spdlog::logger& logger, Level level, std::string_view text) {
  if (!logger.should_log(to_spdlog(level))) return;
  const std::string line = one_line(text);
  logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void write(Level level, std::string_view text) { write_to(*current(), level, text); }

}  // namespace

Result<void> init(Level level, const std::optional<std::string>& file) {
  std::vector<spdlog::sink_ptr> sinks = {stderr_sink(to_spdlog(level))};
  if (file) {
    UniqueFd fd(::open(file->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666));
    if (!fd) return Unexpected(system_error(ErrorKind::kUsage, errno, "cannot open log file " + quote(*file)));
    const int number = fd.get();
    auto sink = std::make_shared<FdSink>(number, std::move(fd));
    sink->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %P %l: %v");
    g_file_trouble = 0;
    g_file_name = *file;
    file_only() = std::make_shared<spdlog::logger>("mtask", sink);
    file_only()->set_level(spdlog::level::trace);
    sinks.push_back(std::move(sink));
  } else {
    file_only().reset();
  }
  current() = install(std::move(sinks));
  return {};
}

Result<void> check_file() {
  if (g_file_trouble == 0) return {};
  return Unexpected(system_error(ErrorKind::kItem, g_file_trouble, "cannot write to log file " + quote(g_file_name)));
}

void error(std::string_view text) { write(Level::kError, text); }
void warn(std::string_view text) { write(Level::kWarning, text); }
void info(std::string_view text) { write(Level::kInfo, text); }
void debug(std::string_view text) { write(Level::kDebug, text); }

std::string library() {
  return "spdlog " + std::to_string(SPDLOG_VER_MAJOR) + '.' + std::to_string(SPDLOG_VER_MINOR) + '.' +
         std::to_string(SPDLOG_VER_PATCH);
}

void record(Level level, std::string_view text) {
  if (const auto& logger = file_only()) write_to(*logger, level, text);
}

}  // namespace mtask::log
