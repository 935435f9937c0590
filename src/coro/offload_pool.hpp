#pragma once
// The helper threads of a loop.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "mtask/scheduler.hpp"

namespace mtask::detail {

struct offload_job {
  enum class state { kQueued, kRunning, kDone };
  std::function<void()>* work = nullptr;
  std::function<void()> done;    // called on the helper thread at last
  promise_base* task = nullptr;  // the loop's: who waits; null when nobody does any more
  state at = state::kQueued;     // under the pool's mutex
};

// Thread-safe. Destroying it waits for what runs.
class offload_pool {
 public:
  static constexpr std::size_t kThreads = 8;

  offload_pool() = default;
  ~offload_pool();
  offload_pool(const offload_pool&) = delete;
  offload_pool& operator=(const offload_pool&) = delete;

  void submit(std::shared_ptr<offload_job> job);
  // False when it has begun.
  [[nodiscard]] bool withdraw(const offload_job& job);
  // Until a job that has begun is done.
  void wait_for(const offload_job& job);

 private:
  void begin_thread();
  void help();
  std::mutex mutex_;
  std::condition_variable work_;  // there is work, or the end
  std::condition_variable done_;
  std::deque<std::shared_ptr<offload_job>> queue_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace mtask::detail
