#include "workers/task_board.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "os/syscall.hpp"

namespace mtask::workers {
namespace {

constexpr std::uint32_t kSupervisor = 1U << 31;  // as the holder of what it collects
constexpr std::chrono::milliseconds kLook{100};  // a wake-up may die with the worker it was meant for
constexpr std::size_t kLeastOutput = 1024;       // room for what an exception says

constexpr std::size_t whole_words(std::size_t size) { return (size + 15) / 16 * 16; }
std::size_t input_stride(const TaskBoard::Shape& shape) { return whole_words(shape.max_input); }
std::size_t output_stride(const TaskBoard::Shape& shape) {
  return whole_words(std::max(shape.max_output, kLeastOutput));
}

}  // namespace

// The lock, held and in order.
class TaskBoard::Access : public Queue::Guard {
 public:
  explicit Access(Queue& queue) : Guard(queue) {
    if (!intact()) queue.rebuild(*this, [](const Task& a, const Task& b) { return a.id < b.id; });
  }
};

std::size_t TaskBoard::room(const Shape& shape) {
  return Queue::room(shape.slots) + os::SharedRegion::room<Shared>(1) +
         os::SharedRegion::room<std::byte>(shape.slots * input_stride(shape)) +
         os::SharedRegion::room<std::byte>(shape.slots * output_stride(shape));
}

TaskBoard::TaskBoard(os::SharedRegion& region, const Shape& shape, int wake_fd)
    : shape_(shape),
      input_stride_(input_stride(shape)),
      output_stride_(output_stride(shape)),
      wake_fd_(wake_fd),
      queue_(region, shape.slots),
      shared_(region.carve<Shared>(1)),
      inputs_(region.carve<std::byte>(shape.slots * input_stride_)),
      outputs_(region.carve<std::byte>(shape.slots * output_stride_)) {}

bool TaskBoard::submit(std::uint64_t id, Bytes input) {
  Access access(queue_);
  const Task task{id, input.size(), 0, Outcome::kValue, 0, 0};
  const auto fill = [&](SlotId slot) { std::copy(input.begin(), input.end(), inputs_ + slot * input_stride_); };
  return queue_.push_filled(access, task, fill, kInputs).has_value();
}

void TaskBoard::collect(std::vector<SlotId>& slots, std::size_t most) {
  slots.clear();
  Access access(queue_);
  while (slots.size() < most) {
    const auto slot = queue_.lease(access, kSupervisor, kOutputs);
    if (!slot) break;
    slots.push_back(*slot);
  }
  shared_->supervisor_waits = slots.empty() ? 1 : 0;
}

void TaskBoard::free(std::span<const SlotId> slots) {
  Access access(queue_);
  for (const SlotId slot : slots) queue_.discard(access, slot);
}

void TaskBoard::cancel() {
  Access access(queue_);
  for (const unsigned lane : {kInputs, kOutputs}) {
    while (queue_.pop(
        access, [](SlotId, const Task&) {}, lane))
      continue;
  }
  std::vector<SlotId> collected;
  queue_.for_each_leased(access, kSupervisor, [&](SlotId slot, const Task&) { collected.push_back(slot); });
  for (const SlotId slot : collected) queue_.discard(access, slot);
}

bool TaskBoard::recover(std::uint32_t worker, std::uint32_t crash_limit, int exit_status) {
  Access access(queue_);
  std::vector<SlotId> held;
  queue_.for_each_leased(access, worker, [&](SlotId slot, const Task&) { held.push_back(slot); });
  for (const SlotId slot : held) {
    if (queue_.lane(slot) == kInputs && queue_.at(slot) != 0) {
      Task& task = queue_.item(slot);
      task.deaths = queue_.count_death(access, slot);
      task.exit_status = exit_status;
      if (task.deaths >= crash_limit) {
        task.outcome = Outcome::kCrashed;
        queue_.pass(access, slot, kOutputs);
        continue;
      }
    }
    queue_.requeue(access, slot);
  }
  return !held.empty();
}

void TaskBoard::close() {
  Access access(queue_);
  shared_->closed = 1;
  access.wake_all();
}

std::optional<SlotId> TaskBoard::take(std::uint32_t worker, std::optional<SlotId> finished) {
  for (bool slept = false;;) {
    std::optional<SlotId> slot;
    bool wake = false;
    std::uint32_t ticket = 0;
    {
      Access access(queue_);
      if (std::exchange(slept, false)) queue_.woke(access);
      if (finished) {
        queue_.pass(access, *std::exchange(finished, std::nullopt), kOutputs);
        wake = shared_->supervisor_waits.exchange(0) != 0;
      }
      slot = queue_.lease(access, worker, kInputs);
      if (slot) queue_.at(*slot).store(0, std::memory_order_relaxed);
      if (!slot && shared_->closed == 0) {
        ticket = queue_.about_to_wait(access);
        slept = true;
      }
    }
    if (wake) {
      const std::uint64_t one = 1;
      static_cast<void>(os::retry([&] { return ::write(wake_fd_, &one, sizeof(one)); }));
    }
    if (!slept) return slot;
    queue_.wait(ticket, kLook);
  }
}

void TaskBoard::set_output(SlotId slot, Outcome outcome, Bytes output) noexcept {
  output = output.first(std::min(output.size(), output_stride_));
  std::copy(output.begin(), output.end(), outputs_ + slot * output_stride_);
  task(slot).output_size = output.size();
  task(slot).outcome = outcome;
}

}  // namespace mtask::workers
