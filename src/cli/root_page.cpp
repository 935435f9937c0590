#include "cli/root_command.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kConfiguration = R"(Options of a command may be set in three places.
The command line wins over the environment, and the environment over the configuration file.
Values of options that may be repeated, as \fB\-\-exclude\fR, all count, those of the stronger place first.
.TP
Configuration file
TOML, with a table for each command.
Keys are the options' long names without the dashes.
A switch is true or false, a number a number, a size a number or a string, an option that may be repeated an array of strings.
An unknown key or a wrong type is an error that names file and line (exit status 2).
.RS
.PP
.nf
[copy]
workers = 4
exclude = ["*.o", "/build/"]
preserve = { xattr = false }
limit\-rate = "50M"
.fi
.RE
.TP
Environment
\fBMTASK_\fR\fICOMMAND\fR\fB_\fR\fIOPTION\fR in capitals, with an underscore for each hyphen: \fBMTASK_COPY_WORKERS=4\fR.
A switch takes 1, true, yes or on, and 0, false, no or off.
An option that may be repeated takes one value a line.
A variable with a command's prefix that names no option is an error.
.PP
A switch that was turned on elsewhere is turned off by \fB\-\-\fR\fINAME\fR\fB=false\fR.
)";

constexpr std::string_view kEnvironment = R"(.TP
\fBXDG_CONFIG_HOME\fR, \fBHOME\fR
Where the configuration file is looked for.
.TP
\fBMTASK_\fR*
Options, as above.
.TP
\fBNO_COLOR\fR, \fBTERM\fR
No colours when \fBNO_COLOR\fR is set; no live progress bar when \fBTERM\fR is unset or dumb.
)";

constexpr std::string_view kFiles = R"(.TP
\fI$XDG_CONFIG_HOME/mtask/config.toml\fR, else \fI~/.config/mtask/config.toml\fR
The configuration file.
)";

}  // namespace

const Page& root_page() {
  static const Page page{
      .usage = {"COMMAND [OPTION]... [OPERAND]...", "--help | --version"},
      .about = "'mtask COMMAND --help' explains a command, 'man mtask' the configuration.",
      .description =
          "Each command does one chore with several workers at a time, tells what goes on and can be "
          "stopped and run again.\nStandard output carries data, standard error everything else.\n",
      .examples = {{"copy a tree", "mtask copy docs /mnt/backup/docs"},
                   {"run a command for many files, several at a time", "mtask pool gzip -9 {} ::: *.log"},
                   {"explain the command's options", "mtask copy --help"},
                   {"complete commands and options in this bash", "source <(mtask completion bash)"}},
      .sections = {{"CONFIGURATION", std::string(kConfiguration)},
                   {"ENVIRONMENT", std::string(kEnvironment)},
                   {"FILES", std::string(kFiles)}},
      .see_also = {"mtask-copy(1)", "mtask-pool(1)"}};
  return page;
}

}  // namespace mtask::cli
