#pragma once
// Result<T>: a value, or an Error that says why there is none.
//
// Shaped like std::expected (C++23), of which it is a subset, so that moving to the standard type is a rename.
// A Result must be looked at ([[nodiscard]]); reading the value of a failed one is a bug and throws std::logic_error.
// Not thread-safe by itself; distinct objects may be used from distinct threads.

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace mtask {

// What an error means for the run as a whole; the CLI maps it to an exit code, and nobody else does.
enum class ErrorKind : unsigned char {
  kItem,         // one item failed, the others go on                          (exit 1)
  kUsage,        // the request itself is wrong; nothing was touched           (exit 2)
  kUnavailable,  // it could not run at all: no such source, no space on disk  (exit 3)
  kInterrupted,  // a signal asked it to stop                                  (exit 128 + signal)
};

// What failed: `context` says what was tried and on what, with names quoted ("cannot open 'a/b'");
// `code` is the system's reason, empty where there is none.
struct Error {
  ErrorKind kind = ErrorKind::kItem;
  std::error_code code;
  std::string context;

  // One line for a person: the context, then the reason where there is one.
  [[nodiscard]] std::string message() const;
};

// An Error from an errno value.
[[nodiscard]] Error system_error(ErrorKind kind, int errno_value, std::string context);
[[nodiscard]] Error usage_error(std::string context);

// Wraps an error on its way into a Result, as std::unexpected does.
class Unexpected {
 public:
  explicit Unexpected(Error error) : error_(std::move(error)) {}
  [[nodiscard]] Error& error() & noexcept { return error_; }
  [[nodiscard]] Error&& error() && noexcept { return std::move(error_); }

 private:
  Error error_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = Error;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Unexpected failure)
      : state_(std::in_place_index<1>, std::move(failure).error()) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & { return checked(), std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return checked(), std::get<0>(state_); }
  [[nodiscard]] T&& value() && { return checked(), std::get<0>(std::move(state_)); }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] Error& error() & { return std::get<1>(state_); }
  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { return std::get<1>(std::move(state_)); }

  template <class U>
  [[nodiscard]] T value_or(U&& other) const& {
    return has_value() ? std::get<0>(state_) : static_cast<T>(std::forward<U>(other));
  }

 private:
  void checked() const {
    if (!has_value()) throw std::logic_error("value of a failed Result: " + std::get<1>(state_).message());
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  using error_type = Error;

  Result() = default;
  Result(Unexpected failure)
      : error_(std::move(failure).error()), failed_(true) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (failed_) throw std::logic_error("value of a failed Result: " + error_.message());
  }
  [[nodiscard]] Error& error() & { return error_; }
  [[nodiscard]] const Error& error() const& { return error_; }
  [[nodiscard]] Error&& error() && { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace mtask
