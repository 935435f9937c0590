#include "mtask/event_loop.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <span>
#include <system_error>
#include <typeinfo>
#include <utility>

#include "coro/loop_state.hpp"

namespace mtask {

using detail::loop_state;
using detail::promise_base;
using detail::this_scheduler;

namespace {

constexpr std::uint64_t kBell = detail::fd_table::kNoFd;
// Resumptions between two looks at the clock, which cost as much as several: as many as are over soon.
constexpr int kBurst = 64;
constexpr std::int64_t kLongBurst = 1'000'000;  // ns
// Sleepers that are woken at a time: as many as run next unless that takes long, so that what is fetched for them is
// still in the cache then.
constexpr std::size_t kDue = kBurst;
constexpr std::size_t kAhead = 7;               // tasks that run before the one whose frame is fetched
constexpr std::int64_t kPollEvery = 100'000;    // ns, while tasks are ready
constexpr unsigned long kTimerSlack = 5'000;    // ns; the system's usual 50 µs are late for short sleeps
constexpr std::int64_t kBlocked = 100'000'000;  // ns

loop_state* make_state() {
  auto poller = os::Poller::create();
  if (!poller) throw std::system_error(poller.error().code, poller.error().context);
  return new loop_state(*std::move(poller));
}

}  // namespace

std::int64_t detail::now() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

event_loop::event_loop() : state_(make_state()) {
  state_->loop = this;
  sigemptyset(&state_->blocked);
  state_->bell = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state_->bell) throw std::system_error(errno, std::system_category(), "cannot create an eventfd");
  if (auto watched = state_->poller.watch(state_->bell.get(), kBell); !watched) {
    throw std::system_error(watched.error().code, watched.error().context);
  }
}

event_loop::~event_loop() { ::pthread_sigmask(SIG_UNBLOCK, &state_->blocked, nullptr); }

event_loop& event_loop::current() {
  if (this_scheduler == nullptr) throw std::logic_error("no event loop runs on this thread");
  return *this_scheduler->loop;
}

void event_loop::post(std::function<void()> function) {
  {
    const std::lock_guard lock(state_->posts_mutex);
    state_->posts.push_back(std::move(function));
  }
  const std::uint64_t one = 1;
  // Fails only when the count is full: then the loop has been told.
  static_cast<void>(::write(state_->bell.get(), &one, sizeof(one)) == sizeof(one));
}

event_loop::outside_work::outside_work(event_loop& loop) noexcept : loop_(loop) { ++loop_.state_->outside; }
event_loop::outside_work::~outside_work() { --loop_.state_->outside; }

void event_loop::on_blocked(blocked_hook hook) { state_->hook = std::move(hook); }

void event_loop::run_main(task<> main, std::string_view name, const std::stop_token& stop) {
  if (this_scheduler != nullptr) throw std::logic_error("an event loop runs on this thread already");
  if (state_->root != nullptr) throw std::logic_error("the event loop runs on another thread");
  scope root("loop", nullptr);
  class running {
   public:
    running(loop_state& state, scope& root) noexcept : state_(state), root_(root) {
      this_scheduler = &state;
      state.root = &root;
      ::prctl(PR_SET_TIMERSLACK, kTimerSlack);
    }
    running(const running&) = delete;
    running& operator=(const running&) = delete;
    ~running() {
      root_.destroy_tasks();
      state_.in_flight = nullptr;
      state_.current = nullptr;
      state_.root = nullptr;
      this_scheduler = nullptr;
      if (slack_ > 0) ::prctl(PR_SET_TIMERSLACK, slack_);
    }

   private:
    loop_state& state_;
    scope& root_;
    int slack_ = ::prctl(PR_GET_TIMERSLACK);
  };
  {
    const running now(*state_, root);
    root.spawn(std::move(main), name, source_location{});
    // What was posted may be taken when this run is over and the next one is under way.
    const auto cancel_run = [this, run = ++state_->run] {
      if (state_->run == run) state_->root->cancel();
    };
    const std::stop_callback cancel(stop, [&] { post(cancel_run); });
    while (root.live_ > 0) turn();
  }
  if (root.error_) std::rethrow_exception(std::exchange(root.error_, nullptr));
}

// Runs some of the tasks that are ready, then looks for what makes others so.
void event_loop::turn() {
  loop_state& state = *state_;
  const bool measured = static_cast<bool>(state.hook);
  // What was fetched when it was woken has left the cache again.
  const bool crowd = state.ready.size() > 2 * kDue;
  for (int i = 0; i < state.burst && !state.ready.empty(); ++i) {
    promise_base& task = *state.ready.front();
    state.ready.pop_front();
    if (crowd && state.ready.size() > kAhead) detail::fetch(state.ready[kAhead]);
    if (measured) {
      run_task_measured(task);
    } else {
      run_task(task);
    }
  }
  state.current = nullptr;
  if (state.root->live_ > 0) poll();
}

inline void event_loop::run_task(promise_base& task) {
  loop_state& state = *state_;
  state.current = &task;
  task.leaf->handle().resume();
  while (state.next != nullptr) {
    task.leaf = std::exchange(state.next, nullptr);
    task.leaf->handle().resume();
  }
  if (state.over) end_task(task);
}

void event_loop::run_task_measured(promise_base& task) {
  // The task may be gone afterwards.
  const std::string name = task.spawned_as->name;
  const std::int64_t start = detail::now();
  run_task(task);
  const std::int64_t time = detail::now() - start;
  if (time > kBlocked) state_->hook(name, std::chrono::nanoseconds(time));
}

void event_loop::end_task(promise_base& task) {
  state_->over = false;
  std::exception_ptr error = std::exchange(state_->in_flight, nullptr);
  const bool by_cancel = error && *error.__cxa_exception_type() == typeid(cancelled);
  task.spawned_in->ended(task, std::move(error), by_cancel);
}

// When many are due, the queue of ready tasks gets long, and stays so if as many are woken as run; who runs is out of
// the cache again then. So while that makes it shorter, few are woken. Where it is long of others than sleepers, these
// get their share.
std::size_t event_loop::due_at_once() noexcept {
  const std::size_t before = std::exchange(state_->ready_before, state_->ready.size());
  if (state_->ready_before < 2 * kDue) return kDue;
  return state_->ready_before < before ? kDue / 8 : kDue / 2;
}

// Of those whose time has come; the others come next.
void event_loop::wake_due(std::int64_t now) {
  loop_state& state = *state_;
  std::array<promise_base*, kDue> due;
  const std::size_t most = due_at_once();
  const std::size_t count = state.timers.pop(now, std::span(due).first(most));
  // So the memory of all is on its way at once.
  for (std::size_t i = 0; i < count; ++i) detail::fetch(due[i]);
  for (std::size_t i = 0; i < count; ++i) due[i]->wake();
  state.pace.woke(now, count, count < most);
}

bool event_loop::take_posts() {
  std::vector<std::function<void()>> posts;
  {
    const std::lock_guard lock(state_->posts_mutex);
    posts.swap(state_->posts);
  }
  for (const auto& function : posts) {
    try {
      function();
    } catch (...) {
      state_->root->fail(std::current_exception());
    }
  }
  return !posts.empty();
}

void event_loop::poll() {
  loop_state& state = *state_;
  const std::int64_t now = detail::now();
  state.burst = now - state.burst_began > kLongBurst ? std::max(state.burst / 4, 1) : std::min(state.burst * 2, kBurst);
  state.burst_began = now;
  std::chrono::nanoseconds timeout(0);
  const auto idle = [&] { return state.ready.empty(); };
  if (idle() && state.pace.gathers()) {
    timeout = std::chrono::nanoseconds(detail::wake_pace::kGather);
  } else if (wake_due(now); idle()) {
    if (!state.timers.empty()) {
      timeout = std::chrono::nanoseconds(std::max<std::int64_t>(state.timers.earliest() - now, 0));
    } else if (state.outside + state.fds.waits() > 0) {
      timeout = std::chrono::nanoseconds(-1);
    } else if (!take_posts()) {
      throw deadlock(state.root->deadlock_report());
    }
  } else if (now - state.last_poll < kPollEvery) {
    return;
  }
  const auto reports = state.poller.wait_ready(timeout);
  if (!reports) throw std::system_error(reports.error().code, reports.error().context);
  state.last_poll = now;
  if (timeout != timeout.zero()) state.burst_began = detail::now();
  for (const os::Poller::Ready& one : *reports) {
    if (one.key != kBell) {
      state.fds.ready(one);
      continue;
    }
    std::uint64_t rings = 0;
    static_cast<void>(::read(state.bell.get(), &rings, sizeof(rings)) == sizeof(rings));
    take_posts();
  }
}

}  // namespace mtask
