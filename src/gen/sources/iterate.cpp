// iterate: a value, what an expression makes of it, what it makes of that, and so on.

#include <gmp.h>
#include <lua.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "gen/lua/big_integer.hpp"
#include "gen/lua/state.hpp"
#include "gen/lua/value.hpp"
#include "gen/sources/make.hpp"
#include "gen/stage_arguments.hpp"

namespace mtask::gen {
namespace {

bool is_integer(std::string_view text) { return is_plain_number(text) && text.find('.') == std::string_view::npos; }

// The current value is a global of the interpreter's, `x`; its number is `i`.
class Iterate final : public Source {
 public:
  explicit Iterate(LuaState lua) : lua_(std::move(lua)) {}

  [[nodiscard]] task<Result<void>> pull(Batch& out, std::size_t want) override {
    out.start_rows();
    if (pending_) co_return Unexpected(std::move(*pending_));
    const auto enough = std::chrono::steady_clock::now() + kPatience;
    for (const std::size_t most = std::min(want, kMostAtOnce); out.size() < most && !pending_;) {
      step(out);
      if (std::chrono::steady_clock::now() > enough) break;
    }
    if (out.empty() && pending_) co_return Unexpected(std::move(*pending_));
    co_return Result<void>();
  }

 private:
  static constexpr std::size_t kMostAtOnce = 64;
  static constexpr std::chrono::milliseconds kPatience{10};

  // A value that cannot be handed out does not become x.
  void step(Batch& out) {
    lua_State* const state = lua_.get();
    if (number_ == 0) {
      lua_getglobal(state, "x");
    } else {
      lua_pushinteger(state, static_cast<lua_Integer>(number_) - 1);
      lua_setglobal(state, "i");
      lua_pushvalue(state, 1);
      if (!lua_.call(0, 1, 0)) {
        const std::string why = one_line(luaL_tolstring(state, -1, nullptr));
        lua_settop(state, 1);
        pending_ = failure(without_place(why));
        return;
      }
    }
    lua_pushvalue(state, -1);
    if (auto added = pop_value(state, out); !added) {
      lua_settop(state, 1);
      pending_ = failure(added.error().context);
      return;
    }
    lua_setglobal(state, "x");
    ++number_;
  }

  Error failure(const std::string& why) const {
    lua_State* const state = lua_.get();
    lua_getglobal(state, "x");
    Batch shown;
    std::string value;
    if (pop_value(state, shown)) shown.append_value(0, "\t", value);
    return Error{ErrorKind::kItem,
                 {},
                 "iterate: value " + quote(value) + " (number " + std::to_string(number_ - 1) + "): " + why};
  }

  LuaState lua_;  // with the expression's function at the bottom of its stack
  std::uint64_t number_ = 0;
  std::optional<Error> pending_;
};

}  // namespace

Result<StreamPtr> make_iterate(StageArguments& arguments) {
  const Word& start = arguments.operands()[0];
  const Word& word = arguments.operands()[1];
  LuaState lua;
  add_big_integers(lua.get(), false);
  for (const std::string& chunk : {"return " + word.text + "\n", "return (" + word.text + "\n)"}) {
    if (auto checked = lua.check(chunk); !checked) {
      return Unexpected(arguments.refuse(word, "is no Lua expression: " + checked.error().context));
    }
  }
  const bool big = is_integer(start.text);
  const std::string text = big ? with_big_literals(word.text) : word.text;
  if (auto loaded = lua.load("return (" + text + "\n)"); !loaded) {
    return Unexpected(arguments.refuse(word, "is no Lua expression: " + loaded.error().context));
  }
  if (big) {
    push_big(lua.get(), start.text);
  } else {
    push_text(lua.get(), start.text);
  }
  lua_setglobal(lua.get(), "x");
  return StreamPtr(std::make_unique<Iterate>(std::move(lua)));
}

}  // namespace mtask::gen
