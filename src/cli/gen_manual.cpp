#include "cli/gen_manual.hpp"

#include <algorithm>
#include <utility>

#include "cli/help.hpp"
#include "cli/man_page.hpp"
#include "mtask/gen.hpp"

namespace mtask::cli {
namespace {

using gen::StageHelp;

constexpr std::string_view kDescription =
    R"(Generates values by a source, sends them through combinators, and writes each as a line.
Everything is lazy: nothing is made before somebody further on wants it, so that sources may be endless.
.SS Pipelines
Stages are separated by a bare \fB:\fR, each word an argument of its own.
With \fB\-e\fR the whole pipeline is one text, with stages separated by \fB|\fR and words quoted as in a shell.
Where a stage takes streams, as \fBmerge\fR does, each is one argument that holds a pipeline as such a text.
A colon that is a word of a stage can be written in these texts only.
Options of a stage stand among its words; those of the command may stand anywhere but within the words of a \fBcmd\fR.
.PP
Some sources can be written shorter:
.TP
\fB1..10\fR, \fB1..10..2\fR
range 1 10, range 1 10 2
.TP
\fBa,b,c\fR
words a b c
.TP
\fB@\fR\fIFILE\fR
the lines of \fIFILE\fR
.TP
\fB\-\fR
the lines of standard input
.SS Values
A value is a whole number, an exact decimal, a real number or a text, or a row of such fields, as \fBproduct\fR, \fBenumerate\fR and \fBzip\fR make them.
Fields are written with a tab between them; \fB\-F\fR changes that.
.SS Values by number
Ranges, lists, products, permutations and combinations know their values by number.
\fBtake\fR, \fBskip\fR, \fBstep\fR, \fBnth\fR, \fBshard\fR and \fBshuffle\fR of these jump to what is wanted, whatever the size of the whole.
.SS Failures
When a source fails, what came before it is written, the failure is told, and the exit status is 1.
With \fB\-\-keep\-going\fR the streams beside it go on.
When the reader of standard output leaves, sources are stopped, their children ended, and the exit status is 0.
)";

constexpr std::string_view kExpressions =
    R"(The \fIEXPR\fR of \fBfilter\fR, \fBmap\fR, \fBflatmap\fR, \fBuntil\fR, \fBreduce\fR and \fBiterate\fR is an expression of Lua 5.4.
.TP
\fBx\fR
the value: a number where its text is that of one (7, \-2.5; not 007), else a string; of several fields, a table of them
.TP
\fBi\fR
its index, from 0
.TP
\fBf[1]\fR, \fBf[2]\fR, ...
its fields
.TP
\fBa\fR
in \fBreduce\fR, what there is so far
.TP
\fBmean\fR, \fBsum\fR, \fBmin\fR, \fBmax\fR, \fBlen\fR
of a table or of several arguments; len of a text counts letters
.PP
math, string, table and utf8 are there; files, programs and the loading of code are not.
0 and the empty text are true in Lua; write x%2==0, not x%2.
In \fBmap\fR several expressions with commas make a value of several fields.
Sums, differences, products, divisions and remainders of whole numbers are exact at any size.
Where an expression has calls, indices, powers or shifts, too, they wrap around at 64 bits, as Lua's do, but for values that are
larger than that already; in \fBiterate\fR they never do.
Decimals become real numbers.
Of a call that has several results the first counts.
A name that there is not is an error.
Unequal is ~=, and the connectives are the words and, or, not.
)";

std::string sentence(std::string_view text) { return std::string(text) + (text.ends_with('.') ? "" : "."); }

std::string stage_section(std::string_view group) {
  std::string text;
  for (const StageHelp& stage : gen::stages()) {
    if (stage.group != group) continue;
    text += ".TP\n\\fB" + roff(stage.name) + "\\fR";
    if (!stage.operands.empty()) text += " \\fI" + roff(stage.operands) + "\\fR";
    text += "\n" + roff(sentence(stage.help)) + "\n";
    if (!stage.manual.empty()) text += roff(stage.manual) + "\n";
    for (const StageHelp::Option& option : stage.options) {
      text += ".RS\n.TP\n";
      if (option.letter != 0) text += "\\fB\\-" + std::string(1, option.letter) + "\\fR, ";
      text += "\\fB\\-\\-" + roff(option.name) + "\\fR";
      if (!option.placeholder.empty()) text += " \\fI" + roff(option.placeholder) + "\\fR";
      text += "\n" + roff(option.help) + ".\n.RE\n";
    }
  }
  return text;
}

void add_list(std::string& text, std::string_view group) {
  text += "\n" + std::string(group) + ":\n";
  for (const StageHelp& stage : gen::stages()) {
    if (stage.group == group)
      add_help_entry(text, std::string(stage.name) + " " + std::string(stage.operands), stage.help);
  }
}

}  // namespace

std::string_view gen_description() { return kDescription; }

std::vector<Section> gen_sections() {
  return {{"SOURCES", stage_section("Sources")},
          {"COMBINATORS", stage_section("Combinators")},
          {"EXPRESSIONS", std::string(kExpressions)}};
}

std::string gen_stage_list() {
  std::string text = "\n";
  add_list(text, "Sources");
  add_list(text, "Combinators");
  text += "\n'mtask gen STAGE --help' tells a stage's options.";
  return text;
}

std::vector<std::string_view> gen_stage_names() {
  std::vector<std::string_view> names;
  for (const StageHelp& stage : gen::stages()) names.push_back(stage.name);
  return names;
}

std::string gen_stage_help(const std::vector<std::string>& words) {
  const auto colon = std::find(words.rbegin(), words.rend(), ":").base();
  const std::vector<StageHelp> stages = gen::stages();
  const auto stage = std::find_if(stages.begin(), stages.end(),
                                  [&](const StageHelp& row) { return colon != words.end() && row.name == *colon; });
  if (stage == stages.end()) return {};
  const std::string form = std::string(stage->name) + (stage->options.empty() ? "" : " [OPTION]...") +
                           (stage->operands.empty() ? "" : " ") + std::string(stage->operands);
  std::string text = "mtask gen: " + std::string(stage->name) + "\n\n";
  std::string_view lead = "Usage: ";
  if (stage->begins) text += std::string(std::exchange(lead, "       ")) + "mtask gen " + form + "\n";
  if (stage->follows) text += std::string(lead) + "mtask gen SOURCE [WORD]... : " + form + "\n";
  text += '\n';
  add_help_text(text, sentence(stage->help));
  if (!stage->manual.empty()) add_help_text(text, stage->manual);
  if (!stage->options.empty()) text += "\nOptions:\n";
  for (const StageHelp::Option& option : stage->options) {
    std::string term = option.letter == 0 ? "    " : "-" + std::string(1, option.letter) + ", ";
    term += "--" + std::string(option.name);
    if (!option.placeholder.empty()) term += " " + std::string(option.placeholder);
    add_help_entry(text, term, option.help);
  }
  text += "\n'mtask gen --help' lists all stages and the options of the command.\n";
  return text;
}

}  // namespace mtask::cli
