#include "pool/results_layout.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "pool/results_name.hpp"
#include "support/files.hpp"
#include "support/parallel_answers.hpp"
#include "support/temp_dir.hpp"

using namespace mtask;
using pool::JobSpec;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

JobSpec job(const Values& values, std::uint64_t seq = 1) {
  JobSpec spec;
  spec.seq = seq;
  spec.values = values;
  return spec;
}

std::string out_of(const std::string& results, const Values& values) {
  const auto layout = pool::parse_results(results);
  REQUIRE(layout);
  const auto files = layout->files(job(values, 42));
  INFO((files ? "" : files.error().message()));
  REQUIRE(files);
  return files->out;
}

// Of parallel with these arguments and --results r: the files named stdout.
std::set<std::string> parallels_files(const std::vector<std::string>& arguments) {
  const std::string line =
      "@ -k -j1 --results r " + test::words_quoted(arguments) + " > out; find r -name stdout | sort";
  std::istringstream lines(test::recorded("pool", "results", {line, ""}).out);
  std::set<std::string> found;
  for (std::string name; std::getline(lines, name);) found.insert(name);
  return found;
}

}  // namespace

TEST_CASE("a folder of results has one folder for each name and value") {
  const auto files = pool::parse_results("some/dir")->files(job({{"1", "I"}, {"2", "III"}}));
  REQUIRE(files);
  CHECK(files->out == "some/dir/1/I/2/III/stdout");
  CHECK(files->err == "some/dir/1/I/2/III/stderr");
  CHECK(files->seq == "some/dir/1/I/2/III/seq");
}

TEST_CASE("folders of results are those of parallel", "[parallel]") {
  const std::vector<std::string> values = {"a",      "a/b",  "/",  "back\\slash", "tab\tx",
                                           "sp ace", "\xe9", "-x", "...",         "{}"};
  std::vector<std::string> arguments = {"echo", ":::"};
  arguments.insert(arguments.end(), values.begin(), values.end());
  std::set<std::string> ours;
  for (const std::string& value : values) ours.insert(out_of("r", {{"1", value}}));
  CHECK(ours == parallels_files(arguments));
}

TEST_CASE("an empty value's folder of results is that of parallel", "[parallel]") {
  CHECK(parallels_files({"echo", ":::", ""}) == std::set<std::string>{"r/1/stdout"});
  CHECK(std::filesystem::path(out_of("r", {{"1", ""}})).lexically_normal() == "r/1/stdout");
}

TEST_CASE("names of a header are sorted as parallel sorts them", "[parallel]") {
  const std::vector<std::string> names = {"10b", "9a", "zz", "A", " 8", "+7", "1e1x", "9", "-1", "0.5", "0x20", ".25"};
  std::vector<std::string> arguments = {"--header", ":", "echo"};
  Values values;
  for (const std::string& name : names) {
    arguments.insert(arguments.end(), {":::", name, "v" + name});
    values.emplace_back(name, "v" + name);
  }
  CHECK(parallels_files(arguments) == std::set<std::string>{out_of("r", values)});
}

TEST_CASE("several values of one source in a job are grouped as parallel groups them", "[parallel]") {
  CHECK(parallels_files({"-N2", "echo", ":::", "a", "b", ":::+", "c", "d"}) ==
        std::set<std::string>{out_of("r", {{"1", "a"}, {"2", "c"}, {"1", "b"}, {"2", "d"}})});
}

TEST_CASE("no value leads out of its folder of results") {
  CHECK(out_of("r", {{"1", ".."}}) == "r/1/\\../stdout");
  CHECK(out_of("r", {{"1", "."}}) == "r/1/\\./stdout");
  CHECK(out_of("r", {{"..", "../.."}}) == "r/\\../..\\_../stdout");
  CHECK(out_of("r", {{"../x", "/etc"}}) == "r/..\\_x/\\_etc/stdout");
}

TEST_CASE("values that differ have different folders of results") {
  const std::string longest(255, 'x');
  const std::vector<std::string> values = {".",
                                           "..",
                                           "\\.",
                                           "\\..",
                                           "/",
                                           "_",
                                           "\\_",
                                           "\\\\_",
                                           "\t",
                                           "\\t",
                                           "t",
                                           longest,
                                           longest + 'x',
                                           longest + 'y',
                                           longest + longest,
                                           std::string(200, '/'),
                                           std::string(201, '/')};
  std::set<std::string> names;
  for (const std::string& value : values) {
    names.insert(pool::results_name(value));
    CHECK(pool::results_name(value).size() <= 255);
  }
  CHECK(names.size() == values.size());
  CHECK(pool::results_name(longest) == longest);
  CHECK(pool::results_name(longest + 'x').substr(0, 239) == std::string(238, 'x') + '~');
}

TEST_CASE("jobs without values have results by their number") { CHECK(out_of("r", {}) == "r/42/stdout"); }

TEST_CASE("a template of results names files, or folders where it ends in a slash") {
  const Values values = {{"a", "x/y"}, {"b", "z"}};
  const auto files = pool::parse_results("d/{2}.out")->files(job(values));
  REQUIRE(files);
  CHECK(files->out == "d/z.out");
  CHECK(files->err == "d/z.out.err");
  CHECK(files->seq == "d/z.out.seq");
  CHECK(out_of("d/{2}/", values) == "d/z/stdout");
  CHECK(out_of("d/{#}/", values) == "d/42/stdout");
  CHECK(out_of("d/{b}-{a}", values) == "d/z-x/y");
  CHECK(out_of("{}", values) == "x/y z");
  CHECK(out_of("../{#}-{3}", values) == "../42-");
  CHECK(out_of("plain}", values) == "plain}/a/x\\_y/b/z/stdout");
}

TEST_CASE("a template's results stay in its folder whatever the values are") {
  for (const auto& [results, value] : Values{{"d/{}", ".."},
                                             {"d/{}/", "a/../../x"},
                                             {"d/.{}", "./x"},
                                             {"{}", "/etc/x"},
                                             {"d/{}{}", "."},
                                             {"{}/x", ".."}}) {
    INFO(results << " " << value);
    const JobSpec spec = job({{"1", value}});
    const auto layout = pool::parse_results(results);
    REQUIRE(layout);
    const auto files = layout->files(spec);
    REQUIRE_FALSE(files);
    CHECK(files.error().kind == ErrorKind::kItem);
    CHECK(files.error().message().find("outside") != std::string::npos);
  }
}

TEST_CASE("what results can't be is refused, saying what they can be") {
  for (const char* text : {"", "x.csv", "X.TSV", "-.json", "d/{}.csv"}) {
    INFO("text: " << text);
    REQUIRE_FALSE(pool::parse_results(text));
    CHECK(pool::parse_results(text).error().kind == ErrorKind::kUsage);
    CHECK(pool::parse_results(text).error().message().find("folder") != std::string::npos);
  }
  for (const char* text : {"d/{.}", "{/}", "{//}", "{/.}", "{%}", "{= x =}", "{+/}", "{1.}", "{0}", "{-1}", "{a", "{",
                           "{{}}", "{##}", "{:-x}"}) {
    INFO("text: " << text);
    REQUIRE_FALSE(pool::parse_results(text));
    CHECK(pool::parse_results(text).error().kind == ErrorKind::kUsage);
    CHECK(pool::parse_results(text).error().message().find("{name}") != std::string::npos);
  }
  const auto files = pool::parse_results("d/{nobody}/")->files(job({{"1", "a"}}));
  REQUIRE_FALSE(files);
  CHECK(files.error().kind == ErrorKind::kUsage);
  CHECK(files.error().message().find("'{nobody}'") != std::string::npos);
}

TEST_CASE("the folder of a file is made with all above it") {
  const test::TempDir dir;
  const std::string path = dir / "a//b/c/stdout";
  REQUIRE(pool::make_folder_of(path));
  CHECK(std::filesystem::is_directory(dir / "a/b/c"));
  REQUIRE(pool::make_folder_of(path));
  REQUIRE(pool::make_folder_of("stdout"));
  REQUIRE(pool::make_folder_of("/stdout"));
  test::write_file(dir / "file", "");
  const auto failed = pool::make_folder_of((dir / "file/x/stdout").string());
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message().find("cannot make the folder '" + (dir / "file/x").string() + "': ") == 0);
}
