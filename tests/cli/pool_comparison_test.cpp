// The same line run by GNU parallel and by mtask pool prints the same and ends with the same status. `@` in a line
// stands for the program. Where no order is promised, lines are sorted.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "support/command.hpp"
#include "support/files.hpp"
#include "support/places.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace mtask::test;

struct Case {
  std::string line;
  std::string input;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      // Inputs
      {"@ -k echo", "a\nb\nc\n"},
      {"@ -k echo {} ::: a b c", ""},
      {"@ -k echo", "no final newline"},
      {"@ -k echo 'x{}x'", "\n\na\n"},
      {"@ -k echo ::: a b ::: 1 2", ""},
      {"@ -k echo {1}-{2} ::: a b ::: 1 2 3", ""},
      {"@ -k echo {2}{1} ::: a b :::+ 1 2", ""},
      {"@ -k --link echo {1} {2} ::: a b c ::: 1 2", ""},
      {"@ -k --xapply echo {1} {2} ::: a b ::: 1 2", ""},
      {"@ -k echo ::: a b :::+ 1 2 ::: x y", ""},
      {"@ -k echo :::: list1", ""},
      {"@ -k echo {1} {2} :::: list1 list2", ""},
      {"@ -k echo {1} {2} :::: list1 ::::+ list2", ""},
      {"@ -k echo {1} {2} :::: list1 ::: 1 2", ""},
      {"@ -k -a list1 echo", ""},
      {"@ -k -a list1 -a list2 echo {1} {2}", ""},
      {"@ -k echo {1} {2} :::: - ::: 1 2", "p\nq\n"},
      {"printf 'a\\0b c\\0' | @ -k -0 echo", ""},
      {"@ -k -d , echo", "a,b,c"},
      {"@ -k -d '\\t' echo", "a\tb\tc"},
      {"@ -k --colsep , echo {2} {1}", "a,b\nc,d\n"},
      {"@ -k -C '\\t' echo {2}:{1}", "a\tb\nc\td\n"},
      {"@ -k --colsep ', *' echo {3}", "a, b,   c\n"},
      {"@ -k --header : echo {n}", "n\n1\n2\n"},
      {"@ -k --header : --colsep , echo {two} {one}", "one,two\na,b\nc,d\n"},
      {"@ -k --header : echo {x}{y} ::: x 1 2 ::: y 3 4", ""},
      {"@ -k -E c echo", "a\nb\nc\nd\n"},
      {"@ -k --trim lr echo '[{}]'", "  a  \nb \n"},
      {"@ -k -r echo", "a\n\nb\n"},
      {"@ -k -r echo", ""},
      {"@ --shuf echo ::: 1 2 3 4 5 | sort", ""},
      // Placeholders
      {"@ -k echo {.} {/} {//} {/.} ::: /a/b/c.tar.gz x.y d/e .hidden a.b/c", ""},
      {"@ -k echo {#} {} ::: a b c", ""},
      {"@ -j1 echo {%} ::: a b c", ""},
      {"@ -k echo {1.} {2/} ::: a/b.c ::: d/e.f", ""},
      {"@ -k echo {1//} {2/.} ::: a/b.c ::: d/e.f", ""},
      {"@ -k echo {-1} {-2} ::: a b ::: 1 2", ""},
      {"@ -k -I , echo x,x ::: a b", ""},
      {"@ -k --plus echo {..} {+/} {+.} ::: a/b.c.d", ""},
      {"@ -k echo {}{} ::: a", ""},
      {"@ -k 'echo {}; echo {}' ::: a b", ""},
      {"@ -k 'echo {} | tr a-z A-Z' ::: abc def", ""},
      {"@ -k 'echo \"<{}>\"' ::: 'a b' c", ""},
      {"@ -k printf %s: ::: 'a  b' '$HOME' '`id`' '*' \"it's\" 'a;b' 'a\\b'", ""},
      {"@ -k 'echo {} > out.{}; cat out.{}' ::: a b", ""},
      {"@ -k", "echo a; echo b\nexpr 1 + 2\n"},
      {"@ -k -j2 < commands", ""},
      {"@ -k ::: 'echo a' 'echo b; exit 0'", ""},
      // Packing
      {"@ -k -n2 echo", "1\n2\n3\n4\n5\n"},
      {"@ -k -N2 echo {2} {1}", "1\n2\n3\n4\n"},
      {"@ -k -N3 echo", "1\n2\n3\n4\n5\n"},
      {"@ -k -n2 echo x{}y", "1\n2\n3\n"},
      {"@ -k -L2 echo", "a b\nc\nd e\n"},
      {"@ -j1 -m echo x{}y ::: a b c", ""},
      {"@ -j1 -X echo x{}y ::: a b c", ""},
      {"@ -j1 -X -n2 echo x{}y ::: a b c", ""},
      {"seq 10 | @ -k -n 4 echo {#}: {}", ""},
      {"@ -j1 -X -s 40 echo ::: aaaaaaaa bbbbbbbb cccccccc dddddddd", ""},
      // Output
      {"@ -k --tag echo x{} ::: a b", ""},
      {"@ -k --tag echo ::: a b ::: 1 2", ""},
      {"@ -k --tagstring 't-{#}-{}' 'echo 1; echo 2' ::: a b", ""},
      {"@ -k 'echo {}; echo err{} >&2' ::: a b", ""},
      {"@ -j1 -u echo ::: a b c", ""},
      {"@ -k --line-buffer 'echo {}; echo {}' ::: a b", ""},
      {"@ -k 'sleep 0.{}; echo {}' ::: 3 1 2", ""},
      {"@ -j3 'sleep {}; echo {}' ::: 0.9 0.1 0.5", ""},
      {"@ -k printf %s ::: a b c", ""},
      {"@ -k 'printf {}' ::: 'a\\n' b", ""},
      {"@ --results out echo ::: a b >/dev/null; find out -type f | sort | xargs tail -n +1", ""},
      {"@ --results out echo ::: a b ::: 1 2 >/dev/null; find out | sort", ""},
      {"@ --results out --header : echo ::: x a/b ::: y c >/dev/null; find out | sort", ""},
      {"@ -k --files echo ::: a b | xargs cat", ""},
      {"@ --dry-run -k echo {} {#} ::: 'a b' c", ""},
      {"@ --dry-run -k 'wc {} > {/.}.n' ::: 'a b.txt'", ""},
      // Exit codes, records, control
      {"@ false ::: 1 2 3", ""},
      {"@ 'exit {}' ::: 0 3 0 5", ""},
      {"@ no-such-program-at-all ::: 1 2 2>/dev/null", ""},
      {"@ -j1 --halt now,fail=1 'echo {}; exit {}' ::: 0 3 0", ""},
      {"@ -j1 --halt soon,fail=2 'echo {}; exit {}' ::: 1 2 0 0", ""},
      {"@ -j1 --halt now,success=1 'echo {}; exit {}' ::: 4 0 0", ""},
      {"@ -j1 --halt now,done=2 'echo {}; exit {}' ::: 4 0 0", ""},
      {"@ -j1 --halt 2 'echo {}; exit {}' ::: 0 7 0", ""},
      {"@ -j1 --retries 3 'echo x >> count; test $(wc -l < count) -ge 3' ::: a; wc -l < count", ""},
      {"@ -k --timeout 1 'sleep {}; echo {}' ::: 0 30", ""},
      {"@ -j1 --joblog log 'exit {}' ::: 0 3; cut -f1,2,5- log", ""},
      {"@ -j1 --joblog log echo ::: 'a b' c; cut -f1,2,5- log", ""},
      {"@ -j1 --joblog log 'exit {}' ::: 0 3; @ -j1 --joblog log --resume-failed 'exit {}' ::: 0 3; cut -f1,2,5- log",
       ""},
      {"@ -k echo '$PARALLEL_SEQ' '$PARALLEL_JOBSLOT' ::: a > /dev/null; @ -j1 'echo $PARALLEL_SEQ $PARALLEL_JOBSLOT' "
       "::: a b",
       ""},
      {"@ -k --workdir / pwd ::: 1", ""},
      {"cat list1 | @ -j1 cat ::: only", ""},
      // Blocks
      {"seq 20 | @ -k --pipe --block 10 'cat; echo --'", ""},
      {"seq 20 | @ -k --pipe -N3 'cat; echo --'", ""},
      {"seq 10 | @ -k --pipe -L2 -N2 'cat; echo --'", ""},
      {"@ -k --pipe --recstart '>' --block 6 'cat; echo --'", ">a\nx\n>b\n>c\ny\n"},
      {"@ -k --pipe --recend ';' --block 4 'cat; echo --'", "a;b;c;d;"},
      {"@ -k --pipe --regexp --recend '[;,]' --block 4 'cat; echo --'", "a;b,c;d,"},
      {"@ -k --pipe --rrs --recend ';' --block 4 'cat; echo --'", "a;b;c;d;"},
      {"@ -k --pipe --header : --block 4 'cat; echo --'", "head\n1\n2\n3\n4\n5\n"},
      {"seq 100000 | @ -k --pipe --block 50K cat | md5sum", ""},
      {"@ -k --pipe cat", ""},
  };
  return all;
}

std::string replaced(std::string line, const std::string& program) {
  for (std::size_t at = line.find('@'); at != std::string::npos; at = line.find('@', at + program.size())) {
    line.replace(at, 1, program);
  }
  return line;
}

Command command(const Case& one, const std::string& program, const TempDir& scratch) {
  write_file(scratch / "list1", "one\ntwo\n");
  write_file(scratch / "list2", "1\n2\n3\n");
  write_file(scratch / "commands", "echo first\necho second | tr a-z A-Z\n");
  return {.argv = {"sh", "-c", replaced(one.line, program)},
          .env = {{"HOME", scratch.path().string()}, {"SHELL", "/bin/sh"}, {"LC_ALL", "C"}, {"TMPDIR", "/tmp"}},
          .cwd = scratch.path().string(),
          .input = one.input};
}

// Parallel takes most of the time, and is the same in every build: a sanitizer's build looks at our half alone.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCompares = false;
#else
constexpr bool kCompares = true;
#endif

bool installed() {
  return run({.argv = {"sh", "-c", "parallel --version"}, .env = {}, .cwd = "", .input = ""}).code() == 0;
}

TEST_CASE("pool prints what GNU parallel prints") {
  if (!installed()) {
    WARN("skipped: GNU parallel is not installed");
    return;
  }
  for (const Case& one : cases()) {
    const TempDir theirs_dir(fast_temp_root());
    const TempDir ours_dir(fast_temp_root());
    if (!kCompares) {
      const Outcome ours = run(command(one, mtask::test::mtask_binary() + " pool", ours_dir));
      INFO(one.line << "\nmtask: " << ours.text());
      CHECK((ours.code() >= 0 && ours.code() <= 101));
      continue;
    }
    Background theirs(command(one, "parallel --will-cite", theirs_dir));
    const Outcome ours = run(command(one, mtask::test::mtask_binary() + " pool", ours_dir));
    const Outcome expected = theirs.wait();
    INFO(one.line << "\nparallel: " << expected.text() << "\nmtask: " << ours.text());
    CHECK(ours.out == expected.out);
    CHECK(ours.code() == expected.code());
  }
}

}  // namespace
