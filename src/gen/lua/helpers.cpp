#include <lua.hpp>

#include <algorithm>

#include "gen/lua/state.hpp"

namespace mtask::gen {
namespace {

// Pushes the i-th of what a helper was given: an element of its table, or an argument. Texts of numbers become numbers.
void push_number(lua_State* state, bool table, lua_Integer i) {
  if (table) {
    lua_geti(state, 1, i);
  } else {
    lua_pushvalue(state, static_cast<int>(i));
  }
  if (lua_type(state, -1) == LUA_TSTRING && lua_stringtonumber(state, lua_tostring(state, -1)) != 0)
    lua_remove(state, -2);
  if (lua_type(state, -1) != LUA_TNUMBER && lua_type(state, -1) != LUA_TUSERDATA) {
    luaL_error(state, "%s is not a number", luaL_tolstring(state, -1, nullptr));
  }
}

lua_Integer count(lua_State* state, bool table) {
  return table ? luaL_len(state, 1) : static_cast<lua_Integer>(lua_gettop(state));
}

// Leaves the sum on the stack.
lua_Integer add_all(lua_State* state) {
  const bool table = lua_istable(state, 1);
  const lua_Integer values = count(state, table);
  lua_pushinteger(state, 0);
  for (lua_Integer i = 1; i <= values; ++i) {
    push_number(state, table, i);
    lua_arith(state, LUA_OPADD);
  }
  return values;
}

int sum(lua_State* state) {
  add_all(state);
  return 1;
}

int mean(lua_State* state) {
  const lua_Integer values = add_all(state);
  if (values == 0) return luaL_error(state, "mean of no values");
  lua_pushinteger(state, values);
  lua_arith(state, LUA_OPDIV);
  return 1;
}

template <bool kLeast>
int extreme(lua_State* state) {
  const bool table = lua_istable(state, 1);
  const lua_Integer values = count(state, table);
  if (values == 0) return luaL_error(state, "%s of no values", kLeast ? "min" : "max");
  push_number(state, table, 1);
  for (lua_Integer i = 2; i <= values; ++i) {
    push_number(state, table, i);
    const bool less = lua_compare(state, kLeast ? -1 : -2, kLeast ? -2 : -1, LUA_OPLT) != 0;
    lua_remove(state, less ? -2 : -1);
  }
  return 1;
}

// Elements of a table, letters of a text (bytes where it isn't UTF-8).
int len(lua_State* state) {
  luaL_checkany(state, 1);
  if (lua_type(state, 1) == LUA_TSTRING || lua_type(state, 1) == LUA_TNUMBER) {
    std::size_t size = 0;
    const char* const text = lua_tolstring(state, 1, &size);
    const auto letters =
        std::count_if(text, text + size, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
    lua_pushinteger(state, static_cast<lua_Integer>(letters));
  } else {
    lua_pushinteger(state, luaL_len(state, 1));
  }
  return 1;
}

int row(lua_State* state) {
  const int count = lua_gettop(state);
  lua_createtable(state, count, 0);
  for (int i = 1; i <= count; ++i) {
    if (lua_isnil(state, i)) return luaL_error(state, "gave nil as field %d", i);
    lua_pushvalue(state, i);
    lua_rawseti(state, -2, i);
  }
  return 1;
}

// The argument as a number, when one of a comparison is one and the other is its text.
bool to_number(lua_State* state, int index) {
  if (lua_type(state, index) == LUA_TNUMBER || lua_type(state, index) == LUA_TUSERDATA) {
    lua_pushvalue(state, index);
    return true;
  }
  return lua_type(state, index) == LUA_TSTRING && lua_stringtonumber(state, lua_tostring(state, index)) != 0;
}

template <int kOperator>
int compare(lua_State* state) {
  if (!to_number(state, 1) || !to_number(state, 2)) {
    return luaL_error(state, "attempt to compare %s with %s", luaL_typename(state, 1), luaL_typename(state, 2));
  }
  lua_pushboolean(state, lua_compare(state, -2, -1, kOperator));
  return 1;
}

}  // namespace

void add_helpers(lua_State* state) {
  static constexpr luaL_Reg kHelpers[] = {
      {"sum", sum}, {"mean", mean}, {"min", extreme<true>}, {"max", extreme<false>}, {"len", len}, {"__row", row},
  };
  for (const luaL_Reg& helper : kHelpers) lua_register(state, helper.name, helper.func);
}

void add_string_comparison(lua_State* state) {
  lua_pushliteral(state, "");
  if (lua_getmetatable(state, -1) != 0) {
    lua_pushcfunction(state, compare<LUA_OPLT>);
    lua_setfield(state, -2, "__lt");
    lua_pushcfunction(state, compare<LUA_OPLE>);
    lua_setfield(state, -2, "__le");
    lua_pop(state, 1);
  }
  lua_pop(state, 1);
}

}  // namespace mtask::gen
