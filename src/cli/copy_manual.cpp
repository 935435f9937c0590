#include "cli/copy_manual.hpp"

#include "cli/copy_summary.hpp"
#include "cli/man_page.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kDescription = R"(Copies files and directory trees with several worker processes.
.SS What becomes what
\fIDST\fR becomes what \fISRC\fR is, whether it exists or not.
A directory is merged into a directory that exists, so the same command run again is an update; it never nests as
.BR cp (1)
does on its second run.
Of a single \fISRC\fR that is no directory, an existing directory \fIDST\fR gets a copy inside.
Several sources, and all sources with \fB\-t\fR, each go inside \fIDIR\fR.
Of sources with one last name the first gets it, as with
.BR cp (1):
another file is refused and the run goes on, the same source given twice is warned of.
Directories of one last name are merged, one after the other; so is what \fIDIR\fR/. holds with all that goes into the destination. Where two of them have an entry of one name the later source decides, as in a run of its own. A dry run doesn't foresee what an earlier source will have put there.
A slash at the end of a name means nothing.
A directory that stands where the source has something else is replaced when it is empty, or with \fB\-\-delete\fR or \fB\-\-backup\fR; otherwise that is reported.
The summary line on standard error says what became what.
.SS What is copied
Regular files, directories, symbolic links (as links), hard links (as hard links, all names of a run together), FIFOs, sockets and device nodes;
with mode, set\-id bits, owner and group (as far as the process may), modification and access times in nanoseconds, holes, extended attributes, POSIX ACLs and capabilities.
What the destination's file system cannot hold is warned of once.
.SS What is skipped
What exists at the destination with the same type, size and modification time; \fB\-\-update\fR and \fB\-\-checksum\fR change that.
If only metadata differs, it is mended.
Root writes a file anew that belonged to somebody else or would gain set\-id bits or capabilities: whoever owned it may have planted its contents.
.SS What can be relied on
A name holds the old or the whole new file, never a part, also after a crash of the program or a kill.
Metadata is complete before a new file gets its name.
Stopped at any moment and run again, it continues; what was complete is not copied again.
.PP
A source file that changes while it is read is tried once more and then reported.
A file that can't be copied never stops the others; each is named.
When the destination is full, it stops at once.
.PP
No step follows a symbolic link that somebody else put into the tree meanwhile, in the source or at the destination.
A directory is never copied into itself.
A worker that dies is replaced, and what it held is done again; an item that three workers died of is reported as failed.
)";

constexpr std::string_view kFilterRules =
    R"(\fB\-\-exclude\fR, \fB\-\-include\fR and \fB\-\-exclude\-from\fR form one list in the order given.
The first rule that matches an entry decides; what none matches is copied.
What lies below an excluded directory is not looked at.
.PP
In a \fIGLOB\fR, * is any run of characters but a slash, ** any run with slashes, ? one character but a slash, [...] one of a set; a backslash takes a wildcard literally.
.TP
\fBname\fR
the last component of any path
.TP
\fB/name\fR
anchored at the source's root
.TP
\fBa/b\fR
the end of a path, from a component's start
.TP
\fBname/\fR
directories only
.TP
\fBname/***\fR
the directory and all below it
.PP
Files named by \fB\-\-ignore\-file\fR have the rules of
.BR gitignore (5)
for the directory they are in and below.
)";

constexpr std::string_view kStopping =
    R"(Ctrl\-C, SIGTERM and SIGHUP stop it cleanly: nothing is left half under its name, and the same command continues.
The second one ends it at once.
)";

constexpr std::string_view kEnvironment = R"(.TP
\fBMTASK_COPY_\fR\fIOPTION\fR
Sets an option, as \fBMTASK_COPY_WORKERS=4\fR; see
.BR mtask (1).
.TP
\fBXDG_CONFIG_HOME\fR, \fBHOME\fR
Where the configuration file is looked for.
.TP
\fBNO_COLOR\fR, \fBTERM\fR
No colours when \fBNO_COLOR\fR is set; no live progress bar when \fBTERM\fR is unset or dumb.
)";

constexpr std::string_view kFiles = R"(.TP
\fI$XDG_CONFIG_HOME/mtask/config.toml\fR, else \fI~/.config/mtask/config.toml\fR
Options may be set in its table \fB[copy]\fR; see
.BR mtask (1).
)";

constexpr std::string_view kJsonEvents = R"(\fB\-\-json\fR writes one JSON object a line.
Fields may be added; none changes its meaning.
.TP
\fBevent\fR
\(dqstarted\(dq: a worker took the item;
\(dqfinished\(dq: it is done;
\(dqskipped\(dq: nothing had to be done;
\(dqfailed\(dq: given up;
\(dqretried\(dq: it will be tried again;
\(dqwarning\(dq: worth telling, and no failure;
\(dqprogress\(dq: a snapshot of the run (only with \fB\-\-progress=json\fR, on standard error);
\(dqsummary\(dq: the last line of a run that ended in order.
.TP
\fBtime\fR
Seconds since the run began, of a clock that is never set.
.PP
In all but progress and summary, each left out where it doesn't apply:
.TP
\fBworker\fR
The worker's number, from 0; left out when no worker is concerned.
.TP
\fBitem\fR
The item's number, from 1, the same in all lines about it.
.TP
\fBpath\fR
The entry.
Bytes that are not UTF\-8 are U+FFFD here; then \fBpath_base64\fR holds the exact bytes.
The same holds for every text.
.TP
\fBaction\fR
One word, what was done: \(dqcopy\(dq (a new file), \(dqreplace\(dq (a file in place of another), \(dqmkdir\(dq, \(dqlink\(dq, \(dqsymlink\(dq, \(dqspecial\(dq, \(dqupdate\(dq (metadata alone), \(dqdelete\(dq, \(dqbackup\(dq; in skipped, \(dqskip\(dq.
.TP
\fBbytes\fR
In finished: how many were moved.
.TP
\fBdetail\fR
In failed, retried and warning: the reason, one line.
.PP
In progress:
.TP
\fBitems_done\fR, \fBbytes_done\fR, \fBitems_failed\fR
So far.
.TP
\fBitems_total\fR, \fBbytes_total\fR, \fBtotals_known\fR
The totals are a lower bound until the last of these is true.
.TP
\fBworkers\fR
A list in the order of their numbers: \fBpid\fR (0: none), \fBitems\fR and \fBbytes\fR so far, \fBcurrent\fR (what it holds, empty while it waits).
.PP
In summary:
)";

std::string json_events() {
  std::string text(kJsonEvents);
  for (const SummaryField& field : copy_summary_fields()) {
    text += ".TP\n\\fB" + roff(field.name) + "\\fR\n" + roff(field.meaning) + ".\n";
  }
  text += ".PP\nA run that could not begin has \\fBerror\\fR alone in its summary: the line that standard error got.\n";
  return text;
}

}  // namespace

std::string_view copy_description() { return kDescription; }

std::vector<Section> copy_sections() {
  return {{"FILTER RULES", std::string(kFilterRules)},
          {"STOPPING", std::string(kStopping)},
          {"JSON EVENTS", json_events()},
          {"ENVIRONMENT", std::string(kEnvironment)},
          {"FILES", std::string(kFiles)}};
}

}  // namespace mtask::cli
