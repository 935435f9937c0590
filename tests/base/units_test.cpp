#include "base/units.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

using namespace mtask;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

void refuse(const std::string& text) {
  INFO("text: " << text);
  const auto size = parse_size(text);
  REQUIRE_FALSE(size);
  CHECK(size.error().kind == ErrorKind::kUsage);
  CHECK(size.error().message().find("K, M, G") != std::string::npos);
}

void refuse_duration(const std::string& text) {
  INFO("text: " << text);
  const auto duration = parse_duration(text);
  REQUIRE_FALSE(duration);
  CHECK(duration.error().kind == ErrorKind::kUsage);
  CHECK(duration.error().message().find("1m30s") != std::string::npos);
}

}  // namespace

TEST_CASE("sizes are bytes, powers of 1024 or powers of 1000") {
  CHECK(parse_size("0").value() == 0);
  CHECK(parse_size("4096").value() == 4096);
  CHECK(parse_size("4096B").value() == 4096);
  CHECK(parse_size("64K").value() == 65536);
  CHECK(parse_size("64k").value() == 65536);
  CHECK(parse_size("64KiB").value() == 65536);
  CHECK(parse_size("1M").value() == 1048576);
  CHECK(parse_size("2G").value() == 2147483648);
  CHECK(parse_size("1KB").value() == 1000);
  CHECK(parse_size("1MB").value() == 1000000);
  CHECK(parse_size("1GB").value() == 1000000000);
  CHECK(parse_size("1T").value() == 1ULL << 40);
  CHECK(parse_size("1P").value() == 1ULL << 50);
  CHECK(parse_size("1E").value() == 1ULL << 60);
}

TEST_CASE("fractions of a size are exact") {
  CHECK(parse_size("1.5G").value() == 1610612736);
  CHECK(parse_size("0.1KB").value() == 100);
  CHECK(parse_size("1.1K").value() == 1126);
  CHECK(parse_size("0.0000000000000000000000001E").value() == 0);
  CHECK(parse_size("0.999999999999999999EB").value() == 999999999999999999);
}

TEST_CASE("sizes end where 64 bits do") {
  CHECK(parse_size("18446744073709551615").value() == kMost);
  CHECK(parse_size("15.999999999999999999E").value() < kMost);
  refuse("18446744073709551616");
  refuse("16E");
  refuse("99999999999999999999999999");
  refuse("18446744073709551615K");
}

TEST_CASE("what is no size is refused with what is allowed") {
  for (const char* text : {"",    "K",  "-1",  "+1",  " 1",   "1 ",   "1 K", "1.5",  "1.",  ".5K",
                           "1.K", "1Q", "1KK", "1Ki", "1KBs", "0x10", "1e3", "1,5K", "inf", "1K\n"}) {
    refuse(text);
  }
  CHECK(parse_size("1\n").error().message().find("'1\\n'") == 0);
}

TEST_CASE("durations are sums of units or bare seconds") {
  CHECK(parse_duration("250ms").value() == 250ms);
  CHECK(parse_duration("2s").value() == 2s);
  CHECK(parse_duration("1m30s").value() == 90s);
  CHECK(parse_duration("1h").value() == 1h);
  CHECK(parse_duration("1d2h3m4s5ms6us7ns").value() == 26h + 3min + 4s + 5ms + 6us + 7ns);
  CHECK(parse_duration("5").value() == 5s);
  CHECK(parse_duration("0").value() == 0s);
  CHECK(parse_duration("0.25").value() == 250ms);
  CHECK(parse_duration("1.5h").value() == 90min);
  CHECK(parse_duration("9223372036").value() == 9223372036s);
}

TEST_CASE("what is no duration is refused with what is allowed") {
  for (const char* text : {"", "s", "-1s", "1 s", "1m30", "30s1m", "1s1s", "1w", "1sec", "1.s", "1,5s", "1S", "s1",
                           "9223372037", "292y", "999999999999999999999h", "106751d23h47m16s999ms"}) {
    refuse_duration(text);
  }
}

TEST_CASE("rates are sizes a second") {
  CHECK(parse_rate("10M").value() == 10485760);
  CHECK(parse_rate("10M/s").value() == 10485760);
  CHECK(parse_rate("50/s").value() == 50);
  CHECK(parse_rate("0").value() == 0);
  for (const char* text : {"", "/s", "10M/", "10M/m", "fast", "10M/s/s", "16E"}) {
    INFO("text: " << text);
    REQUIRE_FALSE(parse_rate(text));
    CHECK(parse_rate(text).error().kind == ErrorKind::kUsage);
  }
}

TEST_CASE("sizes are shown in three digits or so") {
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1023) == "1023 B");
  CHECK(format_size(1024) == "1.0 KiB");
  CHECK(format_size(1503238554) == "1.4 GiB");
  CHECK(format_size(99 * 1024 + 1023) == "100 KiB");
  CHECK(format_size(512ULL << 20) == "512 MiB");
  CHECK(format_size((1ULL << 20) - 1) == "1.0 MiB");
  CHECK(format_size((1ULL << 30) - 1) == "1.0 GiB");
  CHECK(format_size(kMost) == "16.0 EiB");
}

TEST_CASE("durations are shown in the unit that fits") {
  CHECK(format_duration(0ns) == "0 ns");
  CHECK(format_duration(999ns) == "999 ns");
  CHECK(format_duration(1us) == "1 us");
  CHECK(format_duration(12ms) == "12 ms");
  CHECK(format_duration(3200ms) == "3.2 s");
  CHECK(format_duration(92s) == "1m32s");
  CHECK(format_duration(2h + 5min) == "2h05m");
  CHECK(format_duration(76h) == "3d04h");
  CHECK(format_duration(-2s) == "-2.0 s");
  CHECK_FALSE(format_duration(std::chrono::nanoseconds::min()).empty());
}

TEST_CASE("rounding a duration carries into the next unit") {
  CHECK(format_duration(999'600ns) == "1 ms");
  CHECK(format_duration(999'600us) == "1.0 s");
  CHECK(format_duration(59'960ms) == "1m00s");
  CHECK(format_duration(59min + 59s + 600ms) == "1h00m");
  CHECK(format_duration(23h + 59min + 45s) == "1d00h");
}

TEST_CASE("counts are grouped by thousands") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(12345) == "12,345");
  CHECK(format_count(kMost) == "18,446,744,073,709,551,615");
}
