#include "base/json.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string_view>

using mtask::base64;
using mtask::JsonArray;
using mtask::JsonObject;
using namespace std::string_view_literals;

TEST_CASE("members come out in order with their JSON types") {
  JsonObject object;
  object.add("s", "text").add("b", true).add("i", -3).add("u", std::uint64_t{18446744073709551615ULL}).add("d", 0.1);
  CHECK(object.str() == R"({"s":"text","b":true,"i":-3,"u":18446744073709551615,"d":0.1})");
  CHECK(JsonObject().str() == "{}");
}

TEST_CASE("numbers JSON has no word for become null") {
  JsonObject object;
  object.add("nan", std::numeric_limits<double>::quiet_NaN()).add("inf", std::numeric_limits<double>::infinity());
  CHECK(object.str() == R"({"nan":null,"inf":null})");
  CHECK(JsonObject().add("least", std::numeric_limits<std::int64_t>::min()).str() ==
        R"({"least":-9223372036854775808})");
}

TEST_CASE("strings are escaped in keys and values") {
  CHECK(JsonObject().add("a\"b", "\\\"\n\r\t/").str() == R"({"a\"b":"\\\"\n\r\t/"})");
  CHECK(JsonObject().add("c", "\x01\x1b\x7f\0"sv).str() == R"({"c":"\u0001\u001b\u007f\u0000"})");
}

TEST_CASE("letters stay letters unless they hide") {
  CHECK(JsonObject().add("path", "é日🎉").str() == R"({"path":"é日🎉"})");
  CHECK(JsonObject().add("path", "\xe2\x80\xae\xc2\x9b").str() == R"({"path":"\u202e\u009b"})");
  CHECK(JsonObject().add("path", "\xf3\xa0\x81\x81").str() == R"({"path":"\udb40\udc41"})");
}

TEST_CASE("bytes that are not UTF-8 are kept beside a readable form") {
  CHECK(JsonObject().add("path", "a\xff/\xc3").str() == R"({"path":"a�/�","path_base64":"Yf8vww=="})");
  CHECK(JsonObject().add("path", "fine").str() == R"({"path":"fine"})");
}

TEST_CASE("objects and arrays nest") {
  JsonArray array;
  CHECK(array.str() == "[]");
  array.add("x").add(JsonObject().add("y", 1));
  CHECK(JsonObject().add("list", array).add("object", JsonObject().add("z", false)).str() ==
        R"({"list":["x",{"y":1}],"object":{"z":false}})");
}

TEST_CASE("base64 pads as RFC 4648 shows") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}
