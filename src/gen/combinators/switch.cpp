// switch: one task a stream; each hands the processor to the next by itself.

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gen/combinators/inputs.hpp"
#include "gen/combinators/make.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/scope.hpp"
#include "mtask/switch.hpp"

namespace mtask::gen {
namespace {

// Only one of these tasks and the one that pulls runs or waits at a time; the others are parked. A side begins when it
// is switched to for the first time.
class Switch final : public Stream {
 public:
  Switch(std::vector<StreamPtr> streams, std::vector<std::string> titles, const Runtime& runtime)
      : streams_(std::move(streams)), titles_(std::move(titles)), runtime_(runtime), sides_(streams_.size()) {
    for (const StreamPtr& stream : streams_) live_ = live_ || stream->live();
  }

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!scope_) scope_ = std::make_unique<scope>("switch");
    if (!error_ && open() > 0) {
      out_ = &out;
      want_ = live_ || runtime_.trace ? 1 : want;
      puller_ = co_await this_task::ref();
      const task_ref side = side_task(turn_);
      co_await switch_to(side);
      if (exception_) std::rethrow_exception(exception_);
    }
    if (out.empty() && error_) co_return Unexpected(*error_);
    co_return Result<void>();
  }

  [[nodiscard]] task<void> close() override {
    if (scope_) {
      scope_->cancel();
      co_await scope_->join();
    }
    co_await close_all(streams_);
    scope_.reset();
  }

  [[nodiscard]] bool live() const override { return live_; }

 private:
  struct Side {
    task_ref task;
    bool begun = false;
    bool ended = false;
  };

  [[nodiscard]] std::size_t open() const {
    std::size_t count = 0;
    for (const Side& side : sides_) count += side.ended ? 0 : 1;
    return count;
  }

  // A new one is ready, and thus can be switched to.
  const task_ref& side_task(std::size_t index) {
    Side& side = sides_[index];
    if (!std::exchange(side.begun, true)) side.task = scope_->spawn(run(index), titles_[index]).ref();
    return side.task;
  }

  // It is the turn of the next side that has not ended.
  void pass_turn() {
    const std::size_t from = turn_;
    do {
      turn_ = (turn_ + 1) % sides_.size();
    } while (sides_[turn_].ended && turn_ != from);
    if (runtime_.trace && turn_ != from) runtime_.trace("switch", titles_[from], titles_[turn_]);
  }

  task<void> run(std::size_t index) {
    try {
      Batch value;
      for (;;) {
        Result<void> pulled = co_await streams_[index]->pull(value, 1);
        if (!pulled && !runtime_.keep_going)
          error_ = std::move(pulled).error();
        else if (!pulled && runtime_.report)
          runtime_.report(pulled.error());
        if (!pulled || value.empty()) break;
        out_->append(value, 0);
        pass_turn();
        const task_ref next = out_->size() < want_ ? side_task(turn_) : puller_;
        co_await switch_to(next);
      }
    } catch (const cancelled&) {
      throw;
    } catch (...) {
      exception_ = std::current_exception();
    }
    leave(index);
  }

  // Whoever is next goes on when this task has ended.
  void leave(std::size_t index) {
    sides_[index].ended = true;
    const bool over = error_ || exception_ || open() == 0;
    if (!over) pass_turn();
    unpark(over ? puller_ : side_task(turn_));
  }

  std::vector<StreamPtr> streams_;
  std::vector<std::string> titles_;
  const Runtime& runtime_;
  std::vector<Side> sides_;
  bool live_ = false;
  std::size_t turn_ = 0;
  Batch* out_ = nullptr;  // of the pull that waits
  std::size_t want_ = 0;
  task_ref puller_;
  std::optional<Error> error_;
  std::exception_ptr exception_;
  std::unique_ptr<scope> scope_;
};

}  // namespace

Result<StreamPtr> make_switch(StageArguments& arguments) {
  std::vector<std::string> titles = arguments.stream_titles();
  auto streams = arguments.streams(StageArguments::As::kStream);
  if (!streams) return Unexpected(std::move(streams).error());
  return StreamPtr(std::make_unique<Switch>(*std::move(streams), std::move(titles), arguments.runtime()));
}

}  // namespace mtask::gen
