#include "gen/combinators/inputs.hpp"

#include <algorithm>
#include <utility>

namespace mtask::gen {
namespace {

task<void> close_one(Stream& stream) { co_await stream.close(); }

}  // namespace

task<void> close_all(std::vector<StreamPtr>& streams) {
  const auto live = std::count_if(streams.begin(), streams.end(), [](const StreamPtr& one) { return one->live(); });
  if (live < 2) {
    for (const StreamPtr& stream : streams) co_await stream->close();
    co_return;
  }
  scope all("close");
  for (const StreamPtr& stream : streams) all.spawn(close_one(*stream), "close");
  co_await all.join();
}

Result<Inputs> Inputs::read(StageArguments& arguments, std::string stage) {
  std::vector<std::string> titles = arguments.stream_titles();
  auto streams = arguments.streams(StageArguments::As::kStream);
  if (!streams) return Unexpected(std::move(streams).error());
  return Inputs(std::move(stage), *std::move(streams), std::move(titles), arguments.runtime());
}

Inputs::Inputs(std::string stage, std::vector<StreamPtr> streams, std::vector<std::string> titles,
               const Runtime& runtime)
    : stage_(std::move(stage)),
      streams_(std::move(streams)),
      titles_(std::move(titles)),
      runtime_(&runtime),
      inputs_(streams_.size()),
      open_(streams_.size()),
      live_(std::any_of(streams_.begin(), streams_.end(), [](const StreamPtr& one) { return one->live(); })) {}

Result<void> Inputs::failure(std::size_t index) const {
  const Input& input = inputs_[index];
  if (input.left > 0 || !input.error) return {};
  return Unexpected(*input.error);
}

void Inputs::drop(std::size_t index, std::size_t count) noexcept {
  inputs_[index].at += count;
  inputs_[index].left -= count;
}

void Inputs::take(std::size_t index, Batch& out, std::size_t want) {
  Input& input = inputs_[index];
  const std::size_t count = std::min(want, input.left);
  if (input.at == 0 && count == input.left) {
    std::swap(out, input.batch);
  } else {
    out.clear();
    for (std::size_t i = 0; i < count; ++i) out.append(input.batch, input.at + i);
  }
  drop(index, count);
}

void Inputs::begin() {
  if (scope_) return;
  scope_ = std::make_unique<scope>(stage_);
  for (std::size_t i = 0; i < size(); ++i) inputs_[i].task = scope_->spawn(serve(i), titles_[i]).ref();
}

task<void> Inputs::serve(std::size_t index) {
  Input& input = inputs_[index];
  while (!input.ended && !input.error) {
    while (!input.asked) co_await park();
    try {
      Result<void> pulled = co_await streams_[index]->pull(input.batch, input.want);
      settle(input, std::move(pulled));
    } catch (const cancelled&) {
      throw;
    } catch (...) {
      exception_ = std::current_exception();
      input.ended = true;
    }
    input.asked = false;
    come_.push_back(index);
    unpark(waiter_);
  }
  // The others may go on for long: its children and connections end now.
  if (!exception_) co_await streams_[index]->close();
}

void Inputs::settle(Input& input, Result<void> pulled) {
  input.at = 0;
  input.left = pulled ? input.batch.size() : 0;
  if (pulled && input.left > 0) return;
  --open_;
  if (pulled || runtime_->keep_going) {
    input.ended = true;
    if (!pulled && runtime_->report) runtime_->report(pulled.error());
  } else {
    input.error = std::move(pulled).error();
  }
}

void Inputs::ask(std::size_t index, std::size_t want) {
  if (!live_) return;
  begin();
  Input& input = inputs_[index];
  if (input.asked || input.left > 0 || input.ended || input.error) return;
  input.want = want;
  input.asked = true;
  unpark(input.task);
}

void Inputs::ask_all(std::size_t want) {
  for (std::size_t i = 0; i < size(); ++i) ask(i, want);
}

task<void> Inputs::wait() {
  if (!exception_) {
    waiter_ = co_await this_task::ref();
    co_await park();
    waiter_ = task_ref();
  }
  if (exception_) std::rethrow_exception(exception_);
}

task<void> Inputs::fetch(std::size_t index, std::size_t want) {
  Input& input = inputs_[index];
  if (input.left > 0 || input.ended || input.error) co_return;
  if (live_) {
    ask(index, want);
    while (input.asked) co_await wait();
    come_.clear();
  } else {
    Result<void> pulled = co_await streams_[index]->pull(input.batch, want);
    settle(input, std::move(pulled));
  }
}

task<std::optional<std::size_t>> Inputs::first_come() {
  for (;;) {
    while (!come_.empty() && left(come_.front()) == 0 && !inputs_[come_.front()].error) come_.pop_front();
    if (!come_.empty()) co_return come_.front();
    if (open_ == 0) co_return std::optional<std::size_t>();
    co_await wait();
  }
}

void Inputs::hand_over(std::size_t index) {
  if (last_ && *last_ != index && runtime_->trace) runtime_->trace(stage_, titles_[*last_], titles_[index]);
  last_ = index;
}

task<void> Inputs::close() {
  if (scope_) {
    scope_->cancel();
    co_await scope_->join();
  }
  co_await close_all(streams_);
  scope_.reset();
}

}  // namespace mtask::gen
