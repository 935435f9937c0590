#include "pool/block_splitter.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using mtask::pool::BlockSplitter;
using mtask::pool::Pipe;
using mtask::pool::Step;

namespace {

using Blocks = std::vector<std::string>;

// The stream comes in pieces of at most `piece` bytes.
Blocks blocks_of(const Pipe& pipe, std::string_view input, std::size_t piece = SIZE_MAX, bool drop_blank = false) {
  auto splitter = BlockSplitter::create(pipe, drop_blank);
  REQUIRE(splitter);
  Blocks blocks;
  for (std::string block;;) {
    switch (splitter->next(block)) {
      case Step::kGot:
        blocks.push_back(block);
        break;
      case Step::kEnd:
        return blocks;
      case Step::kWait: {
        const std::span<char> space = splitter->space();
        REQUIRE_FALSE(space.empty());
        const std::size_t size = std::min({input.size(), space.size(), piece});
        std::copy_n(input.begin(), size, space.begin());
        input.remove_prefix(size);
        splitter->added(size);
      }
    }
  }
}

std::string joined(const Blocks& blocks) {
  std::string all;
  for (const std::string& block : blocks) all += block;
  return all;
}

std::string random_text(std::mt19937& random, std::size_t longest) {
  std::string text(random() % (longest + 1), ' ');
  for (char& c : text) c = "ab\n>"[random() % 4];
  return text;
}

Pipe random_pipe(std::mt19937& random) {
  const char* const ends[] = {"\n", "", "b", "\n\n", "a\n"};
  const char* const starts[] = {"", ">", "a"};
  Pipe pipe;
  pipe.block = random() % 12 + 1;
  pipe.record_end = ends[random() % 5];
  pipe.record_start = starts[random() % 3];
  pipe.max_records = random() % 2 * (random() % 3);
  pipe.record_lines = random() % 3 == 0 ? 2 : 1;
  pipe.regexp = random() % 3 == 0;
  return pipe;
}

}  // namespace

TEST_CASE("blocks join to the stream, cut at record ends, however it arrives") {
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    const Pipe pipe = random_pipe(random);
    const std::string input = random_text(random, 60);
    INFO("block " << pipe.block << " end " << Catch::Detail::stringify(pipe.record_end) << " start "
                  << pipe.record_start << " N " << pipe.max_records << " L " << pipe.record_lines << " regexp "
                  << pipe.regexp << " on " << Catch::Detail::stringify(input));
    const Blocks blocks = blocks_of(pipe, input);
    CHECK(joined(blocks) == input);
    CHECK(std::count(blocks.begin(), blocks.end(), "") == 0);
    CHECK(blocks_of(pipe, input, 1) == blocks);
    CHECK(blocks_of(pipe, input, 7) == blocks);
    const std::string& end = pipe.max_records == 0 && pipe.record_lines > 1 ? "\n" : pipe.record_end;
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i) CHECK(blocks[i].ends_with(end));
  }
}

TEST_CASE("a block is about as large as wanted, and a longer record is not cut") {
  std::string input;
  for (int i = 0; i < 10'000; ++i) input += "line " + std::to_string(i) + "\n";
  Pipe pipe;
  pipe.block = 1000;
  const Blocks blocks = blocks_of(pipe, input);
  CHECK(joined(blocks) == input);
  for (const std::string& block : blocks) CHECK(block.size() <= 1000);
  CHECK(blocks.size() < input.size() / 900);
  const std::string record(100'000, 'x');
  CHECK(blocks_of(pipe, "a\n" + record + "\nb\n").at(1) == record + "\nb\n");
}

TEST_CASE("each N records make a block, also empty ones") {
  Pipe pipe;
  pipe.max_records = 2;
  CHECK(blocks_of(pipe, "\n\n\na\nb") == Blocks{"\n\n", "\na\n", "b"});
  pipe.max_records = 1;
  CHECK(blocks_of(pipe, "\na\n") == Blocks{"\n", "a\n"});
}

TEST_CASE("a stream that is empty or only a header gives no block") {
  Pipe pipe;
  CHECK(blocks_of(pipe, "").empty());
  pipe.header_lines = 1;
  CHECK(blocks_of(pipe, "head\n").empty());
  CHECK(blocks_of(pipe, "head\nx") == Blocks{"head\nx"});
  CHECK(blocks_of(pipe, "no end") == Blocks{"no end"});
}

TEST_CASE("a wrong regular expression for records is refused") {
  Pipe pipe;
  pipe.regexp = true;
  pipe.record_start = "(";
  CHECK_FALSE(BlockSplitter::create(pipe, false));
}
