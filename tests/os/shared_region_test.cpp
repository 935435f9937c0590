#include "os/shared_region.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "os/child.hpp"

using namespace mtask;
using os::SharedRegion;

namespace {

struct alignas(256) Wide {
  char bytes[256];
};

bool aligned(const void* pointer, std::size_t alignment) {
  std::uintptr_t address = 0;
  std::memcpy(&address, &pointer, sizeof(address));
  return address % alignment == 0;
}

}  // namespace

TEST_CASE("carved arrays are zeroed, apart, and aligned to a cache line at least") {
  auto region = SharedRegion::map(1 << 16);
  REQUIRE(region);
  auto* bytes = region->carve<char>(3);
  auto* numbers = region->carve<std::uint64_t>(10);
  auto* wide = region->carve<Wide>(2);
  auto* last = region->carve<char>(1);
  CHECK(aligned(bytes, 64));
  CHECK(aligned(numbers, 64));
  CHECK(aligned(wide, 256));
  CHECK(aligned(last, 64));
  std::memset(bytes, 1, 3);
  CHECK(std::all_of(numbers, numbers + 10, [](std::uint64_t number) { return number == 0; }));
  std::memset(static_cast<void*>(wide), 1, 2 * sizeof(Wide));
  CHECK(*last == 0);
  CHECK(numbers[9] == 0);
}

TEST_CASE("past the end nothing is carved") {
  auto region = SharedRegion::map(4096);
  REQUIRE(region);
  CHECK_THROWS_AS(static_cast<void>(region->carve<char>(4097)), std::bad_alloc);
  CHECK(region->carve<char>(4096) != nullptr);
  CHECK_THROWS_AS(static_cast<void>(region->carve<char>(1)), std::bad_alloc);
}

TEST_CASE("room is enough, in whatever order things are carved") {
  const std::size_t size = SharedRegion::room<char>(1) + SharedRegion::room<Wide>(3) + SharedRegion::room<int>(7);
  {
    auto region = SharedRegion::map(size);
    CHECK_NOTHROW((static_cast<void>(region->carve<char>(1)), static_cast<void>(region->carve<Wide>(3)),
                   static_cast<void>(region->carve<int>(7))));
  }
  auto region = SharedRegion::map(size);
  CHECK_NOTHROW((static_cast<void>(region->carve<int>(7)), static_cast<void>(region->carve<char>(1)),
                 static_cast<void>(region->carve<Wide>(3))));
}

TEST_CASE("what a child writes is there after its death") {
  auto region = SharedRegion::map(4096);
  REQUIRE(region);
  auto* number = region->carve<std::uint32_t>(1);
  auto child = os::Child::fork([&] {
    *number = 42;
    return 0;
  });
  REQUIRE(child);
  CHECK(child->reap() == 0);
  CHECK(*number == 42);
}

TEST_CASE("a moved region stays mapped, and goes on where it was") {
  auto region = SharedRegion::map(4096);
  REQUIRE(region);
  auto* first = region->carve<char>(1);
  SharedRegion taken(*std::move(region));
  auto* second = taken.carve<char>(1);
  CHECK(second == first + 64);
  *first = *second = 1;
}

TEST_CASE("more than the address space has is an error") {
  const auto region = SharedRegion::map(std::size_t{1} << 62);
  REQUIRE_FALSE(region);
  CHECK(region.error().kind == ErrorKind::kUnavailable);
}
