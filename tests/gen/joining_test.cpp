#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "gen/live_support.hpp"

using namespace mtask;
using Values = std::vector<std::string>;
using test::collect;
using test::Collected;

namespace {

gen::Runtime going_on(std::vector<std::string>& told) {
  gen::Runtime runtime;
  runtime.keep_going = true;
  runtime.report = [&told](const Error& error) { told.push_back(error.message()); };
  return runtime;
}

// A range as a stream that is live, or is not.
std::string numbers(int count, bool live) {
  const std::string range = count == 0 ? "words" : "range 1 " + std::to_string(count);
  return "'" + range + (live ? " | delay 0" : "") + "'";
}

}  // namespace

TEST_CASE("zip puts the fields of all side by side and ends with the shortest") {
  for (const std::size_t want : {std::size_t{1}, std::size_t{2}, std::size_t{512}}) {
    CHECK(collect("zip 1..3 a,b,c,d", {}, want).values == Values{"1|a", "2|b", "3|c"});
    CHECK(collect("zip 1..3 'words a b | delay 0'", {}, want).values == Values{"1|a", "2|b"});
    CHECK(collect("zip 'zip 1..2 a,b' 5,6", {}, want).values == Values{"1|a|5", "2|b|6"});
  }
}

TEST_CASE("zip to the longest fills the places of all fields that are missing") {
  for (const std::size_t want : {std::size_t{1}, std::size_t{512}}) {
    CHECK(collect("zip 1..3 a --longest", {}, want).error);
    CHECK(collect("zip 1..3 a, --longest", {}, want).values == Values{"1|a", "2|", "3|"});
    CHECK(collect("zip --longest --fill - 'zip 1..1 a,' 1..3", {}, want).values == Values{"1|a|1", "-|-|2", "-|-|3"});
    CHECK(collect("zip --longest --fill - 'words x | delay 0' 1..2", {}, want).values == Values{"x|1", "-|2"});
  }
}

TEST_CASE("what a stage stands after is its first stream") {
  CHECK(collect("words a b | zip 1..2").values == Values{"a|1", "b|2"});
  CHECK(collect("words a b | chain 1..2").values == Values{"a", "b", "1", "2"});
  CHECK(collect("words a b | interleave 1..2").values == Values{"a", "1", "b", "2"});
}

TEST_CASE("interleave takes turns strictly, and who has ended leaves the round") {
  for (const std::size_t want : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{512}}) {
    const Values expected{"1", "a", "7", "2", "b", "3", "4"};
    CHECK(collect("interleave 1..4 a,b 7..7", {}, want).values == expected);
    CHECK(collect("interleave '1..4 | delay 0' a,b 7..7", {}, want).values == expected);
  }
}

TEST_CASE("all that interleave waits for sleeps at the same time") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(collect("interleave 'tick .4s --count 1' 'tick .4s --count 1' 'tick .4s --count 1' 'tick .4s --count 1'")
            .values == Values{"0", "0", "0", "0"});
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(1500));
}

TEST_CASE("merge hands out what comes first first") {
  CHECK(collect("merge 'tick .3s --count 1 | label slow' 'tick .1s --count 2 | label fast'").values ==
        Values{"fast|0", "fast|1", "slow|0"});
}

TEST_CASE("merge loses and invents nothing, and keeps the order of each stream") {
  rc::check([] {
    const auto lengths = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40)));
    const auto want = *rc::gen::inRange<std::size_t>(1, 50);
    std::string text = "merge";
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      std::string stream = numbers(lengths[i], *rc::gen::arbitrary<bool>());
      stream.insert(stream.size() - 1, " | label s" + std::to_string(i));
      text += " " + stream;
    }
    const Collected merged = collect(text, {}, want);
    RC_ASSERT(!merged.error);
    std::size_t total = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const std::string label = "s" + std::to_string(i) + "|";
      int next = 1;
      for (const std::string& value : merged.values) {
        if (value.starts_with(label)) RC_ASSERT(value == label + std::to_string(next++));
      }
      RC_ASSERT(next == lengths[i] + 1);
      total += static_cast<std::size_t>(lengths[i]);
    }
    RC_ASSERT(merged.values.size() == total);
  });
}

TEST_CASE("interleave and switch give the same, live or not, however much is asked for") {
  rc::check([] {
    const auto lengths = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 20)));
    std::string words;
    std::string live;
    for (const int length : lengths) {
      words += " " + numbers(length, false);
      live += " " + numbers(length, true);
    }
    const Values expected = collect("interleave" + words).values;
    const auto want = *rc::gen::inRange<std::size_t>(1, 50);
    RC_ASSERT(collect("interleave" + words, {}, want).values == expected);
    RC_ASSERT(collect("interleave" + live, {}, want).values == expected);
    RC_ASSERT(collect("switch" + words, {}, want).values == expected);
    RC_ASSERT(collect("switch" + live, {}, want).values == expected);
  });
}

TEST_CASE("each hand-over is told, from whom and to whom") {
  for (const std::string stage : {"switch", "interleave", "merge", "zip", "chain"}) {
    Values told;
    gen::Runtime runtime;
    runtime.trace = [&](std::string_view name, std::string_view from, std::string_view to) {
      told.push_back(std::string(name) + ": " + std::string(from) + " -> " + std::string(to));
    };
    static_cast<void>(collect(stage + " 'words a b' 'words c d'", runtime));
    const std::string forth = stage + ": words a b -> words c d";
    const std::string back = stage + ": words c d -> words a b";
    INFO(stage);
    if (stage == "chain") {
      CHECK(told == Values{forth});
    } else if (stage == "switch") {  // each is switched to once more to find its end
      CHECK(told == Values{forth, back, forth, back, forth});
    } else {
      CHECK(told == Values{forth, back, forth});
    }
  }
}

TEST_CASE("a stream that fails ends all, after what came before it") {
  CHECK(collect("chain 1..2 'lines /nonexistent' 3..4").values == Values{"1", "2"});
  for (const std::string stage : {"interleave", "switch"}) {
    for (const std::string other : {"1..3", "'1..3 | delay 0'"}) {
      const Collected all = collect(stage + " " + other + " 'lines /nonexistent'");
      CHECK(all.values == Values{"1"});
      CHECK(all.error == "lines: cannot open '/nonexistent': No such file or directory");
    }
  }
  CHECK(collect("merge 1..3 'cmd exit-nowhere'").error == "cmd: cannot run 'exit-nowhere': command not found");
  CHECK(collect("zip 'tick 9s' 'lines /nonexistent'").error);
}

TEST_CASE("where the run goes on, a stream that fails is told and counts as ended") {
  for (const std::string stage : {"chain", "interleave", "merge", "switch"}) {
    Values told;
    const Collected all = collect(stage + " 1..3 'lines /nonexistent' 'cmd false'", going_on(told));
    INFO(stage);
    CHECK(all.values == Values{"1", "2", "3"});
    CHECK_FALSE(all.error);
    std::sort(told.begin(), told.end());
    CHECK(told ==
          Values{"cmd: 'false' exited with status 1", "lines: cannot open '/nonexistent': No such file or directory"});
  }
}

TEST_CASE("streams are left in the middle without a trace, inside of each other too") {
  for (const std::string stage : {"chain", "zip", "interleave", "merge", "switch"}) {
    const std::string inner = "'" + stage + " \"tick 1ms\" \"merge \\\"tick 1ms\\\" \\\"tick 9s\\\"\"'";
    CHECK(collect(stage + " " + inner + " " + inner, {}, 1, 3).values.size() >= 3);
  }
}

TEST_CASE("not more is asked of a stream than is needed") {
  // Each value that is asked for would end up in the file.
  for (const std::string stage : {"chain", "zip", "interleave", "merge", "switch"}) {
    INFO(stage);
    Values seen;
    gen::Runtime runtime;
    const Collected all = collect(stage + " 'range 1 inf | rate 1e6/s --burst 1' 1..inf | take 2", runtime, 512);
    CHECK(all.values.size() == 2);
  }
}
