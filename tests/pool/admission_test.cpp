#include "pool/admission.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "support/files.hpp"

using namespace mtask;
using namespace std::chrono_literals;
using pool::Admission;
using Verdict = Admission::Verdict;

namespace {

constexpr std::chrono::steady_clock::time_point kStart{1h};

// A machine that has what the test says.
struct Machine {
  std::optional<double> load = 0.0;
  std::optional<std::uint64_t> memory = 0;
  int asked = 0;

  pool::MachineReadings readings() {
    return {[this] {
              ++asked;
              return load;
            },
            [this] {
              ++asked;
              return memory;
            }};
  }
};

}  // namespace

TEST_CASE("a load is an average or a share of the CPUs") {
  CHECK(pool::parse_load("4.5", 8).value() == 4.5);
  CHECK(pool::parse_load("80%", 10).value() == 8);
  CHECK(pool::parse_load("12.5%", 8).value() == 1);
  CHECK(pool::parse_load("0", 8).value() == 0.01);
  CHECK(pool::parse_load("0%", 8).value() == 0.01);
  for (const char* text : {"", "%", "x", "-1", "+1", "nan", "inf%", "1e3", "4 ", "4%%"}) {
    INFO("text: " << text);
    REQUIRE_FALSE(pool::parse_load(text, 8));
    CHECK(pool::parse_load(text, 8).error().kind == ErrorKind::kUsage);
    CHECK(pool::parse_load(text, 8).error().message().find("80%") != std::string::npos);
  }
}

TEST_CASE("available memory is read from the kernel's list") {
  CHECK(pool::available_memory("MemTotal: 9 kB\nMemAvailable:    1234 kB\nBuffers: 1 kB\n") == 1234U * 1024);
  for (const char* text :
       {"", "MemAvailable:", "MemAvailable: x kB", "MemAvailable: 5 MB", "MemFree: 5 kB\n", "NoMemAvailable: 5 kB\n"}) {
    INFO("text: " << text);
    CHECK_FALSE(pool::available_memory(text));
  }
  CHECK(pool::available_memory(test::read_file("/proc/meminfo")));
}

TEST_CASE("this machine has readings") {
  CHECK(pool::machine_readings().load().value() >= 0);
  CHECK(pool::machine_readings().memory().value() > 0);
}

TEST_CASE("jobs start while the load is below the limit") {
  Machine machine;
  Admission admission(2.0, std::nullopt, machine.readings());
  machine.load = 1.99;
  CHECK(admission.verdict(kStart) == Verdict::kStart);
  machine.load = 2.0;
  CHECK(admission.verdict(kStart + 1s) == Verdict::kWait);
}

TEST_CASE("jobs start while there is memory enough, and below half of it the youngest goes") {
  Machine machine;
  Admission admission(std::nullopt, 1001, machine.readings());
  auto now = kStart;
  const auto at = [&](std::uint64_t memory) {
    machine.memory = memory;
    return admission.verdict(now += 1s);
  };
  CHECK(at(1001) == Verdict::kStart);
  CHECK(at(1000) == Verdict::kWait);
  CHECK(at(501) == Verdict::kWait);
  CHECK(at(500) == Verdict::kKillYoungest);
  CHECK(at(0) == Verdict::kKillYoungest);
}

TEST_CASE("memory is looked at before load") {
  Machine machine;
  Admission admission(1.0, 1000, machine.readings());
  machine.load = 5;
  machine.memory = 10;
  CHECK(admission.verdict(kStart) == Verdict::kKillYoungest);
  machine.memory = 2000;
  CHECK(admission.verdict(kStart + 1s) == Verdict::kWait);
}

TEST_CASE("readings are kept for a second, in which one job at most is killed") {
  Machine machine;
  Admission admission(std::nullopt, 1000, machine.readings());
  machine.memory = 10;
  CHECK(admission.verdict(kStart) == Verdict::kKillYoungest);
  machine.memory = 5000;
  CHECK(admission.verdict(kStart + 1ms) == Verdict::kWait);
  CHECK(admission.verdict(kStart + 999ms) == Verdict::kWait);
  CHECK(machine.asked == 1);
  CHECK(admission.verdict(kStart + 1s) == Verdict::kStart);
  CHECK(machine.asked == 2);
}

TEST_CASE("readings that can't be had stop nobody") {
  Machine machine;
  machine.load.reset();
  machine.memory.reset();
  CHECK(Admission(1.0, 1000, machine.readings()).verdict(kStart) == Verdict::kStart);
}

TEST_CASE("without limits nothing is read") {
  Machine machine;
  Admission admission(std::nullopt, std::nullopt, machine.readings());
  CHECK_FALSE(admission.limits());
  CHECK(admission.verdict(kStart) == Verdict::kStart);
  CHECK(machine.asked == 0);
}
