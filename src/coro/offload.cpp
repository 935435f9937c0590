#include "mtask/offload.hpp"

#include <pthread.h>

#include "coro/loop_state.hpp"
#include "os/signals_blocked.hpp"

namespace mtask::detail {

semaphore& helper_threads() noexcept { return this_loop().helper_threads; }

void offload_awaiter::await_suspend(std::coroutine_handle<>) {
  loop_state& loop = this_loop();
  waiting_ = std::make_shared<promise_base*>(loop.current);
  const os::SignalsBlocked in_thread;
  thread_ = std::jthread([&loop, &work = work_, waiting = waiting_] {
    ::pthread_setname_np(::pthread_self(), "mtask-offload");
    work();
    loop.loop->post([waiting] {
      if (*waiting == nullptr) return;
      --this_loop().outside;
      (*waiting)->wake();
    });
  });
  ++loop.outside;
  park();
}

void offload_awaiter::drop(promise_base&) noexcept {
  thread_.join();
  *waiting_ = nullptr;
  --this_loop().outside;
}

}  // namespace mtask::detail
