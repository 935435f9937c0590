#pragma once
// Several tasks at once: all of them, the first of them, or one of them within a time.
//
//   auto [page, count] = co_await when_all(fetch(url), ask(db));
//   auto first = co_await when_any(ask(here), ask(there));   // first.index, first.value
//   std::optional<Page> page = co_await with_timeout(2s, fetch(url));
//
// Each runs as a task of its own, named after the awaiting one: "main[0]". When any of these comes back, by value or
// exception, none of the tasks is left: those that are no longer wanted were cancelled and have ended. What a loser had
// taken by then, a channel's value, is dropped with it: when_any() is no select.

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"
#include "mtask/task.hpp"

namespace mtask {

// What when_any() gives. For tasks of different types a std::variant of them; std::monostate stands for void.
template <class T>
struct first_of {
  std::size_t index;
  T value;
};

namespace detail {

template <class T>
using value_of = std::conditional_t<std::is_void_v<T>, std::monostate, std::remove_cvref_t<T>>;

template <class T>
task<> fill(task<T> work, std::optional<value_of<T>>& slot) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(work);
    slot.emplace();
  } else {
    slot.emplace(co_await std::move(work));
  }
}

// Begins `work` under the name of the running task and `index`.
void spawn_part(scope& in, task<> work, std::size_t index);

// The outcome of a race. A task that ends after the first one, however, is not looked at.
template <class Value>
class race {
 public:
  // Where Value is a variant of different types, `Alternative` is the task's.
  template <std::size_t Alternative, class T>
  void begin(task<T> work, std::size_t index) {
    spawn_part(runners_, run<Alternative>(std::move(work), index), index);
  }
  [[nodiscard]] scope::join_awaiter end() noexcept { return runners_.join(); }
  [[nodiscard]] first_of<Value> take() { return *std::move(first_); }

 private:
  template <std::size_t Alternative, class T>
  task<> run(task<T> work, std::size_t index) {
    std::optional<value_of<T>> value;
    try {
      co_await fill(std::move(work), value);
    } catch (...) {
      if (!first_) throw;
    }
    if (first_) co_return;
    if constexpr (std::is_same_v<Value, value_of<T>>) {
      first_.emplace(first_of<Value>{index, *std::move(value)});
    } else {
      first_.emplace(first_of<Value>{index, Value(std::in_place_index<Alternative>, *std::move(value))});
    }
    runners_.cancel();
  }
  std::optional<first_of<Value>> first_;
  scope runners_{"when_any"};
};

template <class First, class... Rest>
using race_value = std::conditional_t<(std::is_same_v<First, Rest> && ...), value_of<First>,
                                      std::variant<value_of<First>, value_of<Rest>...>>;

// Gives `whole` `time` to end.
template <class Time>
task<> expire(Time time, scope& whole) {
  co_await sleep_for(time);
  whole.cancel();
}

template <class T>
task<> fill_in_time(task<T> work, std::optional<value_of<T>>& slot, scope& whole) {
  co_await fill(std::move(work), slot);
  whole.cancel();
}

}  // namespace detail

// The values, in the order of the tasks; std::monostate for void. The first exception cancels the others.
template <class... T>
requires(sizeof...(T) > 0) task<std::tuple<detail::value_of<T>...>> when_all(task<T>... tasks) {
  std::tuple<std::optional<detail::value_of<T>>...> slots;
  scope inner("when_all");
  const auto begin_all = [&](auto&... slot) {
    std::size_t index = 0;
    (detail::spawn_part(inner, detail::fill(std::move(tasks), slot), index++), ...);
  };
  std::apply(begin_all, slots);
  co_await inner.join();
  const auto take_all = [](auto&... slot) { return std::tuple<detail::value_of<T>...>(*std::move(slot)...); };
  co_return std::apply(take_all, slots);
}

// A std::vector<T>; nothing for void.
template <class T>
task<std::conditional_t<std::is_void_v<T>, void, std::vector<detail::value_of<T>>>> when_all(
    std::vector<task<T>> tasks) {
  std::vector<std::optional<detail::value_of<T>>> slots(tasks.size());
  scope inner("when_all");
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    detail::spawn_part(inner, detail::fill(std::move(tasks[i]), slots[i]), i);
  }
  co_await inner.join();
  if constexpr (!std::is_void_v<T>) {
    std::vector<detail::value_of<T>> values;
    values.reserve(slots.size());
    for (auto& slot : slots) values.push_back(*std::move(slot));
    co_return values;
  }
}

// The first to end decides: its value, or its exception. What the others end by is dropped.
template <class First, class... Rest>
task<first_of<detail::race_value<First, Rest...>>> when_any(task<First> first, task<Rest>... rest) {
  detail::race<detail::race_value<First, Rest...>> race;
  race.template begin<0>(std::move(first), 0);
  const auto begin_rest = [&]<std::size_t... I>(std::index_sequence<I...>) {
    (race.template begin<I + 1>(std::move(rest), I + 1), ...);
  };
  begin_rest(std::index_sequence_for<Rest...>());
  co_await race.end();
  co_return race.take();
}

// std::invalid_argument for none.
template <class T>
task<first_of<detail::value_of<T>>> when_any(std::vector<task<T>> tasks) {
  if (tasks.empty()) throw std::invalid_argument("when_any() of no task");
  detail::race<detail::value_of<T>> race;
  for (std::size_t i = 0; i < tasks.size(); ++i) race.template begin<0>(std::move(tasks[i]), i);
  co_await race.end();
  co_return race.take();
}

// The task's value, or none when it took longer and was cancelled; for void whether it ended in time. A task that ended
// all the same, by a value or an exception, counts.
template <class Rep, class Period, class T>
task<std::conditional_t<std::is_void_v<T>, bool, std::optional<detail::value_of<T>>>> with_timeout(
    std::chrono::duration<Rep, Period> time, task<T> work) {
  std::optional<detail::value_of<T>> slot;
  scope inner("with_timeout");
  detail::spawn_part(inner, detail::fill_in_time(std::move(work), slot, inner), 0);
  detail::spawn_part(inner, detail::expire(time, inner), 1);
  co_await inner.join();
  if constexpr (std::is_void_v<T>) {
    co_return slot.has_value();
  } else {
    co_return std::move(slot);
  }
}

}  // namespace mtask
