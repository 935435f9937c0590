// Output that its reader takes late, or that has no room at all.

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "base/unique_fd.hpp"
#include "harness.hpp"
#include "pool/open_line.hpp"
#include "pool/printer.hpp"
#include "pool/writer.hpp"
#include "support/files.hpp"

using namespace mtask;
using namespace mtask::test;
using pool::Output;
using pool::Target;

namespace {

Output bytes(std::string text, Target target = Target::kOut) {
  Output output;
  output.target = target;
  output.bytes = std::move(text);
  return output;
}

// Both ends of a pipe; neither blocks.
struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) FAIL("pipe");
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
  std::string take() {
    std::string text(1 << 20, '\0');
    const ssize_t count = ::read(read.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  UniqueFd read;
  UniqueFd write;
};

}  // namespace

TEST_CASE("jobs that say much go on and are done with while another one streams", "[pool]") {
  const TempDir scratch;
  const std::string done = scratch / "done";
  pool::Config config = with_slots(3);
  // The first streams until the last one has run; what the others say is more than is held for a reader.
  ListedJobs jobs(400, [&](std::uint64_t i) {
    if (i == 1) return shell("seq 1 300000; while ! [ -e " + done + " ]; do sleep 0.01; done; echo end");
    return shell((i == 400 ? "touch " + done + "; " : "") + "printf '%012000d\\n' " + std::to_string(i));
  });
  const PoolRun run = run_pool(config, jobs);
  CHECK(run.summary.succeeded == 400);
  CHECK(run.out.size() == run.summary.bytes_out);
  CHECK(run.out.find("300000\nend\n") != std::string::npos);
  for (int i = 2; i <= 400; i += 57) CHECK(run.out.find("0" + std::to_string(i) + "\n") != std::string::npos);
  CHECK(run.left.empty());
}

TEST_CASE("what a reader has not taken waits in a file, in order and with its tags", "[pool]") {
  const TempDir scratch;
  Pipe pipe;
  pool::Writer writer(pipe.write.get(), STDERR_FILENO, {});
  pool::Printer printer(writer, false, scratch.path());
  std::string expected;
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    printer.begin(i);
    const std::string line = std::to_string(i) + std::string(10'000, '.');
    printer.add(i, i, "t" + std::to_string(i), bytes(line + "\n"));
    expected += "t" + std::to_string(i) + "\t" + line + "\n";
    printer.end(i);
    writer.pump();
  }
  CHECK(writer.waiting() < (5U << 20));
  CHECK(writer.behind() > (15U << 20));
  std::string seen;
  while (!writer.idle()) {
    seen += pipe.take();
    writer.pump();
  }
  seen += pipe.take();
  CHECK((seen == expected));
  CHECK(writer.behind() == 0);
}

TEST_CASE("each job whose output has no room is named", "[pool]") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  pool::Writer writer(full.get(), STDERR_FILENO, {});
  for (std::uint64_t item = 1; item <= 3; ++item) writer.add(item, {}, bytes("some text\n"));
  writer.pump();
  std::set<std::uint64_t> items;
  for (const auto& failure : writer.take_failures()) {
    CHECK(failure.error == ENOSPC);
    items.insert(failure.item);
  }
  CHECK(items == std::set<std::uint64_t>{1, 2, 3});
  CHECK(writer.take_failures().empty());
  CHECK(writer.waiting() == 0);
}

TEST_CASE("no job begins once output has no room, and the run has failed whatever its policy", "[pool]") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  pool::Config config = with_slots(1);
  config.out_fd = full.get();
  config.halt = {pool::Halt::When::kSoon, pool::Halt::Of::kFail, 0, 50};
  ListedJobs jobs(5000, [](std::uint64_t) { return command({"echo", "text"}); });
  const PoolRun run = run_pool(config, jobs);
  CHECK(run.summary.jobs < 5000);
  CHECK(run.summary.failed == 0);
  CHECK(run.summary.troubles > 0);
  CHECK(run.summary.exit_status == 3);
  CHECK_THAT(run.events.text(), Catch::Contains("cannot write its output: No space left on device"));
}

TEST_CASE("a line that is kept in a file comes out whole", "[pool]") {
  const TempDir scratch;
  pool::OpenLine line;
  CHECK(line.empty());
  const std::string part(100'000, 'x');
  for (int i = 0; i < 25; ++i) line.append(part, scratch / "line");
  CHECK_FALSE(line.empty());
  auto parts = line.take(Target::kErr);
  REQUIRE(parts.size() == 1);
  CHECK(parts[0].target == Target::kErr);
  CHECK(read_file(parts[0].path) == std::string(2'500'000, 'x'));
  CHECK(line.empty());
  line.append(part, scratch / "line");
  line.drop();
  CHECK(line.take(Target::kOut).empty());
}

TEST_CASE("a job's last line needs no newline, however long it is", "[pool]") {
  pool::Config config = with_slots(1);
  config.grouping = pool::Grouping::kLine;
  // Lines travel in parts of 12 KiB: these end where a part ends, and a byte before and after.
  const int size = GENERATE(0, 12287, 12288, 12289, 36864, 3 << 20);
  const PoolRun run =
      run_pool(config, shells({"head -c " + std::to_string(size) + " /dev/zero | tr '\\0' x", "echo next"}));
  CHECK((run.out == std::string(static_cast<std::size_t>(size), 'x') + "next\n"));
}

TEST_CASE("a process that a job leaves writing does not hold its slot", "[pool]") {
  const auto grouping = GENERATE(pool::Grouping::kJob, pool::Grouping::kLine);
  pool::Config config = with_slots(1);
  config.grouping = grouping;
  const PoolRun run = run_pool(config, shells({"yes & echo a", "echo b"}));
  CHECK(run.summary.succeeded == 2);
  CHECK(run.out.find("b\n") != std::string::npos);
}
