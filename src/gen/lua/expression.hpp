#pragma once
// A user's expression, compiled once and run over a batch at a time: the loop over the values is Lua's, too.
//
// In it `x` is the value, `i` its index from 0, `f[1]` … its fields; `a` what was reduced so far. A value of one field
// is a number where its text is that of one (7, -2.5; not 007) and a string otherwise; one of several fields is a table
// of them.
//
// Where the integers of plain arithmetic are so large that it could wrap around at 64 bits (integer_room.hpp), it is
// done with big ones.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gen/batch.hpp"
#include "gen/lua/state.hpp"
#include "gen/stage_arguments.hpp"
#include "mtask/result.hpp"

namespace mtask::gen {

class Expression {
 public:
  // What is done with its result for each value.
  enum class Use : std::uint8_t {
    kChoose,  // true: the value's position is kept
    kFind,    // the first true one ends the loop
    kMap,     // it is the new value; several are the fields of one
    kReduce,  // it is the new `a`
  };
  // Points at `word` where it isn't Lua.
  [[nodiscard]] static Result<Expression> compile(const StageArguments& arguments, const Word& word, Use use);

  // How many values it should be given at once: so many that they take some milliseconds, as far as is known.
  [[nodiscard]] std::size_t at_once() const noexcept { return at_once_; }

  // kChoose: the positions, rising. kFind: the first position alone, or none.
  // An error is of kind kItem and names stage and value; what came before it is in `positions`.
  [[nodiscard]] Result<void> choose(Batch& batch, std::vector<std::uint32_t>& positions);

  // Replaces the values by what the expression makes of them; with `flat`, the elements of a table become values each.
  // On an error the batch holds what came before it.
  [[nodiscard]] Result<void> map(Batch& batch, bool flat);

  // Starts `a` with the value at `index`, or with a text.
  void start(const Batch& batch, std::size_t index);
  void start(std::string_view text);
  // Goes over the values from `from` on.
  [[nodiscard]] Result<void> reduce(Batch& batch, std::size_t from);
  // Adds `a` to `out`.
  [[nodiscard]] Result<void> result(Batch& out) const;

 private:
  Expression(std::string stage, Use use) : stage_(std::move(stage)), use_(use) {}
  void keep_tables();
  void fill(Batch& batch, std::size_t from, bool exact);
  void watch_reduced(bool may_wrap);
  [[nodiscard]] bool may_wrap(const Batch& batch, std::size_t from) const;
  struct Outcome {
    std::int64_t value = 0;     // what the loop returned: how many it chose or reduced, where it found one
    std::int64_t position = 0;  // after an error: where it was, from 1
  };
  void measure(std::int64_t values, std::chrono::steady_clock::duration time) noexcept;
  // Runs the loop over the values from `from` on.
  [[nodiscard]] Result<void> call(Batch& batch, std::size_t from, Outcome& outcome);
  [[nodiscard]] Result<void> run(Batch& batch, std::size_t from, bool exact, Outcome& outcome);
  [[nodiscard]] Error failure(const Batch& batch, std::size_t index, const std::string& why) const;
  [[nodiscard]] bool take_numbers(Batch& batch, std::int64_t count);

  std::string stage_;
  Use use_;
  bool uses_value_ = false;
  bool uses_index_ = false;
  bool uses_fields_ = false;
  LuaState lua_;
  // References into the interpreter's registry.
  int function_ = 0;
  int exact_function_ = 0;  // the same with big integers; 0: there is none
  int values_ = 0;
  int fields_ = 0;
  int results_ = 0;
  int reduced_ = 0;
  std::int64_t most_ = 0;     // with integers beyond it function_ could wrap around; 0: with any
  bool reduced_big_ = false;  // the reduced value has passed it
  std::size_t at_once_ = 1;
  std::uint64_t number_ = 0;  // of the next batch's first value
};

}  // namespace mtask::gen
