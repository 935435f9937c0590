#pragma once
// The streams that a stage joins.
//
// Where one of them is live, each is pulled by a task of its own, and only when it was asked: so that several wait at
// the same time, and none runs ahead. Otherwise they are pulled in place, without any task. A failed one counts as
// ended where the run goes on without it.

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gen/batch.hpp"
#include "gen/runtime.hpp"
#include "gen/stage_arguments.hpp"
#include "gen/stream.hpp"
#include "mtask/result.hpp"
#include "mtask/scope.hpp"
#include "mtask/switch.hpp"
#include "mtask/task.hpp"

namespace mtask::gen {

// Closes all, at the same time where one may take long.
[[nodiscard]] task<void> close_all(std::vector<StreamPtr>& streams);

class Inputs {
 public:
  // A failure concerns the operands.
  [[nodiscard]] static Result<Inputs> read(StageArguments& arguments, std::string stage);
  Inputs(std::string stage, std::vector<StreamPtr> streams, std::vector<std::string> titles, const Runtime& runtime);
  Inputs(Inputs&&) = default;
  Inputs& operator=(Inputs&&) = delete;
  ~Inputs() = default;

  [[nodiscard]] std::size_t size() const noexcept { return streams_.size(); }
  [[nodiscard]] std::size_t open() const noexcept { return open_; }  // have not ended
  [[nodiscard]] bool live() const noexcept { return live_; }

  // What number `index` has brought and nobody has taken.
  [[nodiscard]] Batch& batch(std::size_t index) noexcept { return inputs_[index].batch; }
  [[nodiscard]] std::size_t at(std::size_t index) const noexcept { return inputs_[index].at; }
  [[nodiscard]] std::size_t left(std::size_t index) const noexcept { return inputs_[index].left; }
  [[nodiscard]] bool ended(std::size_t index) const noexcept { return inputs_[index].ended; }
  // Its failure, once what came before it was taken.
  [[nodiscard]] Result<void> failure(std::size_t index) const;
  void drop(std::size_t index, std::size_t count) noexcept;
  // Replaces `out` by what it has, up to `want` values.
  void take(std::size_t index, Batch& out, std::size_t want);

  // Begins to wait for up to `want` values of number `index`, if it has none and was not asked. Of no effect where none
  // is live.
  void ask(std::size_t index, std::size_t want);
  void ask_all(std::size_t want);
  // Asks and waits until it has values, has ended or failed.
  [[nodiscard]] task<void> fetch(std::size_t index, std::size_t want);
  // The one of those asked that has come first, and has not been taken whole. Nothing where all have ended.
  [[nodiscard]] task<std::optional<std::size_t>> first_come();

  // The next value is of number `index`: for those who trace.
  void hand_over(std::size_t index);
  [[nodiscard]] bool traced() const noexcept { return static_cast<bool>(runtime_->trace); }

  // Cancels and ends everything. May be repeated.
  [[nodiscard]] task<void> close();

 private:
  struct Input {
    Batch batch;
    std::size_t at = 0;
    std::size_t left = 0;
    std::size_t want = 0;
    bool asked = false;
    bool ended = false;
    std::optional<Error> error;
    task_ref task;
  };
  void begin();
  [[nodiscard]] task<void> serve(std::size_t index);
  void settle(Input& input, Result<void> pulled);
  [[nodiscard]] task<void> wait();

  std::string stage_;
  std::vector<StreamPtr> streams_;
  std::vector<std::string> titles_;
  const Runtime* runtime_;
  std::vector<Input> inputs_;
  std::size_t open_;
  bool live_;
  std::optional<std::size_t> last_;  // whose value was the last
  std::deque<std::size_t> come_;
  task_ref waiter_;
  std::exception_ptr exception_;  // of a task
  std::unique_ptr<scope> scope_;  // of the tasks
};

}  // namespace mtask::gen
