#include "gen/lua/expression.hpp"

#include <lua.hpp>

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "gen/lua/big_integer.hpp"
#include "gen/lua/integer_room.hpp"
#include "gen/lua/value.hpp"

namespace mtask::gen {
namespace {

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Whether the name stands anywhere in the text; in a string, too, which costs time alone.
bool mentions(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || !is_name_character(text[at - 1]);
    const bool ends = at + name.size() == text.size() || !is_name_character(text[at + name.size()]);
    if (begins && ends) return true;
  }
  return false;
}

// The loop around the expression. A newline after it ends a comment in it. Names of ours begin with two underlines, so
// that nobody uses one by mistake. With `most`, reducing ends where the value passes it. `exact`: integers are big.
std::string chunk(std::string_view expression, bool several, Expression::Use use, std::int64_t most, bool exact) {
  const std::string text = (several ? "__row(" : "(") + std::string(expression) + "\n)";
  const std::string need = " if __r == nil then error('gave nil', 0) end ";
  std::string body;
  std::string last;
  switch (use) {
    case Expression::Use::kChoose:
      body = "if " + text + " then __k = __k + 1 __out[__k] = __j end";
      last = "__k";
      break;
    case Expression::Use::kFind:
      body = "if " + text + " then return __j end";
      last = "0";
      break;
    case Expression::Use::kMap:
      body = "local __r = " + text + need + "__out[__j] = __r";
      last = "__n";
      break;
    case Expression::Use::kReduce:
      body = "local __r = " + text + need + "a = __r";
      if (most > 0) {
        const std::string bound = std::to_string(most);
        body += " if __type(a) == 'integer' and (a > " + bound + " or a < -" + bound + ") then return a, __j end";
      }
      last = "a, __n";
      break;
  }
  return std::string("local __type = math.type return function(__xs, __fs, __out, __n, __before, ") +
         (use == Expression::Use::kReduce ? "a" : "__a") + ") local __k = 0 for __j = 1, __n do local " +
         (mentions(expression, "x") ? "x" : "__x") + " = __xs[__j] " +
         (mentions(expression, "i") ? (exact ? "local i = big(__before + __j) " : "local i = __before + __j ") : "") +
         (mentions(expression, "f") ? "local f = __fs[__j] " : "") + body + " end return " + last + " end";
}

// Leaves the value of a local variable of the loop, or nothing.
bool push_local(lua_State* state, lua_Debug& frame, std::string_view wanted) {
  const char* name = nullptr;
  for (int local = 1; (name = lua_getlocal(state, &frame, local)) != nullptr; ++local) {
    if (name == wanted) return true;
    lua_pop(state, 1);
  }
  return false;
}

// The number of the outermost call. Each look takes time in proportion to the depth.
int last_level(lua_State* state) {
  lua_Debug frame;
  int beyond = 1;
  while (lua_getstack(state, beyond, &frame) != 0) beyond *= 2;
  int level = 0;
  while (beyond - level > 1) {
    const int middle = level + (beyond - level) / 2;
    (lua_getstack(state, middle, &frame) != 0 ? level : beyond) = middle;
  }
  return level;
}

// Runs where an error is raised; makes it a table: the message, where the loop was, how many it had chosen. The loop is
// the outermost function. Lua 5.4 does not always know that the body has begun (a division by zero in the first round);
// the loop's own state has the same number.
int add_position(lua_State* state) {
  lua_Debug frame;
  if (lua_getstack(state, last_level(state), &frame) == 0) return 1;
  lua_createtable(state, 3, 0);
  luaL_tolstring(state, 1, nullptr);
  lua_rawseti(state, -2, 1);
  if (push_local(state, frame, "__j") || push_local(state, frame, "(for state)")) lua_rawseti(state, -2, 2);
  if (push_local(state, frame, "__k")) lua_rawseti(state, -2, 3);
  return 1;
}

std::string as_user_sees_it(std::string message) {
  // How the loop calls things is not how the user does.
  for (const std::string_view ours : {" (local 'x')", " (local 'i')", " (local 'f')", " (local 'a')"}) {
    const std::size_t at = message.find(ours);
    if (at != std::string::npos) message.replace(at, ours.size(), " (" + std::string(ours.substr(9, 1)) + ")");
  }
  return message;
}

}  // namespace

Result<Expression> Expression::compile(const StageArguments& arguments, const Word& word, Use use) {
  Expression expression(std::string(arguments.context("")), use);
  add_big_integers(expression.lua_.get(), true);
  const std::string& text = word.text;
  // By itself it must be one or several; within parentheses one alone is.
  auto checked = expression.lua_.check("return " + text + "\n");
  const bool several = checked && !expression.lua_.check("return (" + text + "\n)");
  if (text.find_first_not_of(" \t\n") == std::string::npos) return Unexpected(arguments.refuse(word, "is empty"));
  if (several && use != Use::kMap) checked = Unexpected(usage_error("one expression is needed, not several"));
  if (!checked) return Unexpected(arguments.refuse(word, "is no Lua expression: " + checked.error().context));
  expression.uses_value_ = mentions(text, "x");
  expression.uses_index_ = mentions(text, "i");
  expression.uses_fields_ = mentions(text, "f");
  const std::optional<int> room = integer_room(text);
  if (room) expression.most_ = *room > 0 ? std::int64_t{1} << *room : 0;
  const auto load = [&](std::string_view code, bool exact, int& function) {
    auto loaded = expression.lua_.load(chunk(code, several, use, exact ? 0 : expression.most_, exact));
    if (loaded) {
      lua_call(expression.lua_.get(), 0, 1);
      function = luaL_ref(expression.lua_.get(), LUA_REGISTRYINDEX);
    }
    return loaded;
  };
  auto loaded = load(text, false, expression.function_);
  if (loaded && room) loaded = load(with_big_literals(text), true, expression.exact_function_);
  if (!loaded) return Unexpected(arguments.refuse(word, "is no Lua expression: " + loaded.error().context));
  expression.keep_tables();
  return expression;
}

void Expression::keep_tables() {
  lua_State* const state = lua_.get();
  for (int* const table : {&values_, &fields_, &results_}) {
    lua_createtable(state, static_cast<int>(kBatchValues), 0);
    *table = luaL_ref(state, LUA_REGISTRYINDEX);
  }
  lua_pushboolean(state, 0);
  reduced_ = luaL_ref(state, LUA_REGISTRYINDEX);
}

bool Expression::may_wrap(const Batch& batch, std::size_t from) const {
  if (most_ == 0) return true;
  const auto beyond = [&](std::int64_t value) { return value > most_ || value < -most_; };
  if (uses_index_ && beyond(static_cast<std::int64_t>(number_ + batch.size()))) return true;
  if (!uses_value_ || batch.kind() == Batch::Kind::kReals) return false;
  if (batch.kind() != Batch::Kind::kRows) {
    if (batch.scale() != 0) return false;
    for (std::size_t i = from; i < batch.size(); ++i) {
      if (beyond(batch.exact_at(i))) return true;
    }
    return false;
  }
  const std::size_t digits = std::to_string(most_).size() - 1;
  for (std::size_t i = from; i < batch.size(); ++i) {
    for (std::size_t field = 0; field < batch.field_count(i); ++field) {
      if (batch.row_field(i, field).size() > digits) return true;
    }
  }
  return false;
}

void Expression::fill(Batch& batch, std::size_t from, bool exact) {
  lua_State* const state = lua_.get();
  const std::size_t count = batch.size();
  if (uses_value_) {
    lua_rawgeti(state, LUA_REGISTRYINDEX, values_);
    lua_Integer position = 0;
    if (!exact && batch.kind() != Batch::Kind::kRows && batch.kind() != Batch::Kind::kReals && batch.scale() == 0) {
      for (const std::int64_t value : batch.exact().subspan(from)) {
        lua_pushinteger(state, value);
        lua_rawseti(state, -2, ++position);
      }
    } else {
      for (std::size_t i = from; i < count; ++i) {
        push_value(state, batch, i);
        if (exact) make_big(state);
        lua_rawseti(state, -2, ++position);
      }
    }
    lua_pop(state, 1);
  }
  if (uses_fields_) {
    lua_rawgeti(state, LUA_REGISTRYINDEX, fields_);
    lua_Integer position = 0;
    for (std::size_t i = from; i < count; ++i) {
      push_fields(state, batch, i);
      lua_rawseti(state, -2, ++position);
    }
    lua_pop(state, 1);
  }
}

Error Expression::failure(const Batch& batch, std::size_t index, const std::string& why) const {
  constexpr std::size_t kShown = 80;  // of a long value
  std::string value;
  batch.append_value(index, " ", value);
  if (value.size() > kShown) value.replace(kShown, std::string::npos, "...");
  return Error{ErrorKind::kItem,
               {},
               stage_ + "value " + quote(value) + " (number " + std::to_string(number_ + index) + "): " + why};
}

void Expression::measure(std::int64_t values, std::chrono::steady_clock::duration time) noexcept {
  constexpr std::size_t kMost = 1U << 20U;
  const auto as_many =
      std::chrono::duration<double>(time) / static_cast<double>(values) * static_cast<double>(at_once_);
  if (as_many < std::chrono::milliseconds(2)) {
    at_once_ = std::min(at_once_ * 2, kMost);
  } else if (as_many > std::chrono::milliseconds(10)) {
    at_once_ = std::max<std::size_t>(at_once_ / 2, 1);
  }
}

Result<void> Expression::call(Batch& batch, std::size_t from, Outcome& outcome) {
  const bool exact = exact_function_ != 0 && (reduced_big_ || may_wrap(batch, from));
  if (!exact) return run(batch, from, false, outcome);
  set_small_are_plain(lua_.get(), false);
  Result<void> done = run(batch, from, true, outcome);
  set_small_are_plain(lua_.get(), true);
  return done;
}

Result<void> Expression::run(Batch& batch, std::size_t from, bool exact, Outcome& outcome) {
  lua_State* const state = lua_.get();
  fill(batch, from, exact);
  lua_pushcfunction(state, add_position);
  for (const int kept : {exact ? exact_function_ : function_, values_, fields_, results_})
    lua_rawgeti(state, LUA_REGISTRYINDEX, kept);
  lua_pushinteger(state, static_cast<lua_Integer>(batch.size() - from));
  lua_pushinteger(state, static_cast<lua_Integer>(number_ + from) - 1);
  lua_rawgeti(state, LUA_REGISTRYINDEX, reduced_);
  const auto start = std::chrono::steady_clock::now();
  const int results = use_ == Use::kReduce ? 2 : 1;
  const bool done = lua_.call(6, results, -8);
  const auto values = static_cast<std::int64_t>(batch.size() - from);
  measure(values, std::chrono::steady_clock::now() - start);
  if (done) {
    outcome.value = std::clamp<std::int64_t>(lua_tointeger(state, -1), 0, values);
    lua_pop(state, 1);
    if (use_ == Use::kReduce) lua_rawseti(state, LUA_REGISTRYINDEX, reduced_);
    lua_pop(state, 1);
    return {};
  }
  std::string why = "not enough memory";
  outcome.position = 1;
  outcome.value = 0;
  if (lua_istable(state, -1)) {
    for (const int field : {1, 2, 3}) lua_rawgeti(state, -field, field);
    why = one_line(as_user_sees_it(without_place(lua_tostring(state, -3))));
    outcome.position = std::clamp<std::int64_t>(lua_tointeger(state, -2), 1, values);
    outcome.value = std::clamp<std::int64_t>(lua_tointeger(state, -1), 0, values);
    lua_pop(state, 3);
  }
  lua_pop(state, 2);
  const auto index = from + static_cast<std::size_t>(outcome.position) - 1;
  return Unexpected(failure(batch, index, why));
}

Result<void> Expression::choose(Batch& batch, std::vector<std::uint32_t>& positions) {
  Outcome outcome;
  auto called = call(batch, 0, outcome);
  positions.clear();
  if (use_ == Use::kFind) {
    const std::int64_t found = called ? outcome.value : outcome.position;
    if (found > 0) positions.push_back(static_cast<std::uint32_t>(found - 1));
  } else {
    lua_State* const state = lua_.get();
    lua_rawgeti(state, LUA_REGISTRYINDEX, results_);
    for (lua_Integer i = 1; i <= outcome.value; ++i) {
      lua_rawgeti(state, -1, i);
      // An expression that looks for our variables can make anything of them.
      const lua_Integer position = lua_tointeger(state, -1) - 1;
      lua_pop(state, 1);
      const auto least = positions.empty() ? 0 : static_cast<lua_Integer>(positions.back()) + 1;
      if (position < least || position >= static_cast<lua_Integer>(batch.size())) break;
      positions.push_back(static_cast<std::uint32_t>(position));
    }
    lua_pop(state, 1);
  }
  number_ += batch.size();
  return called;
}

// Where all results are numbers, which is checked on the way.
bool Expression::take_numbers(Batch& batch, std::int64_t count) {
  lua_State* const state = lua_.get();
  std::vector<std::int64_t>& integers = batch.start_exact(0);
  lua_Integer i = 1;
  for (; i <= count; ++i) {
    lua_rawgeti(state, -1, i);
    int is_integer = 0;
    const lua_Integer value = lua_isinteger(state, -1) != 0 ? lua_tointegerx(state, -1, &is_integer) : 0;
    lua_pop(state, 1);
    if (is_integer == 0) break;
    integers.push_back(value);
  }
  if (i > count) return true;
  std::vector<double>& reals = batch.start_reals();
  for (i = 1; i <= count; ++i) {
    const bool is_number = lua_rawgeti(state, -1, i) == LUA_TNUMBER && lua_isinteger(state, -1) == 0;
    const double value = is_number ? lua_tonumber(state, -1) : 0;
    lua_pop(state, 1);
    if (!is_number) return false;
    reals.push_back(value);
  }
  return true;
}

Result<void> Expression::map(Batch& batch, bool flat) {
  lua_State* const state = lua_.get();
  Outcome outcome;
  Result<void> called = call(batch, 0, outcome);
  const std::int64_t count = called ? static_cast<std::int64_t>(batch.size()) : outcome.position - 1;
  lua_rawgeti(state, LUA_REGISTRYINDEX, results_);
  Batch made;
  if (!take_numbers(made, count)) {
    made.start_rows();
    Result<void> added;
    for (lua_Integer i = 1; i <= count && added; ++i) {
      lua_rawgeti(state, -1, i);
      if (flat && lua_istable(state, -1)) {
        const auto elements = static_cast<lua_Integer>(lua_rawlen(state, -1));
        for (lua_Integer element = 1; element <= elements && added; ++element) {
          lua_rawgeti(state, -1, element);
          added = pop_value(state, made);
        }
        lua_pop(state, 1);
      } else {
        added = pop_value(state, made);
      }
      if (!added) called = Unexpected(failure(batch, static_cast<std::size_t>(i) - 1, added.error().context));
    }
  }
  lua_pop(state, 1);
  number_ += batch.size();
  std::swap(batch, made);
  return called;
}

void Expression::start(const Batch& batch, std::size_t index) {
  push_value(lua_.get(), batch, index);
  lua_rawseti(lua_.get(), LUA_REGISTRYINDEX, reduced_);
}

void Expression::start(std::string_view text) {
  push_text(lua_.get(), text);
  lua_rawseti(lua_.get(), LUA_REGISTRYINDEX, reduced_);
}

// Whether it could wrap around from now on; then the reduced value is a big one.
void Expression::watch_reduced(bool may_wrap) {
  if (exact_function_ == 0 || reduced_big_) return;
  lua_State* const state = lua_.get();
  lua_rawgeti(state, LUA_REGISTRYINDEX, reduced_);
  const lua_Integer value = lua_isinteger(state, -1) != 0 ? lua_tointeger(state, -1) : 0;
  reduced_big_ = may_wrap || lua_isuserdata(state, -1) != 0 || value > most_ || value < -most_;
  if (reduced_big_) make_big(state);
  lua_rawseti(state, LUA_REGISTRYINDEX, reduced_);
}

Result<void> Expression::reduce(Batch& batch, std::size_t from) {
  Result<void> called;
  while (called && from < batch.size()) {
    if (exact_function_ != 0 && !reduced_big_) watch_reduced(may_wrap(batch, from));
    Outcome outcome;
    called = call(batch, from, outcome);
    from += static_cast<std::size_t>(outcome.value);
  }
  number_ += batch.size();
  return called;
}

Result<void> Expression::result(Batch& out) const {
  lua_rawgeti(lua_.get(), LUA_REGISTRYINDEX, reduced_);
  out.start_rows();
  return pop_value(lua_.get(), out);
}

}  // namespace mtask::gen
