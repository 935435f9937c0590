// The options of `mtask pool` reach the engine's configuration, or are refused in one line.
#include <signal.h>

#include <catch2/catch.hpp>

#include "cli/command.hpp"
#include "cli/interface_support.hpp"
#include "cli/man_page.hpp"
#include "os/cpus.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask;
using namespace mtask::test;
using namespace std::chrono_literals;
using Names = std::vector<std::string>;
using Variables = std::vector<std::pair<std::string, std::string>>;

pool::Config given(const Names& options) {
  Names arguments = options;
  arguments.insert(arguments.end(), {"echo", ":::", "a"});
  const ParsedPool parsed = parse_pool(std::move(arguments));
  INFO(parsed.error);
  REQUIRE(parsed.config);
  return *parsed.config;
}

std::string refused(const Names& arguments) {
  const ParsedPool parsed = parse_pool(arguments);
  CHECK_FALSE(parsed.config);
  CHECK(parsed.kind == ErrorKind::kUsage);
  return parsed.error;
}

TEST_CASE("what contradicts itself is refused") {
  const Names usual = {"echo", ":::", "a"};
  const auto with = [&](Names options) {
    options.insert(options.end(), usual.begin(), usual.end());
    return refused(options);
  };
  CHECK(with({"-0", "-d,"}) == "--null and --delimiter exclude each other");
  CHECK(with({"--shell", "--no-shell"}) == "--no-shell and --shell exclude each other");
  CHECK(with({"--quote", "--no-shell"}) == "--no-shell and --quote exclude each other");
  CHECK(with({"--header", "2"}) == "--header takes ':', and with --pipe a number of lines");
  CHECK(with({"--pipe"}) == "--pipe parts standard input; it does not go with other inputs");
  CHECK(with({"--resume"}) == "resuming needs --joblog FILE");
  CHECK(with({"--joblog=l", "--retry-failed", "--resume"}) ==
        "--retry-failed does not go with --resume and --resume-failed");
  CHECK(with({"--joblog=l", "--retry-failed"}) ==
        "--retry-failed takes the commands from the job log: give no command, no inputs");
  CHECK(with({"-u", "--tag"}) == "--ungroup leaves the printing to the jobs: no --tag, --results or --files with it");
  CHECK(refused({"--pipe"}) == "--pipe needs a command");
  CHECK(refused({"--pipe", "--block=0", "cat"}) == "--block: a block holds at least one byte");
  CHECK(refused({"echo", "::::"}) == ":::: must be followed by the name of a file");
}

TEST_CASE("a wrong value is told with the option it was given to") {
  for (const auto& [option, value] : Variables{{"jobs", "many"},
                                               {"delimiter", "ab"},
                                               {"header", "x"},
                                               {"load", "abc"},
                                               {"nice", "20"},
                                               {"env", "=x"},
                                               {"retries", "-1"},
                                               {"crash-limit", "0"},
                                               {"timeout", "soon"},
                                               {"term-seq", "TERM,x"},
                                               {"halt", "perhaps"},
                                               {"limit-rate", "fast"},
                                               {"memfree", "much"},
                                               {"trim", "x"},
                                               {"joblog", "+"}}) {
    INFO(option);
    const std::string name = "--" + option;
    CHECK_THAT(refused({name, value, "echo"}), Catch::StartsWith(name + ": "));
    if (option == "joblog") continue;
    const std::string variable = cli::environment_name("pool", option);
    const ParsedPool parsed = parse_pool({.arguments = {"echo"}, .environment = {{variable, value}}});
    CHECK_THAT(parsed.error, Catch::StartsWith(variable + ": "));
    CHECK(parsed.kind == ErrorKind::kUsage);
  }
}

TEST_CASE("a bare --json takes no word for its file") {
  for (const Names& arguments :
       {Names{"--json", "echo", "a"}, {"--json=-", "echo"}, {"--json=1", "echo"}, {"--json=/dev/fd/1", "echo"}}) {
    CHECK(refused(arguments) ==
          "--json: standard output carries what the jobs print; name a file or descriptor: --json=FILE");
  }
  CHECK(parse_pool({"--json=x.json", "echo"}).json == "x.json");
  CHECK(parse_pool({"--json=3", "echo"}).json == "/dev/fd/3");
}

TEST_CASE("the number of jobs is a count, a share of the CPUs or a file") {
  const TempDir scratch;
  const std::string file = scratch / "jobs";
  write_file(file, "7\n");
  const unsigned cpus = os::usable_cpus();
  CHECK(given({}).slots == cpus);
  CHECK(given({"-j4"}).slots == 4);
  CHECK(given({"-j", "+1"}).slots == cpus + 1);
  CHECK(given({"--workers=50%"}).slots == (cpus + 1) / 2);
  const pool::Config from_file = given({"-j" + file});
  CHECK(from_file.slots == 7);
  CHECK(from_file.max_slots == pool::kMostSlots);
  write_file(file, "seven\n");
  CHECK_THAT(refused({"-j", file, "echo"}), Catch::StartsWith("--jobs: ") && Catch::Contains("'seven'"));
}

TEST_CASE("a file of jobs that turns wrong is told once, and the last good number stands") {
  const TempDir scratch;
  const std::string file = scratch / "jobs";
  write_file(file, "2\n");
  auto jobs = pool::parse_jobs(file);
  REQUIRE(jobs);
  REQUIRE(jobs->evaluate());
  Names told;
  const auto now = cli::watch_jobs(*jobs, [&](const std::string& text) { told.push_back(text); });
  CHECK(now() == 2U);
  write_file(file, "two\n");
  CHECK(now() == 2U);
  CHECK(now() == 2U);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Catch::StartsWith("--jobs: ") && Catch::EndsWith("; going on with 2"));
  write_file(file, "3\n");
  CHECK(now() == 3U);
}

TEST_CASE("the last of --group, --line-buffer and --ungroup decides") {
  using pool::Grouping;
  CHECK(given({}).grouping == Grouping::kJob);
  CHECK(given({"-u", "--line-buffer"}).grouping == Grouping::kLine);
  CHECK(given({"--lb", "-u"}).grouping == Grouping::kNone);
  CHECK(given({"-u", "--group"}).grouping == Grouping::kJob);
  CHECK(given({"-u", "--ungroup=false"}).grouping == Grouping::kJob);
  CHECK(given({"--lb", "--ungroup=false"}).grouping == Grouping::kLine);
  const auto over = [](const std::string& option) {
    return parse_pool({.arguments = {option, "echo"}, .environment = {{"MTASK_POOL_UNGROUP", "1"}}}).config->grouping;
  };
  CHECK(over("--line-buffer") == Grouping::kLine);
  CHECK(over("--group") == Grouping::kJob);
  CHECK(over("--keep-order") == Grouping::kNone);
}

TEST_CASE("words, separators and ends of jobs are as given") {
  CHECK(given({"--quote"}).command.quote);
  CHECK(given({"--quote"}).command.shell);
  CHECK_FALSE(given({}).command.shell);
  const ParsedPool parted = parse_pool({"--arg-sep=--", "echo", ":::", "--", "a", "b"});
  REQUIRE(parted.config);
  CHECK(parted.config->command.words == Names{"echo", ":::"});
  CHECK(parted.config->inputs.sources.at(0).values == Names{"a", "b"});
  const pool::Config config =
      given({"--term-seq=INT,100,KILL,25", "--backoff=1s", "--retries=0", "--nice=-5", "-d\\t"});
  REQUIRE(config.term_sequence.size() >= 1);
  CHECK(config.term_sequence[0] == std::pair(SIGINT, pool::Milliseconds(100)));
  CHECK(config.backoff == 1s);
  CHECK(config.tries == 0);
  CHECK(config.nice == -5);
  CHECK(config.inputs.delimiter == '\t');
}

TEST_CASE("GNU parallel's other spellings are known") {
  for (const char* name : {"linebuffer", "linebuffered", "line-buffered", "lb"}) {
    CHECK(given({"--" + std::string(name)}).grouping == pool::Grouping::kLine);
  }
  CHECK(given({"--dryrun"}).dry_run);
  CHECK(given({"--keeporder"}).keep_order);
  CHECK(given({"--jl=l", "--resumefailed"}).resume == pool::Resume::kResumeFailed);
  CHECK(parse_pool({"--argsep=,", "echo", ",", "a"}).config->inputs.sources.size() == 1);
  CHECK(given({"--tag-string=x"}).command.tag == "x");
  CHECK(given({"--work-dir=d"}).command.workdir == "d");
  CHECK(given({"--maxargs=3"}).inputs.max_args == 3);
  CHECK(given({"--termseq=INT"}).term_sequence.size() == given({"--term-seq=INT"}).term_sequence.size());
  for (const char* habit : {"--silent", "-x", "--exit", "--gnu", "--will-cite"}) CHECK(given({habit}).slots > 0);
  CHECK(parse_pool({"--bar", "echo"}).progress == ui::ProgressMode::kAlways);
  CHECK(parse_pool({"--eta", "echo"}).progress == ui::ProgressMode::kAlways);
  CHECK(parse_pool({"--progress", "echo"}).progress == ui::ProgressMode::kAlways);
}

TEST_CASE("the manual has the other names of options") {
  const cli::Command& command = *cli::find_command("pool");
  const std::string manual = cli::man_page(command);
  for (const cli::Option& row : cli::describe_options(command)) {
    INFO(row.name);
    if (!row.alias_of.empty()) CHECK_THAT(manual, Catch::Contains("\\fB\\-\\-" + cli::roff(row.name) + "\\fR"));
  }
  CHECK_THAT(manual, Catch::Contains("Also \\fB\\-\\-workers\\fR, "));
}

// [pool] with these lines.
ParsedPool from_file(const std::string& lines, const Names& options = {},
                     const std::map<std::string, std::string>& variables = {}) {
  const TempDir scratch;
  const std::string path = scratch / "config.toml";
  write_file(path, "[pool]\n" + lines);
  Names arguments = options;
  arguments.push_back("echo");
  return parse_pool({.arguments = arguments, .environment = variables, .config_file = path});
}

TEST_CASE("a variable of the jobs is that of the strongest place") {
  using Set = Variables;
  const std::string file = "env = [\"A=1\", \"B=1\"]\n";
  CHECK(from_file(file).config->environment == Set{{"A", "1"}, {"B", "1"}});
  CHECK(from_file(file, {}, {{"MTASK_POOL_ENV", "A=2"}}).config->environment == Set{{"B", "1"}, {"A", "2"}});
  CHECK(from_file(file, {"--env=A=3"}, {{"MTASK_POOL_ENV", "A=2"}}).config->environment == Set{{"B", "1"}, {"A", "3"}});
  CHECK(from_file("", {"--env=A=3", "--env=A=4", "--env=HOME"}).config->environment == Set{{"A", "4"}});
}

TEST_CASE("numbers in the configuration file may be numbers") {
  const ParsedPool parsed = from_file(R"(workers = 4
timeout = 1.5
load = 2
nice = 3
limit-rate = 0.5
grace = 2
)");
  INFO(parsed.error);
  REQUIRE(parsed.config);
  CHECK(parsed.config->slots == 4);
  CHECK(parsed.config->timeout.fixed == 1500ms);
  CHECK(parsed.config->max_load == 2.0);
  CHECK(parsed.config->nice == 3);
  CHECK(parsed.config->limit_rate == 0.5);
  CHECK(parsed.config->grace == 2s);
  CHECK(from_file("jobs = \"50%\"\n").config->slots == (os::usable_cpus() + 1) / 2);
  CHECK(from_file("jobs = 3\n", {"-j5"}, {{"MTASK_POOL_JOBS", "4"}}).config->slots == 5);
  CHECK(from_file("jobs = 3\n", {}, {{"MTASK_POOL_JOBS", "4"}}).config->slots == 4);
  CHECK(from_file("header = 2\n", {"--pipe"}).config->pipe->header_lines == 2);
  CHECK_THAT(from_file("jobs = true\n").error, Catch::EndsWith("'jobs' must be a number or a string"));
  CHECK_THAT(from_file("load = \"x\"\n").error, Catch::Contains("config.toml:2: load: 'x'"));
  CHECK_THAT(from_file("halt = 3\n").error, Catch::EndsWith("'halt' must be a string"));
}

TEST_CASE("what is for one run has neither key nor variable") {
  for (const char* key : {"dry-run", "resume", "resume-failed", "retry-failed", "arg-file", "dryrun"}) {
    CHECK_THAT(from_file(std::string(key) + " = true\n").error, Catch::Contains("unknown key"));
  }
}

}  // namespace
