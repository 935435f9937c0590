#pragma once
// A Lua interpreter for expressions: no files, no system, no loading of code; math, string, table and utf8, and the
// helpers mean, sum, min, max, len. Strings compare with numbers as the numbers that they are the texts of.
//
// One for each stage, so that stages share nothing. Owns the interpreter. One thread.

#include <memory>
#include <string>
#include <string_view>

#include "mtask/result.hpp"

struct lua_State;

namespace mtask::gen {

class LuaState {
 public:
  LuaState();  // throws std::bad_alloc
  [[nodiscard]] lua_State* get() const noexcept { return state_.get(); }

  // Leaves the function that `chunk` is on the stack. The error is Lua's sentence, without a place.
  [[nodiscard]] Result<void> load(const std::string& chunk);
  // lua_pcall(); false when it failed. interrupt_expressions() makes it fail.
  [[nodiscard]] bool call(int arguments, int results, int handler);
  // Whether `chunk` is Lua at all.
  [[nodiscard]] Result<void> check(const std::string& chunk);

 private:
  struct Close {
    void operator()(lua_State* state) const noexcept;
  };
  std::unique_ptr<lua_State, Close> state_;
};

// "expression:1: unexpected symbol" without its place, which says nothing to whoever wrote one line.
[[nodiscard]] std::string without_place(std::string_view message);

// From now on calls fail or do not (interrupt_expressions() in mtask/gen.hpp).
void allow_expressions() noexcept;

// mean, sum, min, max, len as globals; each takes a table or its arguments. __row makes a table of its
// arguments, of which none may be nil.
void add_helpers(lua_State* state);
// Comparison of strings with numbers.
void add_string_comparison(lua_State* state);

}  // namespace mtask::gen
