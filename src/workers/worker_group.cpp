#include "workers/worker_group.hpp"

namespace mtask::workers {
namespace {
constexpr std::uint64_t kForeignFd = UINT64_MAX;
}

Result<WorkerGroup> WorkerGroup::create(Body body) {
  auto poller = os::Poller::create();
  if (!poller) return Unexpected(std::move(poller).error());
  return WorkerGroup(std::move(body), *std::move(poller));
}

Result<void> WorkerGroup::watch(int fd, os::Poller::For what) { return poller_.watch(fd, kForeignFd, what); }

Result<void> WorkerGroup::start(std::uint32_t worker) {
  if (children_.size() <= worker) children_.resize(worker + 1);
  auto child = os::Child::fork([this, worker] { return body_(worker); });
  if (!child) return Unexpected(std::move(child).error());
  if (auto watched = poller_.watch(child->pidfd(), worker); !watched) return watched;
  children_[worker].emplace(*std::move(child));
  ++running_;
  return {};
}

Result<std::vector<WorkerGroup::Exit>> WorkerGroup::wait(std::chrono::milliseconds timeout) {
  auto ready = poller_.wait(timeout);
  if (!ready) return Unexpected(std::move(ready).error());
  std::vector<Exit> exits;
  for (const std::uint64_t key : *ready) {
    if (key == kForeignFd) continue;
    auto& child = children_[key];
    if (!child) continue;
    poller_.unwatch(child->pidfd());
    exits.push_back({static_cast<std::uint32_t>(key), child->reap()});
    child.reset();
    --running_;
  }
  return exits;
}

pid_t WorkerGroup::pid(std::uint32_t worker) const noexcept {
  return worker < children_.size() && children_[worker] ? children_[worker]->pid() : 0;
}

void WorkerGroup::forget_all() noexcept {
  for (auto& child : children_) {
    if (child) child->forget();
  }
}

void WorkerGroup::kill_all(int signal) const noexcept {
  for (const auto& child : children_) {
    if (child) child->kill(signal);
  }
}

}  // namespace mtask::workers
