#pragma once
// Asking a run to stop: like std::stop_token, but it can be requested from a signal handler and has a file descriptor
// that a poll loop can watch. std::stop_source::request_stop() is not async-signal-safe and wakes no poll.

#include <atomic>

namespace mtask {

class StopToken;

// Owns the request. Must outlive its tokens. request() is async-signal-safe and thread-safe.
class StopSource {
 public:
  StopSource();  // throws std::system_error when no eventfd can be had
  ~StopSource();
  StopSource(const StopSource&) = delete;
  StopSource& operator=(const StopSource&) = delete;

  // `reason`: the signal number, or 0 when a program asks. The first reason stays.
  void request(int reason) noexcept;
  [[nodiscard]] StopToken token() const noexcept;
  // Called by the first request(), wherever that comes from: async-signal-safe. One function at most.
  void on_request(void (*function)() noexcept) noexcept { function_.store(function); }

 private:
  friend class StopToken;
  std::atomic<int> reason_{-1};
  std::atomic<void (*)() noexcept> function_{nullptr};
  int fd_ = -1;
};

// A view of a StopSource; cheap to copy. A default one never stops.
class StopToken {
 public:
  StopToken() = default;
  [[nodiscard]] bool stop_requested() const noexcept { return source_ != nullptr && source_->reason_.load() >= 0; }
  // The signal's number, 0 for a program's own request; meaningful once stop was requested.
  [[nodiscard]] int reason() const noexcept { return source_ == nullptr ? 0 : source_->reason_.load(); }
  // Readable (and stays so) once stop was requested; -1 for a token that never stops. Owned by the source.
  [[nodiscard]] int fd() const noexcept { return source_ == nullptr ? -1 : source_->fd_; }

 private:
  friend class StopSource;
  explicit StopToken(const StopSource& source) noexcept : source_(&source) {}
  const StopSource* source_ = nullptr;
};

inline StopToken StopSource::token() const noexcept { return StopToken(*this); }

}  // namespace mtask
