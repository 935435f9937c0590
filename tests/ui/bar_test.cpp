#include "ui/bar.hpp"

#include <catch2/catch.hpp>
#include <chrono>

#include "ui/width.hpp"

using namespace mtask;
using namespace mtask::ui;

namespace {

std::string without_colours(std::string text) {
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  return text;
}

struct Run {
  MonotonicTime began{std::chrono::seconds(1000)};
  std::vector<WorkerStatus> workers;

  Progress at(int second, std::uint64_t items, std::uint64_t bytes, bool known) const {
    Progress progress;
    progress.time = began + std::chrono::seconds(second);
    progress.items_done = items;
    progress.bytes_done = bytes;
    progress.items_total = 2000;
    progress.bytes_total = std::uint64_t{40} << 20U;
    progress.totals_known = known;
    progress.workers = workers;
    return progress;
  }
};

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

}  // namespace

TEST_CASE("the bar tells items, bytes, rate and time left") {
  const Run run;
  Bar bar(run.began, {"files", false, false});
  bar.update(run.at(0, 0, 0, true));
  bar.update(run.at(5, 500, 10 * kMiB, true));
  const std::string line = bar.lines(119, 10).at(0);
  CHECK(line.find(" 25%") == 0);
  CHECK(line.find("500/2,000 files") != std::string::npos);
  CHECK(line.find("10.0 MiB of 40.0 MiB") != std::string::npos);
  CHECK(line.find("2.0 MiB/s") != std::string::npos);
  CHECK(line.find("ETA 15 s") != std::string::npos);
  CHECK(line.find("[=====") != std::string::npos);
  CHECK(line.find("failed") == std::string::npos);
}

TEST_CASE("before the totals are known there is no share and no time left") {
  const Run run;
  Bar bar(run.began, {"files", false, false});
  bar.update(run.at(0, 0, 0, false));
  bar.update(run.at(5, 500, 10 * kMiB, false));
  const std::string line = bar.lines(119, 10).at(0);
  CHECK(line.find("counting") == 0);
  CHECK(line.find("500 files") != std::string::npos);
  CHECK(line.find('%') == std::string::npos);
  CHECK(line.find("ETA") == std::string::npos);
}

TEST_CASE("it is never full before all is done") {
  const Run run;
  Bar bar(run.began, {"files", false, false});
  bar.update(run.at(1, 1999, 40 * kMiB, true));
  CHECK(bar.lines(79, 1).at(0).find(" 99%") == 0);
  bar.update(run.at(2, 2000, 40 * kMiB, true));
  CHECK(bar.lines(79, 1).at(0).find("100%") == 0);
}

TEST_CASE("no line is wider than the terminal, whatever the names hold") {
  Run run;
  run.workers = {
      {100, 5, 7 * kMiB, "a/very/long/path/that/goes/on/and/on/for/ever/and/a/day/longer/name.tar.gz"},
      {101, 5, 7 * kMiB, "日本語/日本語日本語日本語日本語日本語日本語/日本語日本語日本語日本語日本語日本語.txt"},
      {102, 5, 7 * kMiB, "e\xcc\x81\xcc\x81\xcc\x81/\x1b[2J\xff\n\t.txt"},
      {103, 5, 7 * kMiB, ""},
      {0, 0, 0, ""}};
  for (const bool known : {false, true}) {
    for (const bool colour : {false, true}) {
      Bar bar(run.began, {"files", colour, true});
      bar.update(run.at(0, 0, 0, known));
      Progress progress = run.at(3, 700, 10 * kMiB, known);
      progress.items_failed = 12345;
      bar.update(progress);
      for (const std::size_t columns : {1U, 2U, 5U, 19U, 20U, 39U, 40U, 79U, 80U, 200U}) {
        for (const std::string& line : bar.lines(columns, 10)) {
          INFO(columns << ": " << line);
          const std::string plain = without_colours(line);
          CHECK(display_width(plain) <= columns);
          CHECK(plain.find('\x1b') == std::string::npos);
          CHECK(plain.find('\n') == std::string::npos);
          if (!colour) CHECK(plain == line);
        }
      }
    }
  }
}

TEST_CASE("twenty columns are enough for the share and the time left") {
  const Run run;
  Bar bar(run.began, {"files", false, false});
  bar.update(run.at(0, 0, 0, true));
  bar.update(run.at(5, 500, 10 * kMiB, true));
  CHECK(bar.lines(19, 1).at(0) == " 25%  ETA 15 s");
}

TEST_CASE("workers that don't fit are counted") {
  Run run;
  run.workers.assign(9, {7, 1, 1, "x"});
  Bar bar(run.began, {"files", false, true});
  bar.update(run.at(1, 1, 1, true));
  const auto lines = bar.lines(79, 5);
  REQUIRE(lines.size() == 5);
  CHECK(lines.back() == "  and 6 more workers");
  CHECK(bar.lines(79, 10).size() == 10);
  CHECK(bar.lines(79, 1).size() == 1);
}

TEST_CASE("the rate follows change and doesn't start slowly") {
  SmoothedRate rate;
  rate.sample(0, 0);
  CHECK(rate.per_second() == 0);
  rate.sample(100, 1);
  CHECK(rate.per_second() == Approx(100));
  for (int second = 2; second <= 40; ++second) rate.sample(100, second);
  CHECK(rate.per_second() < 1);
  rate.sample(100, 40);  // no time passed
  CHECK(rate.per_second() >= 0);
}
