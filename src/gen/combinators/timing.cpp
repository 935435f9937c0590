// rate, delay, timeout.

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "gen/combinators/inputs.hpp"
#include "gen/combinators/make.hpp"
#include "gen/combinators/pace.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/channel.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"
#include "mtask/when.hpp"

namespace mtask::gen {
namespace {

using Clock = std::chrono::steady_clock;

// Each value goes by itself, unless many are due within `kTogether`.
class Rate final : public Combinator {
 public:
  Rate(StreamPtr upstream, const PaceRate& rate, std::uint64_t burst)
      : Combinator(std::move(upstream)),
        pace_(rate, burst),
        together_(std::clamp<std::uint64_t>(kTogether * rate.values / rate.nanoseconds, 1, kBatchValues)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (at_ == held_.size()) {
      at_ = 0;
      Result<void> pulled = co_await upstream().pull(held_, std::min<std::size_t>(want, together_));
      if (!pulled || held_.empty()) co_return pulled;
    }
    auto now = Clock::now();
    if (const auto due = pace_.due(now); due > now) {
      co_await sleep_until(due);
      now = Clock::now();
    }
    const std::size_t most = std::min({want, static_cast<std::size_t>(together_), held_.size() - at_});
    std::size_t count = 1;
    while (pace_.went(now) && count < most) ++count;
    for (std::size_t i = 0; i < count; ++i) out.append(held_, at_++);
    co_return Result<void>();
  }

  [[nodiscard]] bool live() const override { return true; }

 private:
  static constexpr std::uint64_t kTogether = 100'000;  // ns

  Pace pace_;
  std::uint64_t together_;
  Batch held_;
  std::size_t at_ = 0;  // what of it has gone
};

// Shifts a stream in time: a value goes `delay` after it came. A task takes what comes meanwhile, up to kHeld values;
// the stream below waits then. What is always ready comes at the first pull.
class Delay final : public Combinator {
 public:
  Delay(StreamPtr upstream, std::chrono::nanoseconds delay) : Combinator(std::move(upstream)), delay_(delay) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!upstream().live()) {
      if (!std::exchange(begun_, true)) co_await sleep_for(delay_);
      Result<void> pulled = co_await upstream().pull(out, want);
      co_return pulled;
    }
    if (!scope_) {
      scope_ = std::make_unique<scope>("delay");
      scope_->spawn(take_what_comes(), "delay");
    }
    std::optional<Arrival> arrival = co_await held_.receive();
    if (!arrival) {
      if (exception_) std::rethrow_exception(exception_);
      co_return Result<void>();
    }
    co_await sleep_until(arrival->due);
    std::swap(out, arrival->value);
    co_return std::move(arrival->pulled);
  }

  [[nodiscard]] task<void> close() override {
    if (scope_) {
      scope_->cancel();
      co_await scope_->join();
    }
    co_await upstream().close();
    scope_.reset();
  }

  [[nodiscard]] bool live() const override { return true; }

 private:
  static constexpr std::size_t kHeld = 16'384;

  struct Arrival {
    Batch value;
    Result<void> pulled;
    Clock::time_point due;
  };

  task<void> take_what_comes() {
    try {
      for (;;) {
        Arrival arrival;
        arrival.pulled = co_await upstream().pull(arrival.value, 1);
        arrival.due = Clock::now() + delay_;
        if (arrival.pulled && arrival.value.empty()) break;
        const bool failed = !arrival.pulled;
        co_await held_.send(std::move(arrival));
        if (failed) break;
      }
    } catch (const cancelled&) {
      throw;
    } catch (...) {
      exception_ = std::current_exception();
    }
    held_.close();
  }

  std::chrono::nanoseconds delay_;
  bool begun_ = false;
  channel<Arrival> held_{kHeld, "delay"};
  std::exception_ptr exception_;
  std::unique_ptr<scope> scope_;
};

struct Limit {
  std::chrono::nanoseconds time;
  std::string text;  // as written
};

class Timeout final : public Stream {
 public:
  Timeout(Inputs inputs, std::optional<Limit> each, std::optional<Limit> total)
      : inputs_(std::move(inputs)), each_(std::move(each)), total_(std::move(total)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.clear();
    if (!start_) start_ = Clock::now();
    auto limit = std::chrono::nanoseconds::max();
    bool by_total = false;
    if (each_) limit = each_->time;
    if (total_) {
      const std::chrono::nanoseconds left = total_->time - (Clock::now() - *start_);
      by_total = left < limit;
      limit = std::min(limit, left);
    }
    if (limit <= limit.zero()) co_return failed(by_total);
    if (inputs_.live()) {
      inputs_.ask(0, want);  // here, so that its task outlives the scope of the time limit
      const bool in_time = co_await with_timeout(limit, inputs_.fetch(0, want));
      if (!in_time) co_return failed(by_total);
    } else {
      co_await inputs_.fetch(0, want);
    }
    Result<void> fetched = inputs_.failure(0);
    if (fetched && !inputs_.ended(0)) inputs_.take(0, out, want);
    co_return fetched;
  }

  [[nodiscard]] task<void> close() override { return inputs_.close(); }
  [[nodiscard]] bool live() const override { return inputs_.live(); }

 private:
  [[nodiscard]] Result<void> failed(bool by_total) const {
    const std::string what =
        by_total ? "timeout: not at its end after " + total_->text : "timeout: no value came within " + each_->text;
    return Unexpected(Error{ErrorKind::kItem, {}, what});
  }

  Inputs inputs_;
  std::optional<Limit> each_;
  std::optional<Limit> total_;
  std::optional<Clock::time_point> start_;
};

Result<std::optional<Limit>> read_limit(const StageArguments& arguments, const Word* word) {
  if (word == nullptr) return std::optional<Limit>();
  auto time = arguments.duration(*word);
  if (!time) return Unexpected(std::move(time).error());
  if (time->count() <= 0) return Unexpected(arguments.refuse(*word, "leaves no time"));
  return std::optional(Limit{*time, one_line(word->text)});
}

}  // namespace

Result<StreamPtr> make_rate(StageArguments& arguments) {
  const Word& word = arguments.operands()[0];
  const auto rate = parse_pace(word.text);
  if (!rate) return Unexpected(arguments.refuse(word, "is not a rate, such as 50/s, 2.5/m or 100/h"));
  auto burst = arguments.integer_option("burst", 1);
  if (!burst) return Unexpected(std::move(burst).error());
  if (*burst && **burst > 1'000'000'000)
    return Unexpected(arguments.refuse(*arguments.find("burst"), "is out of range"));
  return StreamPtr(
      std::make_unique<Rate>(arguments.take_upstream(), *rate, static_cast<std::uint64_t>(burst->value_or(1))));
}

Result<StreamPtr> make_delay(StageArguments& arguments) {
  auto delay = arguments.duration(arguments.operands()[0]);
  if (!delay) return Unexpected(std::move(delay).error());
  return StreamPtr(std::make_unique<Delay>(arguments.take_upstream(), *delay));
}

Result<StreamPtr> make_timeout(StageArguments& arguments) {
  const auto& operands = arguments.operands();
  auto each = read_limit(arguments, operands.empty() ? nullptr : operands.data());
  if (!each) return Unexpected(std::move(each).error());
  auto total = read_limit(arguments, arguments.find("total"));
  if (!total) return Unexpected(std::move(total).error());
  if (!*each && !*total) return Unexpected(arguments.refuse(arguments.name(), "needs a time, or --total"));
  std::vector<StreamPtr> streams;
  streams.push_back(arguments.take_upstream());
  Inputs inputs("timeout", std::move(streams), {"upstream"}, arguments.runtime());
  return StreamPtr(std::make_unique<Timeout>(std::move(inputs), *std::move(each), *std::move(total)));
}

}  // namespace mtask::gen
