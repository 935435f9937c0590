#pragma once
// Calls a function in worker processes: as many calls at the same time as there are workers.
//
//   mtask::process_pool<std::size_t(std::string, int)> pool(count_words, {.workers = 3});
//   auto one = pool.apply("a text", 2);              // Result<std::size_t>
//   auto all = pool.map(arguments);                  // Result<std::vector<std::size_t>>, in the arguments' order
//   pool.imap_unordered(arguments, [](std::size_t index, mtask::Result<std::size_t> result) { … });
//
// The function and all that it refers to are what they were at the fork: workers are forked when the pool is made, and
// a replacement when a worker has ended. Processes share no variables: what a call changes, it changes for itself and
// for later calls in the same worker. Arguments and results travel as codec.hpp carries them.
//
// What a call may do, and what becomes of it:
//   it returns       the result; too large a one is an error (kItem)
//   it throws        an error (kItem) that names the exception's type and what()
//   its worker ends  (kill -9, abort, exit, out of memory): another worker makes the call again, `crash_limit` times in
//                    all, then it is an error (kItem). So a call may be begun more than once; it has one outcome.
// None of these ends the pool or harms other calls.
//
// Workers ignore SIGINT, SIGTERM and SIGHUP, and end with the process that made them. They keep its open files.
// Standard output is written out before each fork and after each call.
//
// Make it and use it in a process with one thread. Not for use in the workers, or in another process forked meanwhile:
// there calls fail (kUsage). One call of the pool's functions at a time: none from within a callback.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "mtask/codec.hpp"
#include "mtask/result.hpp"

namespace mtask {

struct process_pool_options {
  unsigned workers = 0;                               // 0: one for each CPU that may be used
  std::size_t max_item_bytes = std::size_t{1} << 20;  // of an argument or result of varying size, once encoded
  unsigned in_flight = 256;                           // arguments and results that are in memory at the same time
  unsigned crash_limit = 3;                           // workers that a call may cost
};

namespace workers {
class TaskPool;
}

namespace detail {

// process_pool without its types.
class pool_core {
 public:
  using Bytes = std::span<const std::byte>;
  using Work = std::function<void(decoder& argument, encoder& result)>;       // in a worker; may throw
  using Next = std::function<bool(encoder& argument)>;                        // false: there are no more
  using Take = std::function<bool(std::size_t index, Result<Bytes> result)>;  // false: enough; valid during the call

  pool_core(Work work, const process_pool_options& options, std::size_t max_argument, std::size_t max_result);
  ~pool_core();
  pool_core(pool_core&&) noexcept;
  pool_core& operator=(pool_core&&) noexcept;

  // Calls `take` once for each argument, as results come. What `next` and `take` throw ends it; so does an error.
  [[nodiscard]] Result<void> run(const Next& next, const Take& take);
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] unsigned workers() const noexcept;
  [[nodiscard]] std::uint64_t worker_deaths() const noexcept;

 private:
  std::unique_ptr<workers::TaskPool> pool_;
};

template <class... Args>
struct argument_of {
  using type = std::tuple<std::remove_cvref_t<Args>...>;
};
template <class Arg>
struct argument_of<Arg> {
  using type = std::remove_cvref_t<Arg>;
};

}  // namespace detail

template <class Signature>
class process_pool;

template <class Out, class... Args>
class process_pool<Out(Args...)> {
 public:
  using argument_type = typename detail::argument_of<Args...>::type;  // of several: a tuple
  using result_type = Out;

  // Starts the workers: fewer when the system has no more processes. When there is not even one, calls fail
  // (kUnavailable).
  template <class Function>
  requires std::is_invocable_r_v<Out, Function&, std::remove_cvref_t<Args>...>
  explicit process_pool(Function function, const process_pool_options& options = {})
      : core_(work_of(std::move(function)), options, most_bytes<argument_type>(options.max_item_bytes),
              most_bytes<Stored>(options.max_item_bytes)) {}

  // Makes one call and waits for it.
  [[nodiscard]] Result<Out> apply(const std::remove_cvref_t<Args>&... args) {
    std::optional<Result<Out>> result;
    bool given = false;
    auto ran = core_.run(
        [&](encoder& out) {
          if (std::exchange(given, true)) return false;
          (out.value(args), ...);
          return true;
        },
        [&](std::size_t, Result<Bytes> bytes) { return result.emplace(decoded(std::move(bytes))), true; });
    if (!ran) return Unexpected(std::move(ran).error());
    return *std::move(result);
  }

  // One call for each argument; the results in the arguments' order. The first failure is returned, and what was not
  // begun by then isn't any more.
  template <std::ranges::input_range Arguments>
  requires std::convertible_to<std::ranges::range_reference_t<Arguments>, argument_type>
  [[nodiscard]] auto map(Arguments&& arguments) {
    std::vector<std::optional<Stored>> results;
    std::optional<Error> failure;
    auto ran = run(arguments, [&](std::size_t index, Result<Bytes> bytes) {
      if (!bytes) return failure = failed_at(index, std::move(bytes).error()), false;
      if (results.size() <= index) results.resize(index + 1);
      results[index] = decoder(*bytes).template value<Stored>();
      return true;
    });
    if (!ran) failure = std::move(ran).error();
    return gathered(std::move(results), std::move(failure));
  }

  // One call for each argument, which is taken from the range as there is room (`in_flight`). callback(index, Result)
  // hears of each result as it comes, in this process; returning false it ends the rest, as does what it throws.
  template <std::ranges::input_range Arguments, std::invocable<std::size_t, Result<Out>> Callback>
  requires std::convertible_to<std::ranges::range_reference_t<Arguments>, argument_type>
  [[nodiscard]] Result<void> imap_unordered(Arguments&& arguments, Callback&& callback) {
    return run(arguments, [&](std::size_t index, Result<Bytes> bytes) {
      if constexpr (std::is_same_v<std::invoke_result_t<Callback&, std::size_t, Result<Out>>, bool>) {
        return std::invoke(callback, index, decoded(std::move(bytes)));
      } else {
        std::invoke(callback, index, decoded(std::move(bytes)));
        return true;
      }
    });
  }

  // Ends the workers; calls fail from then on (kUsage). The destructor does the same, without patience for one that
  // does not end.
  [[nodiscard]] Result<void> finish() { return core_.finish(); }

  [[nodiscard]] unsigned workers() const noexcept { return core_.workers(); }                   // alive
  [[nodiscard]] std::uint64_t worker_deaths() const noexcept { return core_.worker_deaths(); }  // so far

 private:
  using Bytes = detail::pool_core::Bytes;
  using Stored = std::conditional_t<std::is_void_v<Out>, std::monostate, std::remove_cvref_t<Out>>;
  static_assert(encodable<argument_type>, "an argument cannot be carried to another process: see mtask/codec.hpp");
  static_assert(encodable<Stored>, "the result cannot be carried to another process: see mtask/codec.hpp");

  // The arguments of a call are encoded one after the other, which is how a tuple of them is.
  template <class Function>
  static detail::pool_core::Work work_of(Function function) {
    auto shared = std::make_shared<Function>(std::move(function));
    return [shared]([[maybe_unused]] decoder& in, encoder& out) {
      std::tuple<std::remove_cvref_t<Args>...> args{in.value<std::remove_cvref_t<Args>>()...};
      std::apply(
          [&](auto&... each) {
            if constexpr (std::is_void_v<Out>) {
              static_cast<void>(std::invoke(*shared, std::move(each)...));
              out.value(Stored());
            } else {
              out.value<Stored>(std::invoke(*shared, std::move(each)...));
            }
          },
          args);
    };
  }

  static Result<Out> decoded(Result<Bytes> bytes) {
    if (!bytes) return Unexpected(std::move(bytes).error());
    if constexpr (std::is_void_v<Out>) {
      return {};
    } else {
      return decoder(*bytes).template value<Stored>();
    }
  }

  template <class Arguments>
  Result<void> run(Arguments& arguments, const detail::pool_core::Take& take) {
    auto at = std::ranges::begin(arguments);
    const auto end = std::ranges::end(arguments);
    return core_.run(
        [&](encoder& out) {
          if (at == end) return false;
          const argument_type& argument = *at;
          out.value(argument);
          ++at;
          return true;
        },
        take);
  }

  static Error failed_at(std::size_t index, Error error) {
    error.context.insert(0, "argument " + std::to_string(index) + ": ");
    return error;
  }

  static auto gathered(std::vector<std::optional<Stored>> results, std::optional<Error> failure) {
    using Gathered = std::conditional_t<std::is_void_v<Out>, Result<void>, Result<std::vector<Stored>>>;
    if (failure) return Gathered(Unexpected(*std::move(failure)));
    if constexpr (std::is_void_v<Out>) {
      return Gathered();
    } else {
      std::vector<Stored> values;
      values.reserve(results.size());
      for (auto& result : results) values.push_back(*std::move(result));
      return Gathered(std::move(values));
    }
  }

  detail::pool_core core_;
};

template <class Out, class... Args>
process_pool(Out (*)(Args...), process_pool_options = {}) -> process_pool<Out(Args...)>;

}  // namespace mtask
