#include "cli/gen_command.hpp"
#include "cli/gen_manual.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kAbout = R"(Writes the values of a SOURCE, after what each combinator makes of them, one a
line. Stages are separated by a bare ':'; a stage that takes streams takes each
as one quoted word, its stages separated by '|'. Shorthands for sources: 1..10,
a,b,c, @FILE, -. A LIST is one of these, a quoted pipeline whose first word is a
source, or any other text, a list of one. EXPR is an expression of Lua: x is the
value, i its index from 0, f[1] ... its fields. Everything is lazy, so sources
may be endless.)";

std::vector<Example> examples() {
  return {
      {"exact decimals", "mtask gen range 0 1 0.1"},
      {"each with each, as the names of jobs",
       "mtask gen product 1..3 a,b,c : format 'job-{0}-{1}' | mtask pool ./run {}"},
      {"two timers side by side, each line with its name",
       "mtask gen merge 'tick 2s --count 5 | label A' 'tick 2s --count 3 | label B'"},
      {"a thousand of a shuffled million millions, the third of eight parts",
       "mtask gen range 1 1e12 : shuffle --seed 42 : shard 3/8 : take 1000"},
      {"the mean of five neighbours", "mtask gen rand normal 0 1 --seed 7 --count 1e6 : window 5 : map 'mean(x)'"},
      {"the last days of the months", "mtask gen date 2024-01-31 2024-12-31 1mo"},
      {"at most fifty lines a second", "mtask gen lines urls.txt : rate 50/s --burst 1"},
      {"a pipeline as one text", "mtask gen -e 'range 1 inf | filter x%3==0 | map x*x | take 5'"},
      {"who hands over to whom, and when", "mtask gen switch 'words a1 a2' 'words b1 b2' --trace"},
  };
}

}  // namespace

const Page& gen_page() {
  static const std::string about = std::string(kAbout) + gen_stage_list();
  static const Page page{
      .usage = {"[OPTION]... SOURCE [WORD]... [: COMBINATOR [WORD]...]...", "[OPTION]... -e TEXT"},
      .about = about,
      .description = gen_description(),
      .examples = examples(),
      .sections = gen_sections(),
      .exit_statuses =
          {
              {"0",
               "All values were written; also when the reader of standard output left early (141 "
               "with --strict-pipe)"},
              {"1", "A source or a stage failed; what came before was written"},
              {"2", "The pipeline, the options or the configuration are wrong; nothing was written"},
              {"3", "It could not run at all or not go on: no space for temporary files or the output"},
              {"128+n", "Signal n ended it: 130 after Ctrl-C, 143 after a plain kill, 129 after a hang-up"},
          },
      .see_also = {"mtask(1)", "mtask-pool(1)", "seq(1)", "shuf(1)"}};
  return page;
}

}  // namespace mtask::cli
