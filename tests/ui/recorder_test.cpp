#include "ui/recorder.hpp"

#include <catch2/catch.hpp>
#include <numeric>

using namespace mtask;
using namespace mtask::ui;

namespace {

const MonotonicTime kBegan{std::chrono::seconds(1000)};

Event make(Event::Kind kind, std::uint64_t item, int milliseconds, std::string_view name, std::uint32_t worker = 0) {
  Event event;
  event.kind = kind;
  event.item = item;
  event.time = kBegan + std::chrono::milliseconds(milliseconds);
  event.name = name;
  event.worker = worker;
  event.action = "copy";
  return event;
}

double sum(const TimeBuckets& buckets) {
  return std::accumulate(buckets.values().begin(), buckets.values().end(), 0.0);
}

}  // namespace

TEST_CASE("buckets keep the sum however long the run grows") {
  TimeBuckets buckets;
  for (int i = 0; i < 5000; ++i) buckets.add(i * 0.37, i * 0.37 + 1.5, 2);
  CHECK(sum(buckets) == Approx(10000));
  CHECK(buckets.values().size() <= 1024);
  buckets.add(0, 1e6, 5);
  CHECK(sum(buckets) == Approx(10005));
}

TEST_CASE("a span runs from the start to the end of a try, on its worker's lane") {
  Recorder recorder(kBegan);
  recorder.event(make(Event::Kind::kStarted, 1, 10, "a", 1));
  recorder.event(make(Event::Kind::kRetried, 1, 30, "a", kNoWorker));
  recorder.event(make(Event::Kind::kStarted, 1, 40, "a", 0));
  recorder.event(make(Event::Kind::kFinished, 1, 70, "a", 0));
  recorder.event(make(Event::Kind::kStarted, 2, 50, "left open", 1));
  recorder.close(kBegan + std::chrono::milliseconds(100));

  REQUIRE(recorder.spans().size() == 3);
  const auto worker = [&](std::size_t i) { return recorder.lanes()[recorder.spans()[i].lane].worker; };
  CHECK(recorder.spans()[0].outcome == Outcome::kRetried);
  CHECK(recorder.spans()[0].begin == 10'000'000);
  CHECK(recorder.spans()[0].duration == 20'000'000);
  CHECK(worker(0) == 1);
  CHECK(recorder.spans()[1].outcome == Outcome::kDone);
  CHECK(worker(1) == 0);
  CHECK(recorder.spans()[2].outcome == Outcome::kUnfinished);
  CHECK(recorder.spans()[2].duration == 50'000'000);
  CHECK(recorder.name(recorder.spans()[2]) == "left open");
  CHECK(recorder.slowest().front().name == "left open");
  CHECK(recorder.seconds() == Approx(0.1));
}

TEST_CASE("past its limits it still counts") {
  Recorder::Limits limits;
  limits.spans = 10;
  limits.failures = 3;
  limits.slowest = 2;
  Recorder recorder(kBegan, limits);
  for (unsigned i = 1; i <= 100; ++i) {
    recorder.event(make(Event::Kind::kStarted, i, 0, "x"));
    Event event = make(i % 2 == 0 ? Event::Kind::kFailed : Event::Kind::kFinished, i, static_cast<int>(i), "x");
    event.bytes = 10;
    recorder.event(event);
  }
  recorder.close(kBegan + std::chrono::seconds(1));
  CHECK(recorder.spans().size() == 10);
  CHECK(recorder.spans_left_out() == 90);
  CHECK(recorder.count(Outcome::kDone) == 50);
  CHECK(recorder.count(Outcome::kFailed) == 50);
  CHECK(recorder.failures().size() == 3);
  CHECK(sum(recorder.bytes()) == Approx(500));
  REQUIRE(recorder.slowest().size() == 2);
  CHECK(recorder.slowest()[0].seconds == Approx(0.1));
  CHECK(recorder.slowest()[1].seconds == Approx(0.099));
}
