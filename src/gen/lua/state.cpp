#include "gen/lua/state.hpp"

#include <lua.hpp>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <new>
#include <string_view>

#include "mtask/gen.hpp"

namespace mtask::gen {
namespace {

constexpr const char* kRemoved[] = {"collectgarbage", "dofile", "getmetatable", "load",   "loadfile",     "print",
                                    "rawequal",       "rawget", "rawlen",       "rawset", "setmetatable", "warn"};
constexpr const char* kNeverThere[] = {"coroutine", "debug", "io", "loadstring", "os", "package", "require"};

void keep_safe_functions(lua_State* state) {
  for (const char* const name : kRemoved) {
    lua_pushnil(state);
    lua_setglobal(state, name);
  }
  lua_getglobal(state, "string");
  lua_pushnil(state);
  lua_setfield(state, -2, "dump");
  lua_pop(state, 1);
}

int unknown_name(lua_State* state) {
  const std::string_view name = luaL_tolstring(state, 2, nullptr);
  const auto is_name = [&](const char* known) { return name == known; };
  if (std::any_of(std::begin(kRemoved), std::end(kRemoved), is_name) ||
      std::any_of(std::begin(kNeverThere), std::end(kNeverThere), is_name)) {
    return 0;
  }
  return luaL_error(state, "there is no '%s'", name.data());
}

// A misspelt name would be nil, and a filter by it silently empty. Lua's own names may be asked for.
void refuse_unknown_names(lua_State* state) {
  lua_pushglobaltable(state);
  lua_createtable(state, 0, 1);
  lua_pushcfunction(state, unknown_name);
  lua_setfield(state, -2, "__index");
  lua_setmetatable(state, -2);
  lua_pop(state, 1);
}

// Of all interpreters, which take turns on one thread. Read by a signal's handler.
std::atomic<lua_State*> g_running{nullptr};
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<lua_State*>::is_always_lock_free);

void raise_interrupt(lua_State* state, lua_Debug*) {
  lua_sethook(state, nullptr, 0, 0);
  luaL_error(state, "interrupted");
}

}  // namespace

void LuaState::Close::operator()(lua_State* state) const noexcept { lua_close(state); }

LuaState::LuaState() : state_(luaL_newstate()) {
  if (!state_) throw std::bad_alloc();
  // Outside of a protected call only memory can be lacking. The interpreter would abort.
  lua_atpanic(state_.get(), [](lua_State*) -> int { throw std::bad_alloc(); });
  static constexpr luaL_Reg kLibraries[] = {
      {LUA_GNAME, luaopen_base},       {LUA_MATHLIBNAME, luaopen_math}, {LUA_STRLIBNAME, luaopen_string},
      {LUA_TABLIBNAME, luaopen_table}, {LUA_UTF8LIBNAME, luaopen_utf8},
  };
  for (const luaL_Reg& library : kLibraries) {
    luaL_requiref(state_.get(), library.name, library.func, 1);
    lua_pop(state_.get(), 1);
  }
  keep_safe_functions(state_.get());
  add_helpers(state_.get());
  add_string_comparison(state_.get());
  refuse_unknown_names(state_.get());
}

std::string without_place(std::string_view message) {
  constexpr std::string_view kPlace = "expression:";
  if (!message.starts_with(kPlace)) return std::string(message);
  const std::size_t colon = message.find(": ", kPlace.size());
  return std::string(colon == std::string_view::npos ? message : message.substr(colon + 2));
}

Result<void> LuaState::load(const std::string& chunk) {
  // Text alone: precompiled code could do anything.
  if (luaL_loadbufferx(state_.get(), chunk.data(), chunk.size(), "=expression", "t") == LUA_OK) return {};
  std::string message = without_place(lua_tostring(state_.get(), -1));
  lua_pop(state_.get(), 1);
  return Unexpected(usage_error(std::move(message)));
}

bool LuaState::call(int arguments, int results, int handler) {
  g_running.store(state_.get());
  // A request that came before there was anything to interrupt.
  if (g_interrupted.load()) lua_sethook(state_.get(), raise_interrupt, LUA_MASKCOUNT, 1);
  const int status = lua_pcall(state_.get(), arguments, results, handler);
  g_running.store(nullptr);
  return status == LUA_OK;
}

void interrupt_expressions() noexcept {
  g_interrupted.store(true);
  if (lua_State* const state = g_running.load()) lua_sethook(state, raise_interrupt, LUA_MASKCOUNT, 1);
}

void allow_expressions() noexcept { g_interrupted.store(false); }

Result<void> LuaState::check(const std::string& chunk) {
  auto loaded = load(chunk);
  if (loaded) lua_pop(state_.get(), 1);
  return loaded;
}

}  // namespace mtask::gen
