#include "ui/ui.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <sstream>

#include "support/command.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using mtask::test::read_file;

namespace {

Event make(Event::Kind kind, std::string_view name, std::string_view detail = {}) {
  Event event;
  event.kind = kind;
  event.worker = 1;
  event.item = 7;
  event.time = std::chrono::steady_clock::now();
  event.name = name;
  event.action = "copy";
  event.bytes = 42;
  event.detail = detail;
  return event;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// stdout and stderr of a Ui as files.
struct Streams {
  test::TempDir directory;
  test::Fd out = test::open_at(AT_FDCWD, (directory / "out").string(), O_WRONLY | O_CREAT | O_APPEND);
  test::Fd err = test::open_at(AT_FDCWD, (directory / "err").string(), O_WRONLY | O_CREAT | O_APPEND);

  ui::Options options() const {
    ui::Options options;
    options.command = "copy";
    options.out_fd = out.get();
    options.err_fd = err.get();
    return options;
  }
  std::string told() const { return read_file(directory / "err"); }
  std::string data() const { return read_file(directory / "out"); }
};

// Fails unless python reads `path` as one JSON document, or as one a line.
void require_json(const std::string& path, bool one_a_line) {
  test::Command command;
  command.argv = {"python3", "-c",
                  one_a_line ? "import json,sys\nfor l in open(sys.argv[1], encoding='utf-8'): json.loads(l)"
                             : "import json,sys\njson.load(open(sys.argv[1], encoding='utf-8'))",
                  path};
  const test::Outcome outcome = test::run(command);
  INFO(outcome.text());
  REQUIRE(outcome.code() == 0);
}

constexpr std::string_view kHostile = "</script><script>alert(1)</script>\x1b[31m\n\xff'\"&<b>";

}  // namespace

TEST_CASE("listeners ask for no more than they need") {
  const Streams streams;
  ui::Options options = streams.options();
  const auto detail = [&] { return ui::open(options).value()->detail(); };
  CHECK(detail() == Events::Detail::kTroubles);
  CHECK_FALSE(ui::open(options).value()->progress_wanted());
  options.dry_run_lines = true;
  CHECK(detail() == Events::Detail::kItems);
  CHECK_FALSE(ui::open(options).value()->totals_wanted());
  options.verbosity = 2;
  CHECK(detail() == Events::Detail::kAll);
  options.quiet = true;
  CHECK(detail() == Events::Detail::kItems);
  options.json_path = "-";
  CHECK(detail() == Events::Detail::kAll);
  options.progress = ui::ProgressMode::kJson;
  CHECK(ui::open(options).value()->totals_wanted());
}

TEST_CASE("troubles are told one a line, every one where there is no terminal") {
  const Streams streams;
  auto ui = ui::open(streams.options()).value();
  for (int i = 0; i < 30; ++i) ui->event(make(Event::Kind::kFailed, "a", "cannot open 'a': Permission denied"));
  ui->event(make(Event::Kind::kWarning, "", "cannot keep ACLs\x1b[2J"));
  ui->event(make(Event::Kind::kRetried, "b", "'b' changed while it was copied"));
  ui->event(make(Event::Kind::kFinished, "c"));
  REQUIRE(ui->finish({}));
  const auto lines = lines_of(streams.told());
  REQUIRE(lines.size() == 31);
  CHECK(lines[29] == "mtask copy: cannot open 'a': Permission denied");
  CHECK(lines[30] == "mtask copy: cannot keep ACLs\\x1b[2J");
  CHECK(streams.data().empty());
}

TEST_CASE("-v tells retries and what is finished, -vv what is begun and by whom, -q failures alone") {
  const auto told = [](int verbosity, bool quiet) {
    const Streams streams;
    ui::Options options = streams.options();
    options.verbosity = verbosity;
    options.quiet = quiet;
    auto ui = ui::open(options).value();
    for (const auto kind : {Event::Kind::kStarted, Event::Kind::kFinished, Event::Kind::kSkipped}) {
      ui->event(make(kind, "a b"));
    }
    ui->event(make(Event::Kind::kRetried, "r", "retry"));
    ui->event(make(Event::Kind::kWarning, "w", "warn"));
    ui->event(make(Event::Kind::kFailed, "f", "fail"));
    REQUIRE(ui->finish({}));
    return streams.told();
  };
  CHECK(told(0, false) == "mtask copy: warn\nmtask copy: fail\n");
  CHECK(told(1, false) == "copy 'a b', 42 B\nmtask copy: retry\nmtask copy: warn\nmtask copy: fail\n");
  CHECK(
      told(2, false) ==
      "[1] start 'a b'\n[1] copy 'a b', 42 B\n[1] skip 'a b'\nmtask copy: retry\nmtask copy: warn\nmtask copy: fail\n");
  CHECK(told(1, true) == "mtask copy: fail\n");
}

TEST_CASE("JSON lines hold every event and end with the summary") {
  const Streams streams;
  ui::Options options = streams.options();
  options.json_path = "-";
  options.dry_run_lines = true;  // must not mix into the JSON
  auto ui = ui::open(options).value();
  ui->event(make(Event::Kind::kStarted, kHostile));
  ui->event(make(Event::Kind::kFinished, kHostile));
  Event supervisor = make(Event::Kind::kWarning, "", "no \"ACLs\"");
  supervisor.worker = kNoWorker;
  supervisor.item = 0;
  ui->event(supervisor);
  REQUIRE(ui->finish({{"files", std::uint64_t{3}}, {"seconds", 0.5}, {"to", std::string("x")}, {"ok", true}}));
  require_json((streams.directory / "out").string(), true);
  const auto lines = lines_of(streams.data());
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].find("{\"event\":\"started\",\"time\":") == 0);
  CHECK(lines[0].find("\"bytes\"") == std::string::npos);
  CHECK(lines[1].find("\"worker\":1,\"item\":7,\"path\":\"") != std::string::npos);
  CHECK(lines[1].find("\"path_base64\":") != std::string::npos);
  CHECK(lines[1].find("\"action\":\"copy\",\"bytes\":42}") != std::string::npos);
  CHECK(lines[2].find("\"worker\"") == std::string::npos);
  CHECK(lines[3].find("\"files\":3,\"seconds\":0.5,\"to\":\"x\",\"ok\":true}") != std::string::npos);
}

TEST_CASE("progress as JSON goes to stderr") {
  const Streams streams;
  ui::Options options = streams.options();
  options.progress = ui::ProgressMode::kJson;
  auto ui = ui::open(options).value();
  const std::vector<WorkerStatus> workers = {{12, 3, 4, "x"}, {0, 0, 0, ""}};
  Progress progress;
  progress.items_done = 5;
  progress.workers = workers;
  ui->progress(progress);
  REQUIRE(ui->finish({}));
  require_json((streams.directory / "err").string(), true);
  CHECK(streams.told().find("\"items_done\":5") != std::string::npos);
  CHECK(streams.told().find("\"workers\":[{\"pid\":12,\"items\":3,\"bytes\":4,\"current\":\"x\"},") !=
        std::string::npos);
}

TEST_CASE("a dry run prints what would be done on stdout") {
  const Streams streams;
  ui::Options options = streams.options();
  options.dry_run_lines = true;
  auto ui = ui::open(options).value();
  ui->event(make(Event::Kind::kFinished, "a\nb"));
  ui->event(make(Event::Kind::kSkipped, "c"));
  REQUIRE(ui->finish({}));
  CHECK(streams.data() == "copy 'a\\nb'\n");
}

TEST_CASE("a reader that left is told at once and by finish") {
  const Streams streams;
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  ::close(ends[0]);
  ui::Options options = streams.options();
  options.json_path = "-";
  options.out_fd = ends[1];
  int lost = 0;
  options.on_output_lost = [&](const Error& error) { lost += error.code.value() == EPIPE ? 1 : 100; };
  auto ui = ui::open(options).value();
  ui->event(make(Event::Kind::kFinished, "a"));
  CHECK(lost == 1);
  ui->event(make(Event::Kind::kFinished, "b"));
  const auto result = ui->finish({});
  REQUIRE_FALSE(result);
  CHECK(result.error().code.value() == EPIPE);
  CHECK(lost == 1);
  ::close(ends[1]);
}

TEST_CASE("a full disk is an error of finish") {
  const Streams streams;
  ui::Options options = streams.options();
  options.json_path = "/dev/full";
  auto ui = ui::open(options).value();
  ui->event(make(Event::Kind::kFinished, "a"));
  const auto result = ui->finish({});
  REQUIRE_FALSE(result);
  CHECK(result.error().message().find("/dev/full") != std::string::npos);
  CHECK(result.error().code.value() == ENOSPC);
}

TEST_CASE("report and trace appear whole, at the end, and nothing else does") {
  const test::TempDir directory;
  const Streams streams;
  ui::Options options = streams.options();
  options.report_path = (directory / "r.html").string();
  options.trace_path = (directory / "t.json").string();
  test::write_file(directory / "r.html", "older");
  auto ui = ui::open(options).value();
  CHECK(ui->detail() == Events::Detail::kAll);
  ui->event(make(Event::Kind::kStarted, kHostile));
  ui->event(make(Event::Kind::kFailed, kHostile, "cannot open '</table><script>': Permission denied"));
  CHECK(read_file(directory / "r.html") == "older");
  REQUIRE(ui->finish({{"to", std::string("</title><script>")}}));
  CHECK(test::paths_below(directory.path()) == std::vector<std::string>{"r.html", "t.json"});

  require_json((directory / "t.json").string(), false);
  const std::string trace = read_file(directory / "t.json");
  CHECK(trace.find("\"ph\":\"X\"") != std::string::npos);
  CHECK(trace.find("\"thread_name\"") != std::string::npos);

  const std::string page = read_file(directory / "r.html");
  CHECK(page.find("alert(1)</script>") == std::string::npos);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("http") == std::string::npos);
  // The data and the script are the only scripts there are.
  std::size_t scripts = 0;
  for (std::size_t at = page.find("<script"); at != std::string::npos; at = page.find("<script", at + 1)) ++scripts;
  CHECK(scripts == 2);
  const std::size_t begin = page.find("id=\"data\">") + 10;
  test::write_file(directory / "data.json", page.substr(begin, page.find("</script>", begin) - begin));
  require_json((directory / "data.json").string(), false);
}

TEST_CASE("an unfinished show writes no files") {
  const test::TempDir directory;
  const Streams streams;
  ui::Options options = streams.options();
  options.report_path = (directory / "r.html").string();
  ui::open(options).value()->event(make(Event::Kind::kFinished, "a"));
  CHECK(test::paths_below(directory.path()).empty());
}

TEST_CASE("a report through a symbolic link replaces the link's target") {
  const test::TempDir directory;
  const Streams streams;
  test::write_file(directory / "target", "older");
  std::filesystem::create_symlink("target", directory / "link");
  ui::Options options = streams.options();
  options.report_path = (directory / "link").string();
  REQUIRE(ui::open(options).value()->finish({}));
  CHECK(std::filesystem::is_symlink(directory / "link"));
  CHECK(read_file(directory / "target").find("<!DOCTYPE html>") == 0);
}

TEST_CASE("files that can't be made are usage errors before anything runs") {
  const Streams streams;
  for (const auto path : {&ui::Options::report_path, &ui::Options::trace_path, &ui::Options::json_path}) {
    ui::Options options = streams.options();
    options.*path = (streams.directory / "no such directory/file").string();
    const auto opened = ui::open(options);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().kind == ErrorKind::kUsage);
    CHECK(opened.error().message().find("No such file or directory") != std::string::npos);
  }
}

TEST_CASE("progress that is always wanted comes as plain lines where there is no terminal") {
  const Streams streams;
  ui::Options options = streams.options();
  options.progress = ui::ProgressMode::kAlways;
  options.items = "files";
  auto ui = ui::open(options).value();
  Progress progress;
  progress.time = std::chrono::steady_clock::now();
  progress.items_done = 5;
  progress.items_total = 10;
  progress.totals_known = true;
  ui->progress(progress);
  REQUIRE(ui->finish({}));
  CHECK(streams.told() == "mtask copy: 50%  5/10 files  ETA --\n");
}
