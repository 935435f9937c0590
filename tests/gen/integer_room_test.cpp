#include "gen/lua/integer_room.hpp"

#include <catch2/catch.hpp>

using mtask::gen::integer_room;

TEST_CASE("the room of integers is what products, sums and literals leave of 62 bits") {
  CHECK(integer_room("x*x") == 31);
  CHECK(integer_room("x+1") == 60);
  CHECK(integer_room("a*x") == 31);
  CHECK(integer_room("x*3+1") == 58);
  CHECK(integer_room("x*x*x") == 20);
  CHECK(integer_room("-x") == 61);
  CHECK(integer_room("x*1000000000000000000") == 2);
  CHECK(integer_room("x*5000000000000000000") == 0);
  CHECK(integer_room("1000000000000000000*1099511627776") == 0);
  CHECK(integer_room("(x*2)%3==0 and x//2 or i") == 18);
}

TEST_CASE("there is none to tell where nothing grows, or more than arithmetic goes on") {
  for (const char* const none :
       {"x%3==0", "x", "'a'", "1+1", "x..'+'", "x+1 ..x", "mean(x)*2", "f[1]*2", "x^2+1", "x<<1", "x&1+x", "#x+1",
        "x+0x10", "{x+1}", "x+y", "x--1", "x+'\\65'", "(function() end)()+x"}) {
    INFO(none);
    CHECK_FALSE(integer_room(none));
  }
}
