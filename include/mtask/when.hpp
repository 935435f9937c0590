#pragma once
// Several tasks at once: all of them, the first of them, or one of them within a time.
//
//   auto [page, count] = co_await when_all(fetch(url), ask(db));
//   auto first = co_await when_any(ask(here), ask(there));   // first.index, first.value
//   std::optional<Page> page = co_await with_timeout(2s, fetch(url));
//
// Each runs as a task of its own, named after the awaiting one: "main[0]". When any of these comes back, by value or
// exception, none of the tasks is left: those that are no longer wanted were cancelled and have ended.

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
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
struct value_or_monostate {
  using type = std::remove_cvref_t<T>;
};
template <>
struct value_or_monostate<void> {
  using type = std::monostate;
};
template <class T>
using value_or_monostate_t = typename value_or_monostate<T>::type;

template <class T, class Slot>
task<> fill(task<T> work, Slot& slot) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(work);
    slot.emplace();
  } else {
    slot.emplace(co_await std::move(work));
  }
}

// Begins `work` under the name of the running task and `index`.
void spawn_part(scope& in, task<> work, std::size_t index);

template <class... T, std::size_t... I>
task<std::tuple<value_or_monostate_t<T>...>> all_of(std::tuple<task<T>...> tasks, std::index_sequence<I...>) {
  std::tuple<std::optional<value_or_monostate_t<T>>...> values;
  scope inner("when_all");
  (spawn_part(inner, fill(std::move(std::get<I>(tasks)), std::get<I>(values)), I), ...);
  co_await inner.join();
  co_return std::tuple<value_or_monostate_t<T>...>(*std::move(std::get<I>(values))...);
}

// The outcome of a race. A task that ends after the first one, however, is not looked at.
template <class Value>
class race {
 public:
  explicit race(scope& inner) noexcept : inner_(inner) {}
  template <class T>
  task<> run(task<T> work, std::size_t index) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
        if (!first_) decide<std::monostate>(index, {});
      } else {
        value_or_monostate_t<T> value(co_await std::move(work));
        if (!first_) decide(index, std::move(value));
      }
    } catch (...) {
      if (!first_) throw;
    }
  }
  [[nodiscard]] first_of<Value> take() { return *std::move(first_); }
  [[nodiscard]] bool decided() const noexcept { return first_.has_value(); }

 private:
  template <class T>
  void decide(std::size_t index, T value) {
    first_.emplace(first_of<Value>{index, Value(std::move(value))});
    inner_.cancel();
  }
  scope& inner_;
  std::optional<first_of<Value>> first_;
};

template <class First, class... Rest>
struct race_of {
  using type = std::conditional_t<(std::is_same_v<First, Rest> && ...), value_or_monostate_t<First>,
                                  std::variant<value_or_monostate_t<First>, value_or_monostate_t<Rest>...>>;
};

template <class Value, class Tasks, std::size_t... I>
task<first_of<Value>> any_of(Tasks tasks, std::index_sequence<I...>) {
  scope inner("when_any");
  race<Value> outcome(inner);
  (spawn_part(inner, outcome.run(std::move(std::get<I>(tasks)), I), I), ...);
  co_await inner.join();
  co_return outcome.take();
}

inline task<> expire(std::chrono::nanoseconds time, scope& whole) {
  co_await sleep_for(time);
  whole.cancel();
}

template <class T, class Slot>
task<> fill_in_time(task<T> work, Slot& slot, scope& whole) {
  co_await fill(std::move(work), slot);
  whole.cancel();
}

}  // namespace detail

// The values, in the order of the tasks; std::monostate for void. The first exception cancels the others.
template <class... T>
requires(sizeof...(T) > 0) [[nodiscard]] auto when_all(task<T>... tasks) {
  return detail::all_of<T...>(std::tuple<task<T>...>(std::move(tasks)...), std::index_sequence_for<T...>());
}

// A std::vector<T>; nothing for void.
template <class T>
task<std::conditional_t<std::is_void_v<T>, void, std::vector<detail::value_or_monostate_t<T>>>> when_all(
    std::vector<task<T>> tasks) {
  using Value = detail::value_or_monostate_t<T>;
  std::vector<std::optional<Value>> values(tasks.size());
  scope inner("when_all");
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    detail::spawn_part(inner, detail::fill(std::move(tasks[i]), values[i]), i);
  }
  co_await inner.join();
  if constexpr (!std::is_void_v<T>) {
    std::vector<Value> result;
    result.reserve(values.size());
    for (std::optional<Value>& value : values) result.push_back(*std::move(value));
    co_return result;
  }
}

// The first to end decides: its value, or its exception. What the others end by is dropped.
template <class... T>
requires(sizeof...(T) > 0) [[nodiscard]] auto when_any(task<T>... tasks) {
  return detail::any_of<typename detail::race_of<T...>::type>(std::tuple<task<T>...>(std::move(tasks)...),
                                                              std::index_sequence_for<T...>());
}

// std::invalid_argument for none.
template <class T>
task<first_of<detail::value_or_monostate_t<T>>> when_any(std::vector<task<T>> tasks) {
  if (tasks.empty()) throw std::invalid_argument("when_any() of no task");
  scope inner("when_any");
  detail::race<detail::value_or_monostate_t<T>> outcome(inner);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    detail::spawn_part(inner, outcome.run(std::move(tasks[i]), i), i);
  }
  co_await inner.join();
  co_return outcome.take();
}

// The task's value, or none when it took longer and was cancelled; for void whether it ended in time. A task that ended
// all the same, by a value or an exception, counts.
template <class T>
task<std::conditional_t<std::is_void_v<T>, bool, std::optional<detail::value_or_monostate_t<T>>>> with_timeout(
    std::chrono::nanoseconds time, task<T> work) {
  std::optional<detail::value_or_monostate_t<T>> value;
  scope inner("with_timeout");
  detail::spawn_part(inner, detail::fill_in_time(std::move(work), value, inner), 0);
  detail::spawn_part(inner, detail::expire(time, inner), 1);
  co_await inner.join();
  if constexpr (std::is_void_v<T>) {
    co_return value.has_value();
  } else {
    co_return std::move(value);
  }
}

}  // namespace mtask
