// What templates, combinations and packings give, without another program to compare with.

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "job_support.hpp"

using mtask::test::config_of;
using mtask::test::jobs_of;

namespace {

using Words = std::vector<std::string>;

// The command lines as they are shown, joined by "; ".
std::string lines(const Words& arguments, std::string_view input = {}) {
  std::string out;
  for (const std::string& line : mtask::test::shown(jobs_of(config_of(arguments, false), input)))
    out += (out.empty() ? "" : "; ") + line;
  return out;
}

}  // namespace

TEST_CASE("placeholders take paths apart") {
  CHECK(lines({"c", "{}", "{.}", "{/}", "{//}", "{/.}", ":::", "a/b.c/d.e.f"}) ==
        "c a/b.c/d.e.f a/b.c/d.e d.e.f a/b.c d.e");
  CHECK(lines({"c", "{.}", "{/}", "{//}", "{/.}", ":::", "a.b/c"}) == "c a.b/c c a.b c");
  CHECK(lines({"c", "{//}", ":::", "/", "/a", "a//b", "a/", ""}) == "c /; c /; c a; c .; c .");
  CHECK(lines({"c", "{//}", "{/}", ":::", "a\nb/c\nd"}) == "c 'a\nb' 'c\nd'");
}

TEST_CASE("placeholders number values and jobs") {
  CHECK(lines({"c", "{#}", "{2}{1}", "{-1}", "{3}", "{2/.}", ":::", "a", "b", ":::", "x/y.z"}) ==
        "c 1 x/y.za x/y.z  y; c 2 x/y.zb x/y.z  y");
  CHECK(lines({"--plus", "c", "{0#}/{##}", ":::", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"})
            .find("c 01/10; c 02/10") == 0);
}

TEST_CASE("--plus cuts and replaces by regular expressions") {
  CHECK(lines({"--plus", "c", "{%.tar.gz}", "{%%.*}", "{#a}", "{/a/b}", "{//a/b}", "{:2}", "{:1:2}", "{^^a}",
               ":::", "aa.tar.gz"}) == "c aa '' a.tar.gz ba.tar.gz bb.tbr.gz .tar.gz a. AA.tAr.gz");
  CHECK(lines({"c", "{%x}", "{..}", ":::", "a"}) == "c {%x} '{..}' a");
}

TEST_CASE("text that is no placeholder stays, quoted where a shell would take it otherwise") {
  CHECK(lines({"c", "{", "}", "{x}", "{1", "a=b", "a b", "$x", "", "#x", "x#", "{a,b}", ":::", "v"}) ==
        "c '{' '}' {x} {1 a=b 'a b' '$x' '' '#x' x# '{a,b}' v");
  CHECK(lines({"X=1", "{}", ":::", "v"}) == "'X=1' v");
}

TEST_CASE("sources combine each with each, linked, or all in step") {
  CHECK(lines({"c", ":::", "a", "b", ":::", "1", "2"}) == "c a 1; c a 2; c b 1; c b 2");
  CHECK(lines({"c", ":::", "a", "b", ":::+", "1", "2", "3"}) == "c a 1; c b 2");
  CHECK(lines({"c", ":::", "x", "y", ":::", "a", "b", ":::+", "1", "2", "3"}) == "c x a 1; c x b 2; c y a 1; c y b 2");
  CHECK(lines({"--link", "c", ":::", "a", "b", ":::", "1", "2", "3"}) == "c a 1; c b 2; c a 3");
  CHECK(lines({"--link", "c", ":::", "a", "b", ":::"}) == "c a ''; c b ''");
  CHECK(lines({"c", ":::", "a", "b", ":::"}) == "c a ''; c b ''");
  CHECK(lines({"c", ":::", ":::"}) == "");
  CHECK(lines({"c", ":::", "a", "b", "::::", "-"}, "1\n2") == "c a 1; c a 2; c b 1; c b 2");
}

TEST_CASE("columns and the names of a header") {
  CHECK(lines({"--colsep", ",", "c", "{2}", "{1}", "{3}."}, "a, b \n,c\n") == "c b a .; c c '' .");
  CHECK(lines({"--colsep", "\\s+", "c", "{2}"}, "a  \t b\n") == "c b");
  CHECK(lines({"--header", ":", "--colsep", ",", "c", "{y}", "{x.}", "{z}"}, "x,y\na.b,2\n") == "c 2 a {z}");
  CHECK(lines({"--header", ":", "c", "{x}{y}", ":::", "x", "1", "2", ":::", "y", "3"}) == "c 13; c 23");
}

TEST_CASE("packing by number, by lines, and as many as fit") {
  CHECK(lines({"-n", "2", "c", "p{}s", ":::", "1", "2", "3"}) == "c p1 2s; c p3s");
  CHECK(lines({"-N", "2", "c", "p{}s", "{2}", ":::", "1", "2", "3"}) == "c p1s p2s 2; c p3s ");
  CHECK(lines({"-L", "2", "c"}, "a \nb\nc\nd\n") == "c 'a b' c; c d");
  CHECK(lines({"-X", "-j", "2", "c", "p{}s", ":::", "1", "2", "3"}) == "c p1s p2s; c p3s");
  CHECK(lines({"-m", "-j", "1", "-s", "10", "c", "p{}s", ":::", "1", "2", "3", "4", "5"}) == "c p1 2 3s; c p4 5s");
}
