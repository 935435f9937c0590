#include "gen/lua/value.hpp"

#include <lua.hpp>

#include <charconv>
#include <string>

#include "gen/lua/big_integer.hpp"
#include "gen/number.hpp"

namespace mtask::gen {
namespace {

Result<void> append_text(lua_State* state, std::string& text, bool& is_number) {
  is_number = false;
  switch (lua_type(state, -1)) {
    case LUA_TNUMBER:
      is_number = true;
      if (lua_isinteger(state, -1) != 0) {
        text += std::to_string(lua_tointeger(state, -1));
      } else {
        append_real(lua_tonumber(state, -1), text);
      }
      return {};
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* const bytes = lua_tolstring(state, -1, &size);
      text.append(bytes, size);
      return {};
    }
    case LUA_TBOOLEAN:
      text += lua_toboolean(state, -1) != 0 ? "true" : "false";
      return {};
    case LUA_TUSERDATA:
      is_number = append_big(state, -1, text);
      if (is_number) return {};
      break;
    default:
      break;
  }
  return Unexpected(usage_error(std::string("gave ") +
                                (lua_isnil(state, -1) ? "nil" : "a " + std::string(luaL_typename(state, -1)))));
}

Result<void> add_table(lua_State* state, Batch& out) {
  // A table by names would be an empty row.
  if (lua_rawlen(state, -1) == 0) {
    lua_pushnil(state);
    if (lua_next(state, -2) != 0) {
      lua_pop(state, 2);
      return Unexpected(usage_error("gave a table that has no elements 1, 2, ..."));
    }
  }
  Batch row;
  const auto count = static_cast<lua_Integer>(lua_rawlen(state, -1));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(state, -1, i);
    std::string text;
    bool is_number = false;
    auto appended = append_text(state, text, is_number);
    lua_pop(state, 1);
    if (!appended) {
      return Unexpected(usage_error(appended.error().context + " as element " + std::to_string(i) + " of a table"));
    }
    row.add_field(text, is_number);
  }
  row.end_row();
  out.to_rows();
  out.append(row, 0);
  return {};
}

}  // namespace

void push_text(lua_State* state, std::string_view text) {
  if (is_plain_number(text)) {
    const char* const end = text.data() + text.size();
    std::int64_t integer = 0;
    auto read = std::from_chars(text.data(), end, integer);
    if (read.ec == std::errc() && read.ptr == end) {
      lua_pushinteger(state, integer);
      return;
    }
    if (text.find('.') == std::string_view::npos) {
      push_big(state, std::string(text));
      return;
    }
    double real = 0;
    read = std::from_chars(text.data(), end, real);
    if (read.ec == std::errc() && read.ptr == end) {
      lua_pushnumber(state, real);
      return;
    }
  }
  lua_pushlstring(state, text.data(), text.size());
}

void push_value(lua_State* state, const Batch& batch, std::size_t index) {
  if (batch.kind() == Batch::Kind::kReals) {
    lua_pushnumber(state, batch.reals()[index]);
  } else if (batch.kind() != Batch::Kind::kRows) {
    if (batch.scale() == 0) {
      lua_pushinteger(state, batch.exact_at(index));
    } else {
      lua_pushnumber(state, to_double(batch.exact_at(index), batch.scale()));
    }
  } else if (batch.field_count(index) == 1) {
    push_text(state, batch.row_field(index, 0));
  } else {
    push_fields(state, batch, index);
  }
}

void push_fields(lua_State* state, const Batch& batch, std::size_t index) {
  const std::size_t count = batch.field_count(index);
  lua_createtable(state, static_cast<int>(count), 0);
  for (std::size_t field = 0; field < count; ++field) {
    if (batch.kind() == Batch::Kind::kRows) {
      push_text(state, batch.row_field(index, field));
    } else {
      push_value(state, batch, index);
    }
    lua_rawseti(state, -2, static_cast<lua_Integer>(field) + 1);
  }
}

Result<void> pop_value(lua_State* state, Batch& out) {
  Result<void> added;
  if (lua_istable(state, -1)) {
    added = add_table(state, out);
  } else {
    std::string text;
    bool is_number = false;
    added = append_text(state, text, is_number);
    if (added) {
      out.to_rows();
      out.add_text(text, is_number);
    }
  }
  lua_pop(state, 1);
  return added;
}

}  // namespace mtask::gen
