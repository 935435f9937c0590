#pragma once
// The memory that a pool of workers and its supervisor share: calls to be made, calls made.
//
// A call has one slot from its submission to the collection of its outcome. It waits in lane 0, is leased to a worker,
// and goes to lane 1 with its outcome in one step; so it has one outcome, however often it was begun. Argument and
// result have places of their own, as the argument is needed until the result is complete.
//
// Workers: take(). Supervisor: all else; it has one thread. Killed workers leave what recover() finds.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "os/shared_region.hpp"
#include "workers/shared_queue.hpp"

namespace mtask::workers {

class TaskBoard {
 public:
  using Bytes = std::span<const std::byte>;

  enum class Outcome : std::uint32_t {
    kValue,     // the result
    kThrew,     // what was thrown, as text
    kTooLarge,  // no bytes; `output_size` says what it needed
    kCrashed,   // no bytes; `deaths` workers ended meanwhile, the last one with `exit_status`
  };
  struct Task {
    std::uint64_t id;
    std::uint64_t input_size;
    std::uint64_t output_size;
    Outcome outcome;
    std::uint32_t deaths;
    int exit_status;  // as of waitpid(2)
  };

  struct Shape {
    std::uint32_t slots;
    std::size_t max_input;   // bytes
    std::size_t max_output;  // bytes; texts of exceptions are cut to it
  };
  [[nodiscard]] static std::size_t room(const Shape& shape);

  // Before the fork. `wake_fd`: an eventfd, written when there is an outcome for a supervisor that waits. Not owned.
  TaskBoard(os::SharedRegion& region, const Shape& shape, int wake_fd);

  // --- supervisor

  // False: all slots are taken. `input` must fit.
  [[nodiscard]] bool submit(std::uint64_t id, Bytes input);
  // Calls that have their outcome, up to `most`; they keep their slots until free(). When there is none, the next one
  // will write to the eventfd.
  void collect(std::vector<SlotId>& slots, std::size_t most);
  void free(std::span<const SlotId> slots);
  // Forgets all calls that no worker has in hand.
  void cancel();
  // Makes ready again what a worker that ended had in hand, but gives up a call that `crash_limit` workers died in.
  // False: it had nothing in hand.
  bool recover(std::uint32_t worker, std::uint32_t crash_limit, int exit_status);
  // Workers leave when they find nothing to do.
  void close();

  // --- workers

  // Hands in `finished`, whose outcome is in its slot, and takes the next call, waiting for one. Nothing: it is closed.
  [[nodiscard]] std::optional<SlotId> take(std::uint32_t worker, std::optional<SlotId> finished);
  // A death of the worker counts from here on.
  void begin(SlotId slot) noexcept { queue_.at(slot).store(1, std::memory_order_relaxed); }

  // --- for who has the slot in hand

  [[nodiscard]] Task& task(SlotId slot) noexcept { return queue_.item(slot); }
  [[nodiscard]] Bytes input(SlotId slot) noexcept { return {inputs_ + slot * input_stride_, task(slot).input_size}; }
  [[nodiscard]] Bytes output(SlotId slot) noexcept {
    return {outputs_ + slot * output_stride_, task(slot).output_size};
  }
  // Cut to what fits.
  void set_output(SlotId slot, Outcome outcome, Bytes output) noexcept;

  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }

 private:
  using Queue = SharedQueue<Task, 2>;
  enum Lane : unsigned { kInputs = 0, kOutputs = 1 };
  struct Shared {
    std::atomic<std::uint32_t> closed;
    std::atomic<std::uint32_t> supervisor_waits;
  };
  class Access;

  Shape shape_;
  std::size_t input_stride_;
  std::size_t output_stride_;
  int wake_fd_;
  Queue queue_;
  Shared* shared_;
  std::byte* inputs_;
  std::byte* outputs_;
};

}  // namespace mtask::workers
