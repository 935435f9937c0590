// What `mtask pool` tells of its jobs: to people with names, to programs as it is.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/unique_fd.hpp"
#include "cli/pool_talk.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using namespace mtask::test;
using Lines = std::vector<std::string>;

class Listener final : public ui::Ui {
 public:
  Lines messages;
  int progresses = 0;

  void event(const Event&) override {}
  void progress(const Progress&) override { ++progresses; }
  [[nodiscard]] Detail detail() const override { return Detail::kTroubles; }
  [[nodiscard]] bool progress_wanted() const override { return false; }
  [[nodiscard]] bool totals_wanted() const override { return false; }
  void message(std::string_view text) override { messages.emplace_back(text); }
  void line(std::string_view) override {}
  void make_room() override {}
  [[nodiscard]] Result<void> finish(const ui::SummaryFields&) override { return {}; }
};

// Progress while one job runs, or none.
void beat(cli::PoolTalk& talk, bool runs) {
  WorkerStatus worker;
  if (runs) worker.current = "sleep 1";
  Progress progress;
  progress.workers = {&worker, 1};
  talk.progress(progress);
}

TEST_CASE("the first signal is answered by what is waited for, once") {
  Listener listener;
  StopSource stop;
  cli::PoolTalk talk(listener, false, true, stop.token());
  CHECK(talk.progress_wanted());
  beat(talk, true);
  CHECK(listener.messages.empty());
  stop.request(SIGINT);
  beat(talk, true);
  beat(talk, true);
  CHECK(listener.messages == Lines{"waiting for the jobs that run; Ctrl-C again ends them"});
  CHECK(listener.progresses == 3);
}

TEST_CASE("nothing is said where nobody waits, or nobody looks") {
  Listener listener;
  StopSource stop;
  stop.request(SIGTERM);
  cli::PoolTalk idle(listener, false, true, stop.token());
  beat(idle, false);
  cli::PoolTalk unseen(listener, false, false, stop.token());
  beat(unseen, true);
  CHECK_FALSE(unseen.progress_wanted());
  CHECK(listener.messages.empty());
}

Event trouble(Event::Kind kind) {
  Event event;
  event.kind = kind;
  event.item = 7;
  event.name = "false a";
  event.detail = "exit 1";
  return event;
}

TEST_CASE("standard error names the job, JSON has the plain reason") {
  const TempDir scratch;
  const std::string json = scratch / "json";
  const UniqueFd err(::open((scratch / "err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ui::Options options;
  options.command = "pool";
  options.name_key = "command";
  options.verbosity = 1;
  options.json_path = json;
  options.err_fd = err.get();
  options.trouble_text = cli::pool_trouble;
  auto opened = ui::open(options);
  REQUIRE(opened);
  cli::PoolTalk talk(**opened, false, false, {});
  talk.event(trouble(Event::Kind::kRetried));
  talk.event(trouble(Event::Kind::kFailed));
  Event warning;
  warning.kind = Event::Kind::kWarning;
  warning.detail = "odd";
  talk.event(warning);
  REQUIRE((*opened)->finish({}));
  CHECK(read_file(scratch / "err") ==
        "mtask pool: job 7 'false a': exit 1; it is run again\n"
        "mtask pool: job 7 'false a': exit 1\n"
        "mtask pool: odd\n");
  const std::string lines = read_file(json);
  CHECK_THAT(lines, Catch::Contains(R"("command":"false a","detail":"exit 1"})"));
  CHECK_THAT(lines, !Catch::Contains("job 7"));
}

TEST_CASE("a message does not repeat a command line of any length") {
  Event event = trouble(Event::Kind::kFailed);
  const std::string line(100'000, 'x');
  event.name = line;
  const std::string text = cli::pool_trouble(event);
  CHECK(text.size() < 300);
  CHECK_THAT(text, Catch::EndsWith("xxx'...: exit 1"));
}

// JSON lines to a descriptor as a shell would have passed it on.
Result<std::unique_ptr<ui::Ui>> open_on(int descriptor) {
  ui::Options options;
  options.command = "pool";
  options.progress = ui::ProgressMode::kNever;
  options.json_path = "/dev/fd/" + std::to_string(descriptor);
  return ui::open(options);
}

TEST_CASE("JSON lines go to an inherited descriptor from where it stands") {
  const TempDir scratch;
  const std::string file = scratch / "events";
  write_file(file, "before\n");
  const UniqueFd shared(::open(file.c_str(), O_WRONLY | O_APPEND));  // NOLINT: as inherited
  auto opened = open_on(shared.get());
  REQUIRE(opened);
  REQUIRE((*opened)->finish({}));
  CHECK_THAT(read_file(file), Catch::StartsWith("before\n{\"event\":\"summary\""));
  CHECK(::fcntl(shared.get(), F_GETFD) != -1);
}

TEST_CASE("JSON lines go to a socket") {
  int ends[2] = {-1, -1};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  auto opened = open_on(theirs.get());
  REQUIRE(opened);
  REQUIRE((*opened)->finish({}));
  char text[64] = {};
  CHECK(::read(ours.get(), text, sizeof(text) - 1) > 0);
  CHECK_THAT(text, Catch::StartsWith("{\"event\":\"summary\""));
}

TEST_CASE("a descriptor that was not inherited, or cannot be written, is refused") {
  const TempDir scratch;
  write_file(scratch / "file", "");
  const UniqueFd own(::open((scratch / "file").c_str(), O_WRONLY | O_CLOEXEC));
  const UniqueFd input(::open((scratch / "file").c_str(), O_RDONLY));  // NOLINT: as inherited
  for (const int descriptor : {own.get(), input.get(), 9999}) {
    const auto opened = open_on(descriptor);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::kUsage);
    CHECK_THAT(opened.error().message(), Catch::Contains("Bad file descriptor"));
  }
}

}  // namespace
