#pragma once
// Integers of any size as values of Lua, with its operators: userdata around GMP's mpz_t, collected by Lua.
//
// Lua's own integers wrap around at 64 bits. Where that must not happen, an expression's literals are made big by
// with_big_literals(), so that all of its arithmetic is.

#include <string>
#include <string_view>

struct lua_State;

namespace mtask::gen {

// Adds the type and the function `big`, which makes one of an integer or of a text of digits. With `small_are_plain`
// results that fit in 64 bits are Lua's own integers again, so that they equal literals.
void add_big_integers(lua_State* state, bool small_are_plain);

// Changes that from now on.
void set_small_are_plain(lua_State* state, bool plain);

void push_big(lua_State* state, const std::string& digits);
// Makes the value on the top of the stack big, where it is an integer.
void make_big(lua_State* state);
// Appends the digits of the value at `index`, where it is one of these.
bool append_big(lua_State* state, int index, std::string& out);

// The expression with big(N) in place of each integer literal N in decimal digits.
[[nodiscard]] std::string with_big_literals(std::string_view expression);

}  // namespace mtask::gen
