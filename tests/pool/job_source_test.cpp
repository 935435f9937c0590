#include "pool/job_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "job_support.hpp"
#include "support/command.hpp"

using mtask::UniqueFd;
using mtask::pool::Config;
using mtask::pool::InputSource;
using mtask::pool::JobSpec;
using mtask::pool::open_jobs;
using mtask::test::config_of;
using mtask::test::jobs_of;
using mtask::test::refusal_of;
using mtask::test::shown;

namespace {

using Words = std::vector<std::string>;
using Named = std::vector<std::pair<std::string, std::string>>;

std::vector<Words> argv_of(const Words& arguments, std::string_view input = {}) {
  std::vector<Words> all;
  for (JobSpec& job : jobs_of(config_of(arguments, false), input)) all.push_back(std::move(job.argv));
  return all;
}

std::string random_text(std::mt19937& random, std::size_t longest) {
  constexpr std::string_view kNasty = "'\"\\$`!*?[]{}()<>|&;~# \t\n\r\x01\x7f\xff\xc3\xa9=-^a0,.";
  std::string text(random() % (longest + 1), ' ');
  for (char& c : text) c = kNasty[random() % kNasty.size()];
  return text;
}

// Of a shell that is given the script.
std::string output_of(const char* shell, const std::string& script) {
  return mtask::test::run({.argv = {shell, "-s"}, .env = {}, .cwd = {}, .input = script}).out;
}

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  void write(std::string_view bytes) const {
    REQUIRE(::write(in.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  UniqueFd out;
  UniqueFd in;
};

}  // namespace

TEST_CASE("without a shell each word is one argument, whatever the value holds") {
  const std::string longer(100'000, 'x');
  for (const std::string& value : Words{"", "a b", "a\nb", "$(id) `id`", "'\"\\", "\xff\xfe", "*", "-n", longer}) {
    Config config = config_of({"cmd", "{}", "x{}y", "a b", ""}, false);
    config.inputs.sources = {{InputSource::Kind::kArguments, {}, {value}, false}};
    const auto jobs = jobs_of(config);
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].argv == Words{"cmd", value, "x" + value + "y", "a b", ""});
  }
}

TEST_CASE("without a shell several values become several arguments") {
  CHECK(argv_of({"-n", "3", "c", "{}", "p{}s", ":::", "a", "b c", "d"}) ==
        std::vector<Words>{{"c", "a", "b c", "d", "pa", "b c", "ds"}});
  CHECK(argv_of({"-N", "2", "c", "p {} s", "{2}{1}", ":::", "a", "b"}) ==
        std::vector<Words>{{"c", "p a s", "p b s", "ba"}});
  CHECK(argv_of({"c", "{1}-{2}", "{}", ":::", "a", ":::", "b"}) == std::vector<Words>{{"c", "a-b", "a", "b"}});
  CHECK(argv_of({"-N", "2", "c", "{1}", "{2}", "x{2}", ":::", "a"}) == std::vector<Words>{{"c", "a", "x"}});
  CHECK(argv_of({"-N", "0", "c", "{}", "x{}", ":::", "a"}) == std::vector<Words>{{"c", "x"}});
}

TEST_CASE("a shell given the line that is shown runs the same arguments") {
  std::mt19937 random(5);
  std::string script;
  std::string expected;
  for (int round = 0; round < 40; ++round) {
    Config config = config_of({"-n", "2", "printf", "%s\\0"}, false);
    for (int word = 0; word < 4; ++word) {
      std::string text = random_text(random, 6);
      if (text.find("{=") != std::string::npos) text.clear();
      config.command.words.push_back(text + "{}" + random_text(random, 2));
      config.command.words.push_back(std::move(text));
    }
    if (std::any_of(config.command.words.begin(), config.command.words.end(),
                    [](const std::string& word) { return word.find("{=") != std::string::npos; }))
      continue;
    InputSource source{InputSource::Kind::kArguments, {}, {}, false};
    for (int value = 0; value < 3; ++value) source.values.push_back(random_text(random, 8));
    config.inputs.sources = {source};
    for (const JobSpec& job : jobs_of(config)) {
      script += job.shown + "\necho\n";  // a line of its own for each, so that a failure tells which
      for (std::size_t i = 2; i < job.argv.size(); ++i) expected += job.argv[i] + '\0';
      expected += '\n';
    }
  }
  CHECK(std::count(script.begin(), script.end(), '\n') > 100);
  CHECK(output_of("sh", script) == expected);
  CHECK(output_of("bash", script) == expected);
}

TEST_CASE("values come through a shell as they are") {
  std::mt19937 random(9);
  Config config = config_of({"printf '%s' {} {}"}, true);
  InputSource source{InputSource::Kind::kArguments, {}, {std::string(10'000, '\'')}, false};
  for (int value = 0; value < 60; ++value) source.values.push_back(random_text(random, 12));
  config.inputs.sources = {source};
  const auto jobs = jobs_of(config);
  REQUIRE(jobs.size() == source.values.size());
  std::string script;
  std::string expected;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    REQUIRE(jobs[i].argv.size() == 3);
    CHECK(jobs[i].argv[1] == "-c");
    CHECK(jobs[i].argv[2] == jobs[i].shown);
    script += jobs[i].shown + "\n";
    expected += source.values[i] + source.values[i];
  }
  CHECK(output_of(jobs[0].argv[0].c_str(), script) == expected);
}

TEST_CASE("the slot's place is marked in all that is rendered") {
  Config config = config_of({"--tagstring", "{%}", "c", "s{%}", ":::", "a"}, false);
  config.command.workdir = "w/{%}/{}";
  const auto jobs = jobs_of(config);
  const std::string mark(1, mtask::pool::kSlotMark);
  CHECK(jobs.at(0).argv == Words{"c", "s" + mark});
  CHECK(jobs[0].shown == "c s" + mark);
  CHECK(jobs[0].tag == mark);
  CHECK(jobs[0].workdir == "w/" + mark + "/a");
}

TEST_CASE("results name their folders by the values, in the order of their sources") {
  Config config = config_of({"--header", ":", "echo", ":::", "y", "1", ":::", "x", "a/b"}, false);
  config.results = "out";
  const auto jobs = jobs_of(config);
  CHECK(jobs.at(0).values == Named{{"y", "1"}, {"x", "a/b"}});
  config = config_of({"-n", "2", "echo", ":::", "a", "b"}, false);
  CHECK(jobs_of(config).at(0).values.empty());  // nobody asks for them
  config.results = "out";
  CHECK(jobs_of(config).at(0).values == Named{{"1", "a"}, {"1", "b"}});
}

TEST_CASE("packing leaves no value out and stays within the limit of the system") {
  std::string input;
  for (int i = 0; i < 100'000; ++i) input += "value-" + std::to_string(i) + "\n";
  for (const char* packing : {"-X", "-m"}) {
    const auto jobs = jobs_of(config_of({packing, "-j", "4", "c", "{}"}, false), input);
    std::string back;
    for (const JobSpec& job : jobs) {
      CHECK(job.shown.size() < 131'072);
      for (std::size_t i = 1; i < job.argv.size(); ++i) back += job.argv[i] + "\n";
    }
    CHECK(back == input);
    CHECK(jobs.size() >= 11);  // 1.2 MB, and the last part spread over four
  }
}

TEST_CASE("a value too long for a packed command line is refused") {
  CHECK(refusal_of(config_of({"-m", "-s", "10", "echo", ":::", "1", "22222222"}, false)).find("'22222222'") !=
        std::string::npos);
}

TEST_CASE("shuffled jobs are the same jobs in an order that the seed decides") {
  std::string input;
  for (int i = 0; i < 200; ++i) input += std::to_string(i) + "\n";
  Config config = config_of({"echo"}, false);
  const auto straight = shown(jobs_of(config, input));
  config.inputs.shuffle = true;
  config.inputs.seed = 7;
  auto shuffled = shown(jobs_of(config, input));
  CHECK(shuffled == shown(jobs_of(config, input)));
  CHECK(shuffled != straight);
  config.inputs.seed = 8;
  CHECK(shuffled != shown(jobs_of(config, input)));
  CHECK(std::is_permutation(straight.begin(), straight.end(), shuffled.begin(), shuffled.end()));
}

TEST_CASE("how many jobs there will be is known where the values are") {
  const auto total = [](const Words& arguments, std::string_view input = {}) {
    Pipe pipe;
    pipe.write(input);
    pipe.in.reset();
    auto source = open_jobs(config_of(arguments, false), pipe.out.get());
    REQUIRE(source);
    return (*source)->total();
  };
  CHECK(total({"echo", ":::", "a", "b", "c", ":::", "d", "e"}) == 6U);
  CHECK(total({"echo", ":::", "a", "b", "c", ":::+", "d", "e"}) == 2U);
  CHECK(total({"--link", "echo", ":::", "a", "b", "c", ":::", "d", "e"}) == 3U);
  CHECK(total({"-n", "2", "echo", ":::", "a", "b", "c"}) == 2U);
  CHECK(total({"--header", ":", "echo", ":::", "a", "b", "c"}) == 2U);
  CHECK(total({"echo", ":::"}) == 0U);
  CHECK_FALSE(total({"-X", "echo", ":::", "a", "b"}));
  CHECK_FALSE(total({"echo"}, "a\nb\n"));
  Config counted = config_of({"echo"}, false);
  counted.halt.percent = 50;
  Pipe pipe;
  pipe.write("a\nb\nc");
  pipe.in.reset();
  auto source = open_jobs(counted, pipe.out.get());
  REQUIRE(source);
  CHECK((*source)->next()->has_value());
  CHECK((*source)->total() == 3U);
}

TEST_CASE("a job is there as soon as its value was written, and the descriptor to poll until then") {
  Pipe pipe;
  auto opened = open_jobs(config_of({"-n", "2", "echo"}, false), pipe.out.get());
  REQUIRE(opened);
  mtask::pool::JobSource& source = **opened;
  CHECK(source.input_fd() == pipe.out.get());
  pipe.write("a\nb");
  source.take_input();
  CHECK(source.input_fd() == pipe.out.get());
  pipe.write("\nc\n");
  source.take_input();
  REQUIRE(source.input_fd() == -1);
  CHECK((*source.next())->shown == "echo a b");
  CHECK(source.input_fd() == pipe.out.get());
  pipe.in.reset();
  source.take_input();
  REQUIRE(source.input_fd() == -1);
  CHECK((*source.next())->shown == "echo c");
  CHECK(source.input_fd() == -1);
  CHECK_FALSE(*source.next());
  CHECK_FALSE(*source.next());
}

TEST_CASE("an input error comes after the jobs before it, and again") {
  Pipe pipe;
  auto source = open_jobs(config_of({"echo"}, false), pipe.out.get());
  REQUIRE(source);
  pipe.write(std::string_view("a\nb\0c\nd\n", 8));
  pipe.in.reset();
  CHECK((*(*source)->next())->shown == "echo a");
  CHECK((*source)->input_fd() == -1);
  CHECK_FALSE((*source)->next());
  CHECK_FALSE((*source)->next());
}

TEST_CASE("blocks of a pipe are cut as it fills them") {
  Config config = config_of({"cat"}, false);
  config.pipe.emplace();
  config.pipe->block = 8;
  Pipe pipe;
  auto opened = open_jobs(config, pipe.out.get());
  REQUIRE(opened);
  mtask::pool::JobSource& source = **opened;
  CHECK(source.input_fd() == pipe.out.get());
  pipe.write("12\n34");
  source.take_input();
  CHECK(source.input_fd() == pipe.out.get());
  pipe.write("\n56\n");
  source.take_input();
  REQUIRE(source.input_fd() == -1);
  const auto first = source.next();
  CHECK(*(*first)->block == "12\n34\n");
  CHECK((*first)->shown == "cat");
  CHECK(source.input_fd() == pipe.out.get());
  pipe.in.reset();
  const auto last = source.next();
  CHECK(*(*last)->block == "56\n");
  CHECK((*last)->seq == 2);
  CHECK_FALSE(*source.next());
  CHECK(source.total() == 2U);
}

TEST_CASE("what cannot be run is refused before anything is read") {
  const auto why = [](const Words& arguments) { return refusal_of(config_of(arguments, false)); };
  CHECK(why({"echo", "{= s/a/b/ =}", ":::", "a"}).find("Perl code") == 0);
  CHECK(why({"--colsep", "(", "echo"}).find("wrong regular expression '('") == 0);
  CHECK(why({"--plus", "echo", "{%(}", ":::", "a"}).find("wrong regular expression '('") == 0);
  CHECK(why({"--plus", "echo", "{host}", ":::", "a"}) == "the placeholder '{host}' is not supported");
  CHECK(why({"echo", "::::", "-", "-"}) == "standard input can be only one of the sources");
  CHECK(why({"echo", "::::", "/no/such"}) == "cannot open '/no/such': No such file or directory");
  CHECK(why({"-I", "", "echo", ":::", "a"}) == "the replacement string must not be empty");
  Config config;
  config.pipe.emplace();
  CHECK(refusal_of(config).find("--pipe needs a command") == 0);
  config.command.words = {"cat"};
  config.pipe->block = 0;
  CHECK(refusal_of(config).find("a block of --pipe") == 0);
  config.pipe->block = 1;
  config.inputs.sources.emplace_back();
  CHECK(refusal_of(config).find("--pipe gives standard input") == 0);
}
