#pragma once
// Writing what listeners have to say: whole buffers, whole lines, whole files.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

namespace mtask::ui {

// Writes all of `bytes`, waiting where `fd` is non-blocking. 0, or an errno value.
[[nodiscard]] int write_all(int fd, std::string_view bytes) noexcept;

// Collects lines and writes them to an fd in whole lines: at once when the last write is 100 ms ago, else together.
// After the first failure nothing more is written. Not thread-safe; owns no fd; the destructor writes nothing.
class LineWriter {
 public:
  // `what` names the stream in errors: "standard output". `before_write` is called before each write (to take the bar
  // off the same terminal), `on_failure` once.
  LineWriter(int fd, std::string what, std::function<void()> before_write, std::function<void(const Error&)> on_failure)
      : fd_(fd), what_(std::move(what)), before_write_(std::move(before_write)), on_failure_(std::move(on_failure)) {}

  void line(std::string_view text);  // without the newline
  void beat();                       // writes what has waited for 100 ms
  Result<void> flush();              // writes all; the first failure of all calls

 private:
  int fd_;
  std::string what_;
  std::function<void()> before_write_;
  std::function<void(const Error&)> on_failure_;
  std::string waiting_;
  std::chrono::steady_clock::time_point last_write_{};
  std::optional<Error> failure_;
};

// Fails (kUsage) when no file can be made at `path`; leaves nothing behind and touches no file that is there.
[[nodiscard]] Result<void> check_writable(const std::string& path);

// A file that gets its name only when it is whole. Where `path` is a device or a pipe, it is written directly.
class NewFile {
 public:
  [[nodiscard]] static Result<NewFile> create(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();  // without commit() the file vanishes

  // Appends, buffered; failures come out of commit().
  void write(std::string_view bytes);
  [[nodiscard]] Result<void> commit();

 private:
  NewFile(int fd, std::string path, std::string temporary)
      : fd_(fd), path_(std::move(path)), temporary_(std::move(temporary)) {}
  void flush();

  int fd_;
  std::string path_;
  std::string temporary_;  // empty: written directly
  std::string buffer_;
  int error_ = 0;
};

}  // namespace mtask::ui
