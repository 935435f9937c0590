// Outcomes become exit codes, and summaries lines.
#include <catch2/catch.hpp>
#include <csignal>

#include "cli/copy_summary.hpp"
#include "cli/exit_code.hpp"

namespace {

using namespace mtask;
using cli::exit_code;

struct World {
  cli::Output out{-1};
  cli::Environment environment;
  StopSource stop;
  cli::Context context{.out = out, .environment = environment, .stop = stop, .name = "mtask copy"};
};

Result<void> failure(ErrorKind kind) { return Unexpected(Error{kind, {}, "why"}); }

TEST_CASE("each kind of ending has its exit code") {
  World world;
  CHECK(exit_code({}, world.context) == 0);
  CHECK(exit_code(failure(ErrorKind::kItem), world.context) == 1);
  CHECK(exit_code(failure(ErrorKind::kUsage), world.context) == 2);
  CHECK(exit_code(failure(ErrorKind::kUnavailable), world.context) == 3);
  world.stop.request(SIGTERM);
  CHECK(exit_code(failure(ErrorKind::kInterrupted), world.context) == 128 + SIGTERM);
  CHECK(exit_code({}, world.context) == 0);  // the signal came when all was done
}

TEST_CASE("a reader who left is no failure unless asked for") {
  World world;
  world.out.set_reader_left();
  world.stop.request(0);
  CHECK(exit_code({}, world.context) == 0);
  CHECK(exit_code(failure(ErrorKind::kInterrupted), world.context) == 0);
  CHECK(exit_code(failure(ErrorKind::kItem), world.context) == 1);
  world.context.strict_pipe = true;
  CHECK(exit_code({}, world.context) == 128 + SIGPIPE);
  CHECK(exit_code(failure(ErrorKind::kInterrupted), world.context) == 128 + SIGPIPE);
}

TEST_CASE("the summary line says what became what and leaves zeros out") {
  copy::Config config;
  config.sources = {"docs"};
  copy::Summary summary;
  summary.destination = "/tmp/x";
  summary.files = 120;
  summary.directories = 1;
  summary.links = 3;
  summary.bytes = 1U << 20U;
  summary.seconds = 0.5;
  summary.skipped = 12;
  summary.failed = 1;
  const std::string line = cli::summary_line(config, summary);
  CHECK_THAT(line, Catch::StartsWith("'docs' -> '/tmp/x': 120 files, 1 directory, 3 links, 1.0 MiB in "));
  CHECK_THAT(line, Catch::EndsWith("(2.0 MiB/s); 12 up to date, 1 failed"));

  config.sources.emplace_back("more");
  config.dry_run = true;
  copy::Summary nothing;
  nothing.destination = "d";
  CHECK(cli::summary_line(config, nothing) == "dry run: would make 2 sources -> 'd': nothing to do");
}

TEST_CASE("statistics are one line a field, whatever the names hold") {
  copy::Summary summary;
  summary.destination = "a\nfiles: 7";
  summary.files = 3;
  const std::string table = cli::stats_table(cli::summary_values({}, summary));
  CHECK_THAT(table, Catch::StartsWith("destination: a\\nfiles: 7\n"));
  CHECK_THAT(table, Catch::Contains("\nfiles: 3\n"));
  CHECK(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')) == cli::copy_summary_fields().size());
}

}  // namespace
