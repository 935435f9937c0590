#pragma once
// What tasks, awaitables and the event loop have in common. A program includes task.hpp, event_loop.hpp and their like;
// who writes an awaitable of his own derives from `detail::wait`.
//
// All of it belongs to the one thread that runs the loop.

#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <version>
#if defined(__cpp_lib_source_location)
#include <source_location>
#endif

namespace mtask {

class event_loop;
class scope;

#if defined(__cpp_lib_source_location)
using source_location = std::source_location;
#else
// For compilers without the standard one: as much of it as is used here.
class source_location {
 public:
  static constexpr source_location current(const char* file = __builtin_FILE(),
                                           unsigned line = __builtin_LINE()) noexcept {
    source_location here;
    here.file_ = file;
    here.line_ = line;
    return here;
  }
  [[nodiscard]] constexpr const char* file_name() const noexcept { return file_; }
  [[nodiscard]] constexpr unsigned line() const noexcept { return line_; }

 private:
  const char* file_ = "";
  unsigned line_ = 0;
};
#endif

// Comes out of a co_await in a task that was cancelled. No std::exception on purpose: `catch (const std::exception&)`
// is for failures and must not keep a cancelled task alive. Cancelling stays: every later co_await of that task throws
// it, too, so what a task does after catching it must not wait.
class cancelled final {};

namespace detail {

class promise_base;

// What a parked task waits for. Lives in the coroutine that awaits it.
class wait {
 public:
  wait() = default;
  wait(const wait&) = delete;
  wait& operator=(const wait&) = delete;

  // The parked task is cancelled. True: it waits no more, and the caller makes it ready; its await_resume() throws.
  // False: what it waits for comes soon anyway and must be waited for.
  virtual bool cancel(promise_base& task) noexcept = 0;
  // The task's coroutines are about to be destroyed.
  virtual void drop(promise_base& task) noexcept { static_cast<void>(cancel(task)); }
  // For reports: "channel 'x' receive".
  [[nodiscard]] virtual std::string what() const = 0;

 protected:
  ~wait() = default;
};

// Where and under what name a task was spawned; shared by tasks for which both are equal.
struct label {
  std::size_t uses = 0;
  std::string name;
  source_location where;
};

// Brings the frame of a task that is soon to run into the cache. It begins a little before the promise, and is seldom
// more than three lines long. Null, a task that was taken out, does no harm.
inline void fetch(const promise_base* task) noexcept {
  const std::uintptr_t frame = reinterpret_cast<std::uintptr_t>(task) - 2 * sizeof(void*);
  for (std::uintptr_t line = 0; line < 3; ++line)
    __builtin_prefetch(reinterpret_cast<const void*>(frame + line * 64), 1);
}

// First in, first out, in blocks: a million entries neither move when it grows nor stay allocated when it is empty.
class ready_queue {
 public:
  ready_queue() : head_(new block), tail_(head_) {}
  ~ready_queue() {
    delete spare_;
    while (head_ != nullptr) delete std::exchange(head_, head_->next);
  }
  ready_queue(const ready_queue&) = delete;
  ready_queue& operator=(const ready_queue&) = delete;

  void push(promise_base* task) {
    if (end_ == kBlock) grow();
    tail_->tasks[end_++] = task;
  }
  // Null when it is empty.
  promise_base* pop() noexcept {
    while (!empty()) {
      promise_base* const task = head_->tasks[begin_++];
      if (begin_ + kAhead < (head_ == tail_ ? end_ : kBlock)) fetch(head_->tasks[begin_ + kAhead]);
      if (begin_ == kBlock && head_ != tail_) shrink();
      if (task != nullptr) return task;
    }
    return nullptr;
  }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_ && head_ == tail_; }
  // How many blocks its tasks lie in; one has room for 510.
  [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
  // Takes those out for which `pred` holds. Linear.
  template <class Predicate>
  void remove_if(Predicate pred) noexcept {
    std::size_t i = begin_;
    for (block* at = head_; at != nullptr; at = at->next, i = 0) {
      for (const std::size_t end = at == tail_ ? end_ : kBlock; i < end; ++i) {
        if (at->tasks[i] != nullptr && pred(at->tasks[i])) at->tasks[i] = nullptr;
      }
    }
  }

 private:
  static constexpr std::size_t kBlock = 510;
  static constexpr std::size_t kAhead = 7;
  struct block {
    std::array<promise_base*, kBlock> tasks;
    block* next = nullptr;
  };
  [[gnu::noinline]] void grow() {
    if (empty()) {
      begin_ = end_ = 0;
      return;
    }
    tail_->next = spare_ != nullptr ? std::exchange(spare_, nullptr) : new block;
    tail_ = tail_->next;
    end_ = 0;
    ++blocks_;
  }
  [[gnu::noinline]] void shrink() noexcept {
    delete spare_;
    spare_ = std::exchange(head_, head_->next);
    spare_->next = nullptr;
    begin_ = 0;
    --blocks_;
  }

  block* head_;
  block* tail_;
  block* spare_ = nullptr;
  std::size_t blocks_ = 1;
  std::size_t begin_ = 0;  // in head_
  std::size_t end_ = 0;    // in tail_
};

// The part of the loop that awaitables touch.
class scheduler {
 public:
  promise_base* current = nullptr;   // the task that runs: its first coroutine
  promise_base* next = nullptr;      // set while a coroutine suspends: the same task goes on with this one
  promise_base* handover = nullptr;  // the task to run next, before all that are ready
  bool over = false;                 // set while a coroutine suspends: the task has ended
  bool tidying = false;              // coroutines are destroyed where they stand
  std::exception_ptr in_flight;      // on its way out of a coroutine that has ended
  ready_queue ready;
  event_loop* loop = nullptr;
};

// The scheduler of the loop that runs on this thread; null outside of run().
inline constinit thread_local scheduler* this_scheduler = nullptr;

}  // namespace detail
}  // namespace mtask
