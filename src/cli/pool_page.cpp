#include "cli/pool_command.hpp"
#include "cli/pool_manual.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kAbout = R"(Runs COMMAND once for each value, several at the same time. Values are the
lines of standard input, or follow ':::'; '::::' is followed by files of them.
{} in COMMAND stands for the value; without it the value comes last. A command
of several words is executed as it is, without a shell, whatever the values
hold. What a job prints stays together. GNU parallel's options work under
their names; options stand before COMMAND.)";

std::vector<Example> examples() {
  return {
      {"compress all logs, a job for each CPU", "mtask pool gzip -9 {} ::: *.log"},
      {"four at a time, with a record to continue from after a crash",
       "mtask pool -j4 --joblog log --resume flac -s {} ::: *.wav"},
      {"each with each, printed in order, every line with its values",
       "mtask pool -k --tag curl -sI {1}/{2} ::: a.example b.example ::: x y"},
      {"a pipeline for each value: one word is a shell's", "mtask pool 'zcat {} | wc -l' ::: *.gz"},
      {"sort a large file by parts", "mtask pool --pipe --block 100M --files sort < big.txt"},
      {"retry what the network fails, and stop when it fails too much",
       "mtask pool --retries 3 --backoff 1s --timeout 1m --halt soon,fail=10% -a urls.txt wget -q {}"},
      {"as many file names a job as fit", "find . -name '*.cpp' -print0 | mtask pool -0 -X clang-format -i"},
  };
}

}  // namespace

const Page& pool_page() {
  static const Page page{
      .usage = {"[OPTION]... COMMAND [WORD]... [::: VALUE... | :::: FILE...]", "[OPTION]... < VALUES-OR-COMMANDS",
                "--pipe [OPTION]... COMMAND [WORD]..."},
      .about = kAbout,
      .description = pool_description(),
      .examples = examples(),
      .sections = pool_sections(),
      .exit_statuses =
          {
              {"0", "All jobs succeeded; also when the reader of standard output left early (141 with --strict-pipe)"},
              {"1-100",
               "So many jobs failed. With --halt, the status of the job that ended the run; with a percentage there, "
               "halted or not, the percentage of failed jobs"},
              {"101", "More than 100 jobs failed"},
              {"2", "Also: the options or the configuration are wrong; nothing was run"},
              {"3",
               "Also: it could not run at all, or not go on: no such file of values, no job log, no room for the "
               "output"},
              {"128+n", "Signal n ended it: 130 after Ctrl-C, 143 after a plain kill, 129 after a hang-up"},
          },
      .see_also = {"mtask(1)", "parallel(1)", "xargs(1)"}};
  return page;
}

}  // namespace mtask::cli
