#include "mtask/offload.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

#include "coro/loop_state.hpp"
#include "coro/offload_pool.hpp"

namespace mtask::detail {

offload_pool::~offload_pool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void offload_pool::submit(std::shared_ptr<offload_job> job) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(job));
  if (idle_ < queue_.size() && threads_.size() < kThreads) begin_thread();
  work_.notify_one();
}

// Signals are for the loop's thread: a new thread blocks those that its creator blocks.
void offload_pool::begin_thread() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    threads_.emplace_back([this] { help(); });
  } catch (const std::system_error&) {
    // Without a thread more, those that there are do it. Without any, nobody would.
    if (threads_.empty()) {
      queue_.pop_back();
      ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void offload_pool::help() {
  ::pthread_setname_np(::pthread_self(), "mtask-offload");
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    work_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    const std::shared_ptr<offload_job> job = std::move(queue_.front());
    queue_.pop_front();
    job->at = offload_job::state::kRunning;
    lock.unlock();
    (*job->work)();
    lock.lock();
    job->at = offload_job::state::kDone;
    done_.notify_all();
    lock.unlock();
    job->done();
    lock.lock();
  }
}

bool offload_pool::withdraw(const offload_job& job) {
  const std::lock_guard lock(mutex_);
  if (job.at != offload_job::state::kQueued) return false;
  std::erase_if(queue_, [&](const auto& queued) { return queued.get() == &job; });
  return true;
}

void offload_pool::wait_for(const offload_job& job) {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return job.at == offload_job::state::kDone; });
}

bool offload_awaiter::await_ready() {
  if (cancel_requested()) return true;
  loop_state& loop = this_loop();
  job_ = std::make_shared<offload_job>();
  job_->work = &work_;
  job_->task = loop.current;
  // Not the job itself: that would keep itself alive.
  job_->done = [&loop, weak = std::weak_ptr(job_)] {
    loop.loop->post([job = weak.lock()] {
      if (job->task == nullptr) return;
      --this_loop().outside;
      task_access::wake(*std::exchange(job->task, nullptr));
    });
  };
  loop.helpers.submit(job_);
  ++loop.outside;
  return false;
}

void offload_awaiter::await_suspend(std::coroutine_handle<>) noexcept { task_access::park(*this); }

bool offload_awaiter::cancel(promise_base&) noexcept {
  if (!this_loop().helpers.withdraw(*job_)) return false;
  job_->task = nullptr;
  --this_loop().outside;
  return true;
}

void offload_awaiter::drop(promise_base& task) noexcept {
  if (cancel(task)) return;
  this_loop().helpers.wait_for(*job_);
  job_->task = nullptr;
  --this_loop().outside;
}

}  // namespace mtask::detail
