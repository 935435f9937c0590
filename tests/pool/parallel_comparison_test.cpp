// What commands and blocks become is what GNU parallel makes of them, as it was recorded.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "job_support.hpp"
#include "pool/job.hpp"
#include "support/command.hpp"
#include "support/parallel_answers.hpp"

using mtask::test::config_of;
using mtask::test::jobs_of;
using mtask::test::run;

namespace {

using Words = std::vector<std::string>;

struct Case {
  Words arguments;
  std::string input;
};

std::string lines_of(const std::vector<mtask::pool::JobSpec>& jobs) {
  std::string lines;
  for (const auto& job : jobs) lines += job.shown + "\n";
  std::replace(lines.begin(), lines.end(), mtask::pool::kSlotMark, '1');  // of -j 1
  return lines;
}

enum class How { kShellOnly, kBoth };

std::string parallels_output(const std::string& section, Words options, const Words& arguments,
                             const std::string& input) {
  options.insert(options.begin(), "-k");
  options.insert(options.end(), arguments.begin(), arguments.end());
  return mtask::test::recorded("pool", section, {"@ " + mtask::test::words_quoted(options), input}).out;
}

void compare(const std::string& section, const std::vector<Case>& cases, How how) {
  for (const Case& each : cases) {
    INFO(Catch::Detail::stringify(each.arguments));
    const std::string theirs = parallels_output(section, {"--dry-run", "-j", "1"}, each.arguments, each.input);
    Words ours = {"-j", "1"};
    ours.insert(ours.end(), each.arguments.begin(), each.arguments.end());
    std::string mine;
    CHECK_NOTHROW(mine = lines_of(jobs_of(config_of(ours, true), each.input)));
    CHECK(mine == theirs);
    if (how == How::kShellOnly) continue;
    CHECK_NOTHROW(mine = lines_of(jobs_of(config_of(ours, false), each.input)));
    CHECK(mine == theirs);
  }
}

const std::vector<Case> kTemplates = {
    {{"echo", "{}", ":::", "a", "b c", "it's", "", "\xc3\xa9", "'", "''", "a'", "'a", "$x", "\\", "-n", "a=b", "~"},
     ""},
    {{"echo", ":::", "a", "b"}, ""},
    {{"echo", "x{}y", "{.}", "{/}", "{//}", "{/.}", ":::", "a/b.c", "a.b/c", "/", "a/", "a//b", ".x", "a.", "", "/a"},
     ""},
    {{"echo", "{#}", "{%}", "{1}", "{-1}", "{2}.", "{1/.}", "{-1//}", "{1 /}", ":::", "p/q.r", "s"}, ""},
    {{"echo", "{#}", ":::", "a", "b"}, ""},
    {{"echo", "{}", "{1}-{2}-{3}-{-1}-{0}", ":::", "a", "b", ":::", "c d", "e"}, ""},
    {{"-I", "%", "echo", "%", "{1}", "{.}", "{}", ":::", "a.b"}, ""},
    {{"-I", "{x}", "echo", "{x}", "{1x}", "{}", ":::", "a.b"}, ""},
    {{"--plus", "echo", "{..}", "{...}", "{/..}", "{/...}", "{+/}", "{+.}", "{+..}", "{+...}", ":::", "a/b.c.d.e",
      ".x.y", "a.b/c", "/a", "a", ""},
     ""},
    {{"--plus", "echo", "{%.c}", "{%%.*}", "{#a}", "{##a*}", "{%b.*}", "{#.*a}", ":::", "ab.c", "aab.c", "b", "xbab.b"},
     ""},
    {{"--plus", "echo", "{/b/X}", "{//b/X}", "{/#a/X}", "{/%c/X}", "{^a}", "{^^a}", "{,A}", "{,,A}", "{^^.*}",
      ":::", "ab.cb", "AbA.c"},
     ""},
    {{"--plus", "echo", "{:-none}", "{:1}", "{:1:2}", "{2:-x}", "{1%.c}", ":::", "ab.c", "0", "x", ":::", "v", ""}, ""},
    {{"--plus", "echo", "{##}", "{#}", "{0#}", ":::", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}, ""},
};

const std::vector<Case> kCombinations = {
    {{"echo", ":::", "a", "b", ":::", "c", "d", ":::", "e", "f"}, ""},
    {{"echo", ":::", "a", "b", ":::+", "c", "d", "e"}, ""},
    {{"echo", ":::", "a", "b", "c", ":::+", "d", "e", ":::", "x", "y"}, ""},
    {{"echo", ":::", "x", "y", ":::", "a", "b", "c", ":::+", "d", "e"}, ""},
    {{"echo", ":::", "a", ":::+", "b", ":::+", "c"}, ""},
    {{"--link", "echo", ":::", "a", "b", ":::", "c", "d", "e"}, ""},
    {{"--link", "echo", ":::", "a", "b", ":::", "c", ":::", "1", "2", "3", "4", "5"}, ""},
    {{"echo", ":::", "a", "b", ":::"}, ""},
    {{"echo", "{1}{2}", ":::", ":::", "a", "b"}, ""},
    {{"echo", ":::", ":::", ":::", ""}, ""},
    {{"echo", "::::", "-"}, "a\nb\n"},
    {{"echo", ":::", "x", "y", "::::", "-"}, "a\n\nb"},
    {{"echo", "::::", "-", ":::", "x", "y"}, "a\nb"},
    {{"echo"}, "a\n\nb c\n\n"},
    {{"-0", "echo"}, std::string("a\nb\0c\0\0d", 8)},
    {{"-E", "x", "echo", ":::", "a", "x", "b", ":::", "c", "x", "d"}, ""},
    {{"-r", "echo"}, "a\n\n \t\n b\n"},
    {{"--trim", "lr", "echo", "{}x"}, "  a  \nb\n"},
    {{"--trim", "l", "echo", "{}x"}, "  a  \nb\n"},
    {{"--colsep", "\\t", "echo", "{2}", "{1}", "{3}", "{-1}.", "{}"}, "a\tb \nc\td \t e\n\nf\t\n"},
    {{"--colsep", ",", "echo", "{1}+{2}"}, "a,b\n,c\nd,\n,\n"},
    {{"--colsep", " +", "echo", "{1}+{2}"}, "a  b\n c\nd   \n"},
    {{"--colsep", "[,;]", "--trim", "n", "echo", "{1}+{2}+{3}"}, "a,b; c\n"},
    {{"--colsep", "", "echo", "{1}+{2}+{3}"}, "abc\n"},
    {{"--colsep", ",", "-n", "2", "echo", "{1}-{2}-{3}-{4}", "{}"}, "a,b\nc,d\ne,f\n"},
    {{"--colsep", ",", "echo", ":::", "a,b", ":::", "c,d", "e"}, ""},
    {{"--header", ":", "echo", "{x}", "{y}", "{x/.}", "{1}", "{z}", ":::", "x", "p/q.r", "2", ":::", "y", "a b"}, ""},
    {{"--header", ":", "--colsep", ",", "echo", "{b}", "{a}"}, "a,b\n1,2\n3,4\n"},
    {{"--header", ":", "echo", "{b}", "{a}"}, "a\tb\n1\t2\n"},
};

const std::vector<Case> kPackings = {
    {{"-n", "2", "echo", "{}", "x{}y", "{1}-{2}-{3}", ":::", "a", "b", "c d"}, ""},
    {{"-N", "2", "echo", "{}", "x{}y", "{1}-{2}-{3}", ":::", "a", "b", "c d"}, ""},
    {{"-n", "2", "echo", ":::", "a", "b", ":::", "c", "d", "e"}, ""},
    {{"-N", "0", "echo", ":::", "a", "b"}, ""},
    {{"-N", "0", "echo", "x{}y", "{}", "{1}", "z", ":::", "a", "b"}, ""},
    {{"-L", "2", "echo", "x{}"}, "a\n\nb \nc\nd\ne"},
    {{"-L", "1", "echo"}, "a \nb\nc \n"},
    {{"-X", "echo", "p{}s", "{}", "q", ":::", "a", "b", "c"}, ""},
    {{"-m", "echo", "p{}s", "{}", "q", ":::", "a", "b", "c"}, ""},
    {{"-m", "-n", "2", "echo", "x{}", ":::", "a", "b", "c"}, ""},
    {{"-X", "-j", "2", "echo", "{}", ":::", "1", "2", "3", "4", "5", "6"}, ""},
    {{"-X", "-j", "4", "echo", "{}", ":::", "1", "2", "3", "4", "5", "6"}, ""},
    {{"-X", "-j", "10", "echo", "{}", ":::", "1", "2", "3", "4", "5", "6"}, ""},
    {{"-m", "-j", "2", "-n", "4", "echo", "{}", ":::", "1", "2", "3", "4", "5", "6"}, ""},
    {{"-X", "-j", "2", "-n", "4", "echo", "{}", ":::", "1", "2", "3", "4"}, ""},
    {{"-X", "-s", "20", "echo", ":::", "1", "2", "3", "4", "55", "666", "7777", "88888", "999999"}, ""},
    {{"-X", "-s", "20", "echo", "x{}", ":::", "1", "2", "3", "4", "55", "666", "7777", "88888", "999999"}, ""},
    {{"-m", "-j", "2", "-s", "20", "echo", "x{}", ":::", "1", "2", "3", "4", "55", "666", "7777", "88888"}, ""},
    {{"-X", "-s", "25", "echo", "a{}b", "c{}d", ":::", "1", "2", "3", "4", "5", "6", "7 7"}, ""},
    {{"-n", "3", "-s", "12", "echo", ":::", "1", "22", "333", "4444"}, ""},
    {{"-m", "echo", ":::", "a", "b", ":::", "c", "d"}, ""},
    {{"-X", "-j", "2", "echo", "{1}-{2}-{}", ":::", "a", "b", ":::", "c", "d"}, ""},
};

const std::vector<Case> kShellOnly = {
    {{"echo {} > {1}-{2}; x  y", ":::", "a", "b c"}, ""},
    {{"echo", "x  y", "", "{}", "$HOME", "a  ", ":::", "a b"}, ""},
    {{"{}", ":::", "echo a", "b c"}, ""},
    {{":::", "echo a; b", "c 'd'"}, ""},
    {{}, "echo a\necho b | c\n"},
    {{"X={} job {}", ":::", "a b"}, ""},
    {{"{1} {2}", ":::", "wc -l", ":::", "a b"}, ""},
    {{"-q", "echo", "$x", "a  b", "", "{}", "x{}y", ":::", "a b", "c"}, ""},
    {{"-q", "-n", "2", "echo", "x{}y", ":::", "a b", "c"}, ""},
    {{"-X", "echo p{}s {} q{1}{#}-{}.{.}", ":::", "a", "b", "c"}, ""},
    {{"-X", "a\tx{}\ty", ":::", "a b", "2"}, ""},
};

}  // namespace

TEST_CASE("templates become the commands that parallel makes of them", "[parallel]") {
  compare("templates", kTemplates, How::kBoth);
}

TEST_CASE("sources combine as parallel's do", "[parallel]") { compare("combinations", kCombinations, How::kBoth); }

TEST_CASE("values are packed into jobs as parallel packs them", "[parallel]") {
  compare("packing", kPackings, How::kBoth);
}

TEST_CASE("command lines for the shell are those of parallel", "[parallel]") {
  compare("shell", kShellOnly, How::kShellOnly);
}

TEST_CASE("tags are parallel's", "[parallel]") {
  const std::vector<Words> cases = {
      {"--tag", "echo", ":::", "a", "b c", ":::", "d"},
      {"--tag", "-n", "3", "echo", ":::", "a", "b", "x y", "z"},
      {"--tagstring", "x{}y\\t{1}-{#}", "-N", "2", "echo", ":::", "a", "b"},
      {"--tagstring", "{/.}", "echo", ":::", "a/b.c"},
  };
  for (const Words& arguments : cases) {
    INFO(Catch::Detail::stringify(arguments));
    std::string mine;
    for (const auto& job : jobs_of(config_of(arguments, true)))
      mine += job.tag + "\t" + run({.argv = job.argv, .env = {}, .cwd = {}, .input = {}}).out;
    CHECK(mine == parallels_output("tags", {"-j", "1"}, arguments, ""));
  }
}

namespace {

struct Cut {
  Words options;
  std::string input;
};

const std::string kNumbers = [] {
  std::string lines;
  for (int i = 1; i <= 20; ++i) lines += std::to_string(i) + "\n";
  return lines;
}();

const std::vector<Cut> kCuts = {
    {{"--block", "10"}, kNumbers},
    {{"--block", "10"}, "a\nb"},
    {{"--block", "3"}, "aaa\nbbbbbbbbbbbbbbbbbbbb\nc\n"},
    {{"--block", "1"}, "aaa\nbbbbbbbbbbbbbbbbbbbb\nc\n\n\nd"},
    {{}, ""},
    {{"-N", "3"}, kNumbers},
    {{"-N", "1"}, "a\nb"},
    {{"-N", "3", "--block", "4"}, kNumbers},
    {{"-L", "3", "--block", "10"}, kNumbers},
    {{"-L", "3"}, kNumbers},
    {{"-L", "3", "-N", "2"}, kNumbers},
    {{"--recend", "", "--block", "7"}, kNumbers},
    {{"--recstart", "1", "--block", "7"}, kNumbers},
    {{"--recstart", "1", "-N", "1"}, kNumbers},
    {{"--recstart", "1", "-N", "2"}, kNumbers},
    {{"--recstart", "1", "--recend", "\\n", "-N", "1"}, kNumbers},
    {{"--recstart", "1", "--recend", "\\n", "--block", "9"}, kNumbers},
    {{"--recend", "5\\n", "--block", "9"}, kNumbers},
    {{"--recend", "0", "-N", "1"}, kNumbers},
    {{"--regexp", "--recstart", "[15]", "--block", "9"}, kNumbers},
    {{"--regexp", "--recstart", "[15]", "-N", "2"}, kNumbers},
    {{"--regexp", "--recstart", "[15]", "-N", "1"}, kNumbers},
    {{"--regexp", "--recend", "[15]\\n", "-N", "2"}, kNumbers},
    {{"--regexp", "--recend", "[15]\\n", "--block", "9"}, kNumbers},
    {{"--regexp", "--recend", "5|0", "--recstart", "\\n", "--block", "9"}, kNumbers},
    {{"--regexp", "--recend", "\\n", "--recstart", "^1", "-N", "1"}, kNumbers},
    {{"--regexp", "--recend", "", "--block", "9"}, kNumbers},
    {{"--rrs", "--block", "9"}, kNumbers},
    {{"--rrs", "-N", "2"}, kNumbers},
    {{"--rrs", "--recend", "5", "--block", "9"}, kNumbers},
    {{"--rrs", "--recstart", "1", "-N", "2"}, kNumbers},
    {{"--rrs", "--regexp", "--recend", "[05]\\n", "--block", "9"}, kNumbers},
    {{"--rrs", "--regexp", "--recend", "[05]\\n", "-N", "1"}, kNumbers},
    {{"--rrs", "--regexp", "--recend", "[05]\\n", "--recstart", "[16]", "-N", "1"}, kNumbers},
    {{"--header", ":", "--block", "9"}, kNumbers},
    {{"--header", "2", "-N", "6"}, kNumbers},
    {{"--header", ":"}, "a\n"},
    {{"--header", "3"}, "a\nb\n"},
    {{"-r", "--block", "8"}, "a\n\n \nb\n\n\nc"},
    {{"-r", "-N", "2"}, "\n\na\n\n \nb\n\n\nc\n"},
};

}  // namespace

TEST_CASE("standard input is cut into the blocks that parallel gives", "[parallel]") {
  for (const Cut& each : kCuts) {
    INFO(Catch::Detail::stringify(each.options) << " on " << Catch::Detail::stringify(each.input));
    Words ours = each.options;
    ours.insert(ours.begin(), "--pipe");
    ours.emplace_back("cat");
    std::string mine;
    CHECK_NOTHROW([&] {
      for (const auto& job : jobs_of(config_of(ours, false), each.input)) mine += *job.block + "<end>";
    }());
    Words theirs = each.options;
    theirs.emplace_back("cat; printf '<end>'");
    CHECK(mine == parallels_output("blocks", {"--pipe", "-j", "2"}, theirs, each.input));
  }
}
