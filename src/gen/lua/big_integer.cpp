#include "gen/lua/big_integer.hpp"

#include <gmp.h>
#include <lua.hpp>

#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace mtask::gen {
namespace {

constexpr const char* kType = "mtask.integer";
constexpr const char* kSmallArePlain = "mtask.integer.plain";  // in the registry
constexpr std::size_t kMostBits = std::size_t{1} << 30U;

mpz_ptr new_big(lua_State* state) {
  auto* const number = static_cast<mpz_ptr>(lua_newuserdatauv(state, sizeof(mpz_t), 0));
  mpz_init(number);
  luaL_setmetatable(state, kType);
  return number;
}

mpz_ptr test_big(lua_State* state, int index) { return static_cast<mpz_ptr>(luaL_testudata(state, index, kType)); }

// The value at `index` as a big one, which replaces it; null where it is no integer.
mpz_srcptr as_big(lua_State* state, int index) {
  if (mpz_srcptr number = test_big(state, index)) return number;
  int is_integer = 0;
  const lua_Integer integer = lua_tointegerx(state, index, &is_integer);
  if (is_integer == 0) return nullptr;
  mpz_ptr const number = new_big(state);
  mpz_set_si(number, integer);
  lua_replace(state, index);
  return number;
}

double as_double(lua_State* state, int index, const char* doing = "perform arithmetic on") {
  if (mpz_srcptr number = test_big(state, index)) {
    // GMP's own way rounds towards 0.
    return mpz_fits_slong_p(number) != 0 ? static_cast<double>(mpz_get_si(number)) : mpz_get_d(number);
  }
  int is_number = 0;
  const double number = lua_tonumberx(state, index, &is_number);
  if (is_number == 0) luaL_error(state, "attempt to %s a %s value", doing, luaL_typename(state, index));
  return number;
}

// The result is on the top of the stack.
int finish(lua_State* state) {
  mpz_srcptr const number = test_big(state, -1);
  // The interpreter sees a few bytes of each number, and would collect too late.
  constexpr std::size_t kUncollected = std::size_t{32} << 20U;
  static thread_local std::size_t made = 0;
  made += mpz_size(number) * sizeof(mp_limb_t);
  if (made > kUncollected) {
    made = 0;
    lua_gc(state, LUA_GCCOLLECT);
  }
  const bool plain =
      lua_getfield(state, LUA_REGISTRYINDEX, kSmallArePlain) == LUA_TBOOLEAN && lua_toboolean(state, -1) != 0;
  lua_pop(state, 1);
  if (plain && mpz_fits_slong_p(number) != 0) lua_pushinteger(state, mpz_get_si(number));
  return 1;
}

enum class Operation { kAdd, kSubtract, kMultiply, kFloorDivide, kModulo };

void check_size(lua_State* state, std::size_t bits) {
  if (bits > kMostBits) luaL_error(state, "the number has more than 300 million digits");
}

template <Operation kOperation>
int arithmetic(lua_State* state) {
  mpz_srcptr const a = as_big(state, 1);
  mpz_srcptr const b = as_big(state, 2);
  if (a == nullptr || b == nullptr) {
    lua_pushnumber(state, as_double(state, 1));
    lua_pushnumber(state, as_double(state, 2));
    constexpr int kOperators[] = {LUA_OPADD, LUA_OPSUB, LUA_OPMUL, LUA_OPIDIV, LUA_OPMOD};
    lua_arith(state, kOperators[static_cast<int>(kOperation)]);
    return 1;
  }
  if (kOperation == Operation::kFloorDivide || kOperation == Operation::kModulo) {
    if (mpz_sgn(b) == 0) return luaL_error(state, "attempt to divide by zero");
  }
  if (kOperation == Operation::kMultiply) check_size(state, mpz_sizeinbase(a, 2) + mpz_sizeinbase(b, 2));
  mpz_ptr const result = new_big(state);
  switch (kOperation) {
    case Operation::kAdd:
      mpz_add(result, a, b);
      break;
    case Operation::kSubtract:
      mpz_sub(result, a, b);
      break;
    case Operation::kMultiply:
      mpz_mul(result, a, b);
      break;
    case Operation::kFloorDivide:
      mpz_fdiv_q(result, a, b);
      break;
    case Operation::kModulo:
      mpz_fdiv_r(result, a, b);
      break;
  }
  return finish(state);
}

int divide(lua_State* state) {
  lua_pushnumber(state, as_double(state, 1) / as_double(state, 2));
  return 1;
}

int power(lua_State* state) {
  mpz_srcptr const base = as_big(state, 1);
  mpz_srcptr const exponent = as_big(state, 2);
  if (base == nullptr || exponent == nullptr || mpz_sgn(exponent) < 0) {
    lua_pushnumber(state, std::pow(as_double(state, 1), as_double(state, 2)));
    return 1;
  }
  const bool trivial = mpz_cmpabs_ui(base, 1) <= 0;
  if (!trivial) {
    if (mpz_fits_uint_p(exponent) == 0) check_size(state, SIZE_MAX);
    check_size(state, (mpz_sizeinbase(base, 2) - 1) * mpz_get_ui(exponent));
  }
  // Of 0, 1 and -1 only whether the exponent is 0 and odd matters.
  const unsigned long count =
      trivial ? (mpz_sgn(exponent) == 0 ? 0 : 2 - static_cast<unsigned long>(mpz_tstbit(exponent, 0)))
              : mpz_get_ui(exponent);
  mpz_pow_ui(new_big(state), base, count);
  return finish(state);
}

int negate(lua_State* state) {
  mpz_srcptr const number = as_big(state, 1);
  mpz_neg(new_big(state), number);
  return finish(state);
}

int compare(lua_State* state) {
  mpz_srcptr const a = as_big(state, 1);
  mpz_srcptr const b = as_big(state, 2);
  if (a != nullptr && b != nullptr) return mpz_cmp(a, b);
  const double left = as_double(state, 1, "compare");
  const double right = as_double(state, 2, "compare");
  return left < right ? -1 : (left > right ? 1 : 0);
}

int equal(lua_State* state) {
  lua_pushboolean(state, compare(state) == 0);
  return 1;
}

int less(lua_State* state) {
  lua_pushboolean(state, compare(state) < 0);
  return 1;
}

int less_or_equal(lua_State* state) {
  lua_pushboolean(state, compare(state) <= 0);
  return 1;
}

int to_text(lua_State* state) {
  std::string digits;
  append_big(state, 1, digits);
  lua_pushlstring(state, digits.data(), digits.size());
  return 1;
}

int concatenate(lua_State* state) {
  luaL_tolstring(state, 1, nullptr);
  luaL_tolstring(state, 2, nullptr);
  lua_concat(state, 2);
  return 1;
}

int collect(lua_State* state) {
  mpz_clear(test_big(state, 1));
  return 0;
}

int make(lua_State* state) {
  if (test_big(state, 1) != nullptr) {
    lua_settop(state, 1);
    return 1;
  }
  if (lua_type(state, 1) == LUA_TSTRING) {
    mpz_ptr const number = new_big(state);
    if (mpz_set_str(number, lua_tostring(state, 1), 10) != 0) return luaL_error(state, "not an integer");
    return 1;
  }
  luaL_checkinteger(state, 1);
  as_big(state, 1);
  lua_settop(state, 1);
  return 1;
}

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The end of the string or comment that begins at `at`; `at` where none does.
std::size_t literal_end(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '\'' || c == '"') {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != c) end += text[end] == '\\' ? 2U : 1U;
    return std::min(end + 1, text.size());
  }
  if (text.substr(at).starts_with("[[")) {
    const std::size_t end = text.find("]]", at);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (text.substr(at).starts_with("--")) return text.size();
  return at;
}

}  // namespace

void add_big_integers(lua_State* state, bool small_are_plain) {
  static constexpr luaL_Reg kOperators[] = {
      {"__add", arithmetic<Operation::kAdd>},
      {"__sub", arithmetic<Operation::kSubtract>},
      {"__mul", arithmetic<Operation::kMultiply>},
      {"__idiv", arithmetic<Operation::kFloorDivide>},
      {"__mod", arithmetic<Operation::kModulo>},
      {"__div", divide},
      {"__pow", power},
      {"__unm", negate},
      {"__eq", equal},
      {"__lt", less},
      {"__le", less_or_equal},
      {"__concat", concatenate},
      {"__tostring", to_text},
      {"__gc", collect},
      {nullptr, nullptr},
  };
  luaL_newmetatable(state, kType);
  luaL_setfuncs(state, kOperators, 0);
  lua_pop(state, 1);
  set_small_are_plain(state, small_are_plain);
  lua_register(state, "big", make);
}

void set_small_are_plain(lua_State* state, bool plain) {
  lua_pushboolean(state, plain ? 1 : 0);
  lua_setfield(state, LUA_REGISTRYINDEX, kSmallArePlain);
}

void make_big(lua_State* state) {
  if (lua_isinteger(state, -1) != 0) static_cast<void>(as_big(state, lua_gettop(state)));
}

void push_big(lua_State* state, const std::string& digits) { mpz_set_str(new_big(state), digits.c_str(), 10); }

bool append_big(lua_State* state, int index, std::string& out) {
  mpz_srcptr const number = test_big(state, index);
  if (number == nullptr) return false;
  const std::size_t before = out.size();
  out.resize(before + mpz_sizeinbase(number, 10) + 2);
  mpz_get_str(out.data() + before, 10, number);
  out.resize(before + std::char_traits<char>::length(out.data() + before));
  return true;
}

std::string with_big_literals(std::string_view expression) {
  std::string out;
  for (std::size_t at = 0; at < expression.size();) {
    const std::size_t end = literal_end(expression, at);
    if (end != at) {
      out += expression.substr(at, end - at);
      at = end;
      continue;
    }
    if (!is_name_character(expression[at]) && expression[at] != '.') {
      out += expression[at++];
      continue;
    }
    // A name, or a number with its point and exponent.
    std::size_t word_end = at;
    bool digits = true;
    for (; word_end < expression.size() && (is_name_character(expression[word_end]) || expression[word_end] == '.');
         ++word_end) {
      digits = digits && std::isdigit(static_cast<unsigned char>(expression[word_end])) != 0;
    }
    const std::string word(expression.substr(at, word_end - at));
    out += digits ? "big('" + word + "')" : word;
    at = word_end;
  }
  return out;
}

}  // namespace mtask::gen
