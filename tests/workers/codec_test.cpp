#include "mtask/codec.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

struct Point {
  explicit Point(int both) : x(both), y(both) {}  // no default constructor
  int x;
  double y;
  bool operator==(const Point&) const = default;
};

struct Person {
  std::string name;
  int age = 0;
  bool operator==(const Person&) const = default;
};

template <class T>
std::vector<std::byte> encoded(const T& value) {
  std::vector<std::byte> bytes;
  mtask::encoder(bytes).value(value);
  return bytes;
}

template <class T>
void check_round_trip(const T& value) {
  const auto bytes = encoded(value);
  mtask::decoder in(bytes);
  CHECK((in.value<T>() == value));
  CHECK(in.left() == 0);
}

}  // namespace

template <>
struct mtask::codec<Person> {
  static void encode(const Person& person, encoder& out) {
    out.value(person.name);
    out.value(person.age);
  }
  static Person decode(decoder& in) {
    auto name = in.value<std::string>();
    return {std::move(name), in.value<int>()};
  }
};

namespace {

template <class T>
void check_every_part_is_refused(const T& value) {
  const auto bytes = encoded(value);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    mtask::decoder in(std::span<const std::byte>(bytes).first(size));
    CHECK_THROWS_AS(static_cast<void>(in.value<T>()), std::out_of_range);
  }
}

}  // namespace

TEST_CASE("what is encoded is decoded the same") {
  check_round_trip(std::uint8_t{255});
  check_round_trip(std::numeric_limits<double>::infinity());
  check_round_trip(Point(7));
  check_round_trip(std::string());
  check_round_trip(std::string("zero \0 and \xff inside", 18));
  check_round_trip(std::string(100'000, 'x'));
  check_round_trip(std::vector<int>());
  check_round_trip(std::vector<std::int64_t>{1, -2, 3});
  check_round_trip(std::vector<Point>{Point(1), Point(2)});
  check_round_trip(std::vector<bool>{true, false, true});
  check_round_trip(std::vector<std::string>{"", "a", "bc"});
  check_round_trip(std::vector<std::vector<std::string>>{{}, {"a"}, {"b", "c"}});
  check_round_trip(std::vector<std::byte>{std::byte{0}, std::byte{1}});
  check_round_trip(std::array<int, 3>{1, 2, 3});
  check_round_trip(std::array<std::string, 2>{"first", "second"});
  check_round_trip(std::pair<std::string, int>{"a", 1});
  check_round_trip(std::tuple<>());
  check_round_trip(std::tuple<int, std::string, std::vector<double>>{1, "two", {3.0}});
  check_round_trip(std::optional<int>());
  check_round_trip(std::optional<std::string>("some"));
  check_round_trip(std::optional<std::string>());
}

TEST_CASE("a program's own type is carried, alone and inside others") {
  const Person person{"Ada", 36};
  check_round_trip(person);
  check_round_trip(std::vector<Person>{person, {"Bob", 1}});
  check_round_trip(std::tuple<Person, std::optional<Person>>{person, person});
}

TEST_CASE("values one after the other are read in that order") {
  std::vector<std::byte> bytes;
  mtask::encoder out(bytes);
  out.value(std::string("first"));
  out.value(2);
  mtask::decoder in(bytes);
  CHECK(in.value<std::string>() == "first");
  CHECK(in.value<int>() == 2);
}

TEST_CASE("the size of a type is known where all its values have one") {
  CHECK(mtask::most_bytes<int>(1000) == sizeof(int));
  CHECK(mtask::most_bytes<std::pair<char, double>>(1000) == 9);
  CHECK(mtask::most_bytes<std::tuple<char, std::array<int, 2>, std::pair<char, char>>>(1000) == 11);
  CHECK(mtask::most_bytes<std::string>(1000) == 1000);
  CHECK(mtask::most_bytes<std::tuple<int, std::string>>(1000) == 1000);
  CHECK(mtask::most_bytes<std::optional<std::string>>(1000) == 1000);
}

TEST_CASE("bytes that end too early are refused") {
  check_every_part_is_refused(std::string("text"));
  check_every_part_is_refused(std::vector<int>{1, 2});
  check_every_part_is_refused(std::vector<std::string>{"a", "b"});
  check_every_part_is_refused(Person{"Ada", 36});
  auto huge = encoded(std::numeric_limits<std::uint64_t>::max());
  CHECK_THROWS_AS(static_cast<void>(mtask::decoder(huge).value<std::vector<int>>()), std::out_of_range);
  CHECK_THROWS_AS(static_cast<void>(mtask::decoder(huge).value<std::string>()), std::out_of_range);
}

TEST_CASE("what points elsewhere is no value to carry") {
  STATIC_REQUIRE_FALSE(mtask::encodable<int*>);
  STATIC_REQUIRE_FALSE(mtask::encodable<std::string_view>);
  STATIC_REQUIRE_FALSE(mtask::encodable<std::span<const int>>);
  STATIC_REQUIRE_FALSE(mtask::encodable<std::vector<const char*>>);
  STATIC_REQUIRE_FALSE(mtask::encodable<std::pair<int, std::string_view>>);
  STATIC_REQUIRE_FALSE(mtask::encodable<std::tuple<std::vector<int*>>>);
  STATIC_REQUIRE(mtask::encodable<std::tuple<std::vector<int>, Person>>);
}
