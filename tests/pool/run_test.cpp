// run(): the whole way from a config to its summary.

#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "harness.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;

TEST_CASE("values become commands, run in order", "[pool]") {
  const TempDir scratch;
  const Fd out(::memfd_create("out", MFD_CLOEXEC));
  pool::Config config = with_slots(2);
  config.tmpdir = scratch.path();
  config.out_fd = out;
  config.keep_order = true;
  config.command.words = {"echo", "{#}", "{}"};
  config.inputs.sources.push_back({pool::InputSource::Kind::kArguments, {}, {"a b", "c"}, false});
  SeenEvents events;
  const auto summary = pool::run(config, events, {});
  REQUIRE(summary.has_value());
  CHECK(summary->succeeded == 2);
  CHECK(content(out) == "1 a b\n2 c\n");
}

TEST_CASE("blocks of standard input go through jobs and lose nothing", "[pool]") {
  const TempDir scratch;
  const Fd out(::memfd_create("out", MFD_CLOEXEC));
  std::string lines;
  for (int i = 0; i < 300000; ++i) lines += std::to_string(i) + "\n";
  const Fd in(::memfd_create("in", MFD_CLOEXEC));
  write_at(in, lines, 0);
  const int saved = ::dup(0);
  ::dup2(in, 0);
  ::lseek(0, 0, SEEK_SET);
  pool::Config config = with_slots(3);
  config.tmpdir = scratch.path();
  config.out_fd = out;
  config.keep_order = true;
  config.command.words = {"cat"};
  config.pipe.emplace();
  config.pipe->block = 100000;
  SeenEvents events;
  const auto summary = pool::run(config, events, {});
  ::dup2(saved, 0);
  ::close(saved);
  REQUIRE(summary.has_value());
  CHECK(summary->jobs > 10);
  CHECK((content(out) == lines));
}
