#include "pool/byte_set.hpp"

namespace mtask::pool {
namespace {

constexpr bool is_word(unsigned c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <class Test>
ByteSet set_of(Test test) {
  ByteSet set;
  for (unsigned c = 0; c < 256; ++c) set[c] = test(c);
  return set;
}

}  // namespace

ByteSet byte_set_of(unsigned char c) {
  ByteSet set;
  set.set(c);
  return set;
}

std::optional<ByteSet> class_of_escape(char c) {
  switch (c) {
    case 'd':
      return set_of([](unsigned b) { return b >= '0' && b <= '9'; });
    case 'w':
      return set_of(is_word);
    case 's':
      return set_of([](unsigned b) { return b == ' ' || (b >= 9 && b <= 13); });
    case 'D':
    case 'W':
    case 'S':
      return ~*class_of_escape(static_cast<char>(c | 0x20));
    default:
      return std::nullopt;
  }
}

std::optional<ByteSet> named_class(std::string_view name) {
  const auto graph = [](unsigned c) { return c > 0x20 && c < 0x7f; };
  const auto alnum = [](unsigned c) { return is_word(c) && c != '_'; };
  if (name == "alnum") return set_of(alnum);
  if (name == "alpha") return set_of([&](unsigned c) { return alnum(c) && c > '9'; });
  if (name == "blank") return set_of([](unsigned c) { return c == ' ' || c == '\t'; });
  if (name == "cntrl") return set_of([](unsigned c) { return c < 0x20 || c == 0x7f; });
  if (name == "digit") return class_of_escape('d');
  if (name == "graph") return set_of(graph);
  if (name == "lower") return set_of([](unsigned c) { return c >= 'a' && c <= 'z'; });
  if (name == "print") return set_of([&](unsigned c) { return graph(c) || c == ' '; });
  if (name == "punct") return set_of([&](unsigned c) { return graph(c) && !alnum(c); });
  if (name == "space") return class_of_escape('s');
  if (name == "upper") return set_of([](unsigned c) { return c >= 'A' && c <= 'Z'; });
  if (name == "xdigit")
    return set_of([](unsigned c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); });
  return std::nullopt;
}

}  // namespace mtask::pool
