#include "gen/sources/line_reader.hpp"

#include <fcntl.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "mtask/event_loop.hpp"
#include "mtask/scope.hpp"
#include "mtask/sleep.hpp"
#include "support/temp_dir.hpp"

using namespace mtask::gen;

namespace {

void put(LineBuffer& buffer, std::string_view bytes) {
  std::memcpy(buffer.room(bytes.size()), bytes.data(), bytes.size());
  buffer.added(bytes.size());
}

std::vector<std::string> take(LineBuffer& buffer, std::size_t want) {
  Batch out;
  out.clear();
  buffer.take(out, want);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < out.size(); ++i) lines.emplace_back(out.row_field(i, 0));
  return lines;
}

using Lines = std::vector<std::string>;

mtask::task<> read_line(int fd, Batch& line, bool& ended) {
  LineReader reader('\n');
  const mtask::Result<void> read = co_await reader.next(fd, false, line, 1);
  ended = true;
}

mtask::task<> count_turns(const bool& ended, int& turns) {
  while (!ended) {
    ++turns;
    co_await mtask::yield();
  }
}

mtask::task<> read_beside(int fd, Batch& line, bool& ended, int& turns) {
  mtask::scope both;
  both.spawn(read_line(fd, line, ended));
  both.spawn(count_turns(ended, turns));
  co_await both.join();
}

}  // namespace

TEST_CASE("lines come out as soon as their ends are there, and no more than were wanted") {
  LineBuffer buffer('\n');
  put(buffer, "one\ntwo\n\nth");
  CHECK(take(buffer, 2) == Lines{"one", "two"});
  CHECK(take(buffer, 9) == Lines{""});
  CHECK(take(buffer, 9).empty());
  put(buffer, "ree");
  CHECK(take(buffer, 9).empty());
  put(buffer, "\nfour");
  CHECK(take(buffer, 9) == Lines{"three"});
  Batch rest;
  buffer.take_rest(rest);
  REQUIRE(rest.size() == 1);
  CHECK(rest.row_field(0, 0) == "four");
  rest.clear();
  buffer.take_rest(rest);
  CHECK(rest.empty());
}

TEST_CASE("however bytes are cut into pieces, the lines are the same") {
  std::string text;
  Lines all;
  for (std::size_t i = 0; i < 200; ++i) {
    all.emplace_back(i * i % 257, static_cast<char>(i));
    std::replace(all.back().begin(), all.back().end(), '\n', '.');
    text += all.back() + '\n';
  }
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{255}, std::size_t{4096}}) {
    LineBuffer buffer('\n');
    Lines lines;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      put(buffer, std::string_view(text).substr(at, piece));
      for (Lines some = take(buffer, 3); !some.empty(); some = take(buffer, 3)) {
        lines.insert(lines.end(), some.begin(), some.end());
      }
    }
    CHECK(lines == all);
  }
}

TEST_CASE("a line's end may be another byte, and the newline then is one like others") {
  LineBuffer buffer('\0');
  put(buffer, std::string_view("a\nb\0c\0", 6));
  CHECK(take(buffer, 9) == Lines{"a\nb", "c"});
}

TEST_CASE("while a long line is read from a file others have their turns") {
  const mtask::test::TempDir dir;
  const std::string path = dir / "long";
  std::ofstream(path) << std::string(4'000'000, 'x');
  const mtask::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Batch line;
  bool ended = false;
  int turns = 0;
  mtask::event_loop().run(read_beside(file.get(), line, ended, turns));
  CHECK(line.size() == 1);
  CHECK(turns > 4);
}
