// Exact decimals and their texts.
#include <catch2/catch.hpp>
#include <limits>

#include "gen/number.hpp"
#include "gen/progression_text.hpp"
#include "gen/totals.hpp"

namespace {

using namespace mtask;
using namespace mtask::gen;

std::string written(std::int64_t units, unsigned scale) {
  std::string text;
  append_decimal(units, scale, text);
  char fast[kDecimalRoom + 8];
  CHECK(std::string(fast, write_decimal(units, scale, fast)) == text);
  return text;
}

TEST_CASE("decimals are read with their digits") {
  CHECK(*parse_decimal("12") == Decimal{12, 0});
  CHECK(*parse_decimal("-0.50") == Decimal{-50, 2});
  CHECK(*parse_decimal("1e6") == Decimal{1'000'000, 0});
  CHECK(*parse_decimal("2.5e3") == Decimal{2500, 0});
  CHECK(*parse_decimal("25e-1") == Decimal{25, 1});
  CHECK(*parse_decimal(".5") == Decimal{5, 1});
  CHECK(*parse_decimal("-9223372036854775808") == Decimal{std::numeric_limits<std::int64_t>::min(), 0});
}

TEST_CASE("what is no decimal, or too large for one, is refused") {
  for (const char* const text : {"", "-", "1.2.3", "1e", "e5", "0x10", "nan", "inf", "1 ", " 1", "1e+"}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text));
  }
  for (const char* const text : {"9223372036854775808", "1e19", "1e99", "0.0000000000000000001", "1e-99"}) {
    INFO(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("decimals are written with all digits of their scale") {
  CHECK(written(0, 0) == "0");
  CHECK(written(0, 2) == "0.00");
  CHECK(written(-5, 1) == "-0.5");
  CHECK(written(-5, 3) == "-0.005");
  CHECK(written(12345, 2) == "123.45");
  CHECK(written(std::numeric_limits<std::int64_t>::min(), 0) == "-9223372036854775808");
  CHECK(written(std::numeric_limits<std::int64_t>::max(), 18) == "9.223372036854775807");
}

TEST_CASE("numbers around each power of ten are written as they are") {
  std::int64_t power = 1;
  for (int digits = 1; digits < 19; ++digits, power *= 10) {
    for (const std::int64_t number : {power - 1, power, power + 1}) {
      CHECK(written(number, 0) == std::to_string(number));
      CHECK(written(-number, 0) == std::to_string(-number));
    }
  }
}

TEST_CASE("a number is plain when its text is the one that it would be written as") {
  for (const char* const text : {"0", "7", "-2.5", "0.10", "123456789012345678901234567890"})
    CHECK(is_plain_number(text));
  for (const char* const text : {"", "007", "1e3", "+1", "-0", "1.", ".5", "a", "-", "1 "})
    CHECK_FALSE(is_plain_number(text));
}

TEST_CASE("sums of decimals are exact, whatever their scales") {
  Total total;
  Batch batch;
  batch.start_exact(1).assign(10, 1);
  REQUIRE(total.add(batch));
  CHECK(total.text() == "1.0");
  batch.start_exact(3).assign(1, -1);
  REQUIRE(total.add(batch));
  CHECK(total.text() == "0.999");
  batch.start_rows();
  batch.add_text("9223372036854775807");
  batch.add_text("9223372036854775807");
  REQUIRE(total.add(batch));
  CHECK(total.text() == "18446744073709551614.999");
}

TEST_CASE("a sum names what is no number") {
  Total total;
  Batch batch;
  batch.start_rows();
  batch.add_text("seven");
  const auto added = total.add(batch);
  REQUIRE_FALSE(added);
  CHECK(added.error().context == "sum: 'seven' is not a number");
}

TEST_CASE("texts are compared as numbers where both are") {
  CHECK(compare_texts("10", "9") > 0);
  CHECK(compare_texts("-10", "-9") < 0);
  CHECK(compare_texts("0.5", "0.50") == 0);
  CHECK(compare_texts("123456789012345678901", "123456789012345678902") < 0);
  CHECK(compare_texts("9", "a") < 0);
  CHECK(compare_texts("b", "a") > 0);
}

}  // namespace
