#pragma once
// Values of batches as values of Lua, and back.

#include <cstddef>
#include <string_view>

#include "gen/batch.hpp"
#include "mtask/result.hpp"

struct lua_State;

namespace mtask::gen {

// A number where the text is one's, else a string.
void push_text(lua_State* state, std::string_view text);
void push_value(lua_State* state, const Batch& batch, std::size_t index);
// A table of the fields.
void push_fields(lua_State* state, const Batch& batch, std::size_t index);

// Adds what is on the top of the stack to `out`, a batch in the making, and pops it. A table is a value of several
// fields. The reason of a failure: "gave nil".
[[nodiscard]] Result<void> pop_value(lua_State* state, Batch& out);

}  // namespace mtask::gen
