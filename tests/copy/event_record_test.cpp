#include "copy/event_record.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "workers/event_ring.hpp"

using namespace mtask;

TEST_CASE("an event comes back as it was, names of any bytes included") {
  const std::string name("a\n\0\xff b", 6);
  Event event;
  event.kind = Event::Kind::kRetried;
  event.worker = 7;
  event.item = 1ULL << 40;
  event.time = MonotonicTime(std::chrono::nanoseconds(123'456'789));
  event.name = name;
  event.action = "copy";
  event.bytes = UINT64_MAX;
  event.detail = "why";
  const std::string record = copy::encode(event);
  const Event got = copy::decode(record);
  CHECK(got.kind == event.kind);
  CHECK(got.worker == event.worker);
  CHECK(got.item == event.item);
  CHECK(got.time == event.time);
  CHECK(got.name == event.name);
  CHECK(got.action == event.action);
  CHECK(got.bytes == event.bytes);
  CHECK(got.detail == event.detail);
}

TEST_CASE("an event of nothing has nothing") {
  const std::string record = copy::encode(Event{});
  const Event got = copy::decode(record);
  CHECK(got.worker == kNoWorker);
  CHECK(got.name.empty());
  CHECK(got.action.empty());
  CHECK(got.detail.empty());
}

TEST_CASE("whatever the lengths, a record fits its ring, and its parts keep their beginnings") {
  const std::string name(100'000, 'n');
  const std::string detail(100'000, 'd');
  Event event;
  event.name = name;
  event.action = "update";
  event.detail = detail;
  const std::string record = copy::encode(event);
  CHECK(record.size() <= workers::EventRing::kCapacity / 4);
  const Event got = copy::decode(record);
  CHECK(got.action == "update");
  CHECK(got.name.size() >= 4096);  // PATH_MAX
  CHECK(name.starts_with(got.name));
  CHECK(got.detail.size() >= got.name.size());
  CHECK(detail.starts_with(got.detail));
}
