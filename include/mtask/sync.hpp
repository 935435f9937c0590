#pragma once
// async_mutex and semaphore: tasks of one loop that take turns, across their co_awaits. (Between two co_awaits a task
// is alone anyway.)
//
//   async_mutex m("table");
//   auto lock = co_await m.lock();       // until `lock` is destroyed
//
//   semaphore s(3, "connections");
//   auto permit = co_await s.acquire();  // until `permit` is destroyed
//
// Who has waited longest is next, and gets it handed over: nobody overtakes. What is free is had without waiting, so
// the others do not run. In a cancelled task they throw
// `cancelled`. Both outlive those who wait for or hold them. They belong to the loop's thread.

#include <coroutine>
#include <cstddef>
#include <string>
#include <utility>

#include "mtask/wait_list.hpp"

namespace mtask {

class semaphore {
 public:
  explicit semaphore(std::size_t permits, std::string name = {}) : semaphore(permits, std::move(name), "semaphore") {}
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;

  // Gives its permit back at its end. Move-only.
  class permit {
   public:
    permit() noexcept = default;
    explicit permit(semaphore& from) noexcept : from_(&from) {}
    permit(permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    permit& operator=(permit&& other) noexcept {
      if (this != &other) {
        release();
        from_ = std::exchange(other.from_, nullptr);
      }
      return *this;
    }
    ~permit() { release(); }
    void release() noexcept {
      if (semaphore* const from = std::exchange(from_, nullptr)) from->release();
    }
    explicit operator bool() const noexcept { return from_ != nullptr; }

   private:
    semaphore* from_ = nullptr;
  };

  class acquire_awaiter;
  [[nodiscard]] acquire_awaiter acquire() noexcept;
  // One permit more.
  void release();
  [[nodiscard]] std::size_t available() const noexcept { return permits_; }

 protected:
  semaphore(std::size_t permits, std::string name, const char* kind)
      : permits_(permits), name_(std::move(name)), kind_(kind) {}

 private:
  std::size_t permits_;  // 0 while anybody waits
  std::string name_;
  const char* kind_;
  detail::wait_list waiting_;
};

class semaphore::acquire_awaiter final : public detail::queued_wait {
 public:
  explicit acquire_awaiter(semaphore& from) noexcept : queued_wait(from.waiting_), from_(from) {}
  // What was handed over to a task that was destroyed before it ran again goes to the next one.
  ~acquire_awaiter() override {
    if (given_) from_.release();
  }
  [[nodiscard]] bool await_ready() noexcept {
    if (cancelled_already()) return true;
    if (from_.permits_ == 0) return false;
    --from_.permits_;
    given_ = true;
    return true;
  }
  [[nodiscard]] permit await_resume() {
    throw_if_given_up();
    given_ = false;
    return permit(from_);
  }
  [[nodiscard]] std::string what() const override { return detail::describe(from_.kind_, from_.name_, ""); }

 private:
  friend class semaphore;
  semaphore& from_;
  bool given_ = false;
};

inline semaphore::acquire_awaiter semaphore::acquire() noexcept { return acquire_awaiter(*this); }

inline void semaphore::release() {
  if (waiting_.empty()) {
    ++permits_;
    return;
  }
  static_cast<acquire_awaiter*>(waiting_.front())->given_ = true;
  waiting_.wake_front();
}

class async_mutex : private semaphore {
 public:
  using lock_type = permit;
  explicit async_mutex(std::string name = {}) : semaphore(1, std::move(name), "mutex") {}
  [[nodiscard]] acquire_awaiter lock() noexcept { return acquire(); }
  [[nodiscard]] bool is_locked() const noexcept { return available() == 0; }
};

}  // namespace mtask
