#include "cli/pool_manual.hpp"

#include "cli/man_page.hpp"
#include "cli/pool_summary.hpp"

namespace mtask::cli {
namespace {

constexpr std::string_view kDescription =
    R"(Runs a command for many values, several at the same time, by forked worker processes.
.SS Commands
A \fICOMMAND\fR of several words is executed as it is: each value goes to the program as given, whatever is in it.
One word that holds blanks or other shell syntax is a command line for a shell, as the users of
.BR parallel (1)
write it.
Values in it are quoted for the shell, with two exceptions, as with parallel.
Where the first word is nothing but a placeholder, each value is (the beginning of) a command line, and no value is quoted.
A placeholder within quotation marks of the command line itself loses its own; write {}, not '{}' or \(dq{}\(dq.
\fB\-\-shell\fR and \fB\-\-no\-shell\fR choose.
Without a command, each value is a command line itself.
.SS Values
Lines of standard input, or of files (\fB\-a\fR, \fB::::\fR), or the words after \fB:::\fR.
Several sources are combined each with each, the last running fastest; \fB:::+\fR and \fB::::+\fR link a source to the one before.
Input is read as jobs need it: the first one starts at once, and long lists take no memory.
\fB\-\-shuf\fR, {##} and \fB\-\-halt\fR with a percentage need all of it before the first job.
Jobs that wait for \fB\-\-backoff\fR keep their places among those that were read ahead.
.SS Output
What a job prints is kept and printed when it has ended, so that jobs never mix; standard output and standard error stay apart.
What doesn't fit in memory waits in a file.
With \fB\-u\fR jobs print for themselves; one whose worker was killed runs again, so that its output may come twice.
A job that prints more than a megabyte is passed on as it comes while nobody else's output waits for that place.
.SS What can be relied on
A job is lost by no death of a worker: another worker runs it again, or it is reported.
Each job has a process group of its own.
At a time\-out, and when the run is ended, its descendants end with it, those in sessions of their own too: first they are asked (TERM), after \fB\-\-grace\fR they are killed.
When mtask itself is killed, its jobs are killed.
Only when mtask and its workers are killed at once (SIGKILL) may what a job had started survive the job.
What a job leaves running in the background when it ends by itself is left alone.
)";

constexpr std::string_view kPlaceholders = R"(.TP
\fB{}\fR
the value; of several sources, their values with blanks between
.TP
\fB{.}\fR, \fB{/}\fR, \fB{//}\fR, \fB{/.}\fR
without its extension; its last component; its directory; its last component without extension
.TP
\fB{#}\fR, \fB{%}\fR
the job's number; the number of the slot it runs in
.TP
\fB{2}\fR, \fB{2.}\fR, \fB{2/}\fR, \fB{2//}\fR, \fB{2/.}\fR, \fB{\-1}\fR
the same of the second value, or column; counted from the end
.TP
\fB{name}\fR
the column or source of this name, with \fB\-\-header :\fR
.PP
With \fB\-\-plus\fR also these, those of values with a number too, as {2..}:
.TP
\fB{..}\fR, \fB{...}\fR, \fB{/..}\fR, \fB{/...}\fR
without two or three extensions; of the last component
.TP
\fB{+/}\fR, \fB{+.}\fR, \fB{+..}\fR, \fB{+...}\fR
its directory, with {+/}/{/} the value; its last one, two or three extensions
.TP
\fB{:\-\fItext\fB}\fR
the value, or \fItext\fR where it is empty
.TP
\fB{:\fIoffset\fB}\fR, \fB{:\fIoffset\fB:\fIcount\fB}\fR
its bytes from \fIoffset\fR on, at most \fIcount\fR
.TP
\fB{#\fIregex\fB}\fR, \fB{##\fIregex\fB}\fR, \fB{%\fIregex\fB}\fR, \fB{%%\fIregex\fB}\fR
without what matches at its beginning, the shortest or the longest; at its end
.TP
\fB{/\fIregex\fB/\fItext\fB}\fR, \fB{//\fIregex\fB/\fItext\fB}\fR, \fB{/#\fIregex\fB/\fItext\fB}\fR, \fB{/%\fIregex\fB/\fItext\fB}\fR
with \fItext\fR for the first match; for each; for one at the beginning; at the end
.TP
\fB{^\fIregex\fB}\fR, \fB{^^\fIregex\fB}\fR, \fB{,\fIregex\fB}\fR, \fB{,,\fIregex\fB}\fR
with a match at the beginning, or each match, in capitals; in small letters
.TP
\fB{##}\fR, \fB{0#}\fR, \fB{slot}\fR
the number of all jobs; the job's number with as many digits as that one has; as {%}.
The first two are refused with \fB\-m\fR, \fB\-X\fR and \fB\-\-pipe\fR, which learn that number at the end only.
.PP
Perl expressions, {= =}, are refused.
)";

constexpr std::string_view kEnvironmentOfJobs = R"(Jobs inherit the environment, and have
.TP
\fBMTASK_SEQ\fR, \fBPARALLEL_SEQ\fR
the job's number, from 1
.TP
\fBPARALLEL_JOBSLOT\fR
the number of the slot, from 1
.TP
\fBPARALLEL_PID\fR
the process id of mtask
.PP
Standard input of a job is empty, but for \fB\-\-pipe\fR.
)";

constexpr std::string_view kResuming =
    R"(With \fB\-\-joblog\fR, a line is written for each job that ended, with the columns of GNU parallel:
Seq, Host (always :), Starttime, JobRuntime, Send, Receive, Exitval, Signal, Command.
A line that a crash left unfinished is dropped.
.PP
The same command with \fB\-\-resume\fR runs the jobs that the log doesn't have, with \fB\-\-resume\-failed\fR also those that failed.
A job is known by its number and its command: where the list has changed meanwhile, that is told, and the job is run.
\fB\-\-retry\-failed\fR takes the failed commands from the log itself; it is refused when one of them had read a block of \fB\-\-pipe\fR.
Jobs that a halt or a second Ctrl\-C broke off are not in the log, so \fB\-\-resume\fR runs them.
\fB\-\-shuf\fR gives the jobs other numbers each time and can't be resumed.
)";

constexpr std::string_view kStopping = R"(Ctrl\-C, SIGTERM and SIGHUP: no new jobs; those that run may end.
The second one kills them and ends the run at once, without a report or a summary.
Ctrl\-Z stops mtask alone; its jobs go on.
Jobs never see Ctrl\-C themselves, unless \fB\-\-tty\fR leaves them the terminal.
)";

constexpr std::string_view kDifferences = R"(GNU parallel's options have their names and meanings here, but:
.IP \(bu 2
Several words are executed without a shell; parallel joins them and has a shell read them again.
A value that is only a part of the command's name is quoted; parallel doesn't.
.IP \(bu 2
\fB\-q\fR is \fB\-\-quiet\fR (parallel's is \fB\-\-quote\fR), \fB\-v\fR tells of each job, \fB\-n\fR is no dry run, \fB\-\-shell\fR no \fB\-\-shell\-quote\fR.
.IP \(bu 2
\fB\-j0\fR means the CPUs, as in all commands of mtask; parallel starts as many jobs as it can.
.IP \(bu 2
Sizes follow mtask: \fB\-\-block 1k\fR is 1024 bytes (parallel: 1000), 1KB is 1000.
.IP \(bu 2
\fB\-\-xargs\fR is \fB\-m\fR: the last values are spread over all slots. Parallel fills one command line after the other.
.IP \(bu 2
\fB\-\-delimiter\fR is a single character.
.IP \(bu 2
With \fB\-\-tag\fR, a line of a job whose value is empty begins with no tab; \fB\-\-dry\-run\fR prints no tags.
.IP \(bu 2
\fB\-\-workdir\fR makes no directory that is missing; the job fails.
.IP \(bu 2
Failed jobs are named on standard error.
.IP \(bu 2
Resuming notices a changed list, and runs what changed.
.IP \(bu 2
\fB\-\-timeout\fR and \fB\-\-halt now\fR end all descendants of a job.
.IP \(bu 2
\fB\-\-halt\fR with a percentage waits until three jobs are done, and while the number of jobs is unknown.
.IP \(bu 2
\fB\-\-results\fR takes a directory, or a template with {}, {#}, {2} and {name}; no other placeholders, no .csv, .tsv or .json.
.IP \(bu 2
Nothing is read from $PARALLEL and ~/.parallel; see FILES in
.BR mtask (1).
.IP \(bu 2
Other errors exit with 2 or 3, not 255.
.IP \(bu 2
Not here: remote hosts, Perl expressions and
\fB\-\-bin\fR, \fB\-\-block\-timeout\fR, \fB\-\-cat\fR, \fB\-\-color\fR, \fB\-\-compress\fR, \fB\-\-csv\fR, \fB\-\-ctag\fR, \fB\-\-fg\fR, \fB\-\-bg\fR, \fB\-\-fifo\fR, \fB\-\-filter\fR, \fB\-\-group\-by\fR, \fB\-\-latest\-line\fR, \fB\-\-limit\fR, \fB\-\-memsuspend\fR, \fB\-\-pipe\-part\fR, \fB\-\-process\-slot\-var\fR, \fB\-\-profile\fR (\fB\-J\fR), \fB\-\-round\-robin\fR, \fB\-\-rpl\fR, \fB\-\-semaphore\fR, \fB\-\-seqreplace\fR, \fB\-\-shard\fR, \fB\-\-slotreplace\fR, \fB\-\-sql\fR, \fB\-\-tee\fR, \fB\-\-template\fR, \fB\-\-tmux\fR, \fB\-\-total\-jobs\fR.
)";

constexpr std::string_view kJsonEvents = R"(\fB\-\-json\fR writes one JSON object a line.
Fields may be added; none changes its meaning.
.TP
\fBevent\fR
\(dqstarted\(dq, \(dqfinished\(dq, \(dqfailed\(dq, \(dqretried\(dq (it will be run again), \(dqskipped\(dq, \(dqwarning\(dq, and \(dqsummary\(dq, the last line of a run that ended in order.
\(dqprogress\(dq is written by \fB\-\-progress=json\fR to standard error, as
.BR mtask\-copy (1)
describes it; its items are jobs.
.TP
\fBtime\fR
Seconds since the run began, of a clock that is never set.
.PP
In all but summary, each left out where it doesn't apply:
.TP
\fBworker\fR
The slot's number, from 0.
.TP
\fBitem\fR
The job's number, from 1.
.TP
\fBcommand\fR
Its command line.
Bytes that are not UTF\-8 are U+FFFD here; then \fBcommand_base64\fR holds the exact bytes.
The same holds for every text.
.TP
\fBaction\fR
In finished: \(dqrun\(dq.
.TP
\fBbytes\fR
In finished: how many it printed.
.TP
\fBdetail\fR
In started: \(dqpid \fIN\fR\(dq.
In finished, failed and retried how it ended: \(dqexit \fIN\fR\(dq, its signal or time\-out, or what kept it from running.
In warning: of what.
.PP
In summary:
)";

std::string json_events() {
  std::string text(kJsonEvents);
  for (const PoolSummaryField& field : pool_summary_fields()) {
    text += ".TP\n\\fB" + roff(field.name) + "\\fR\n" + roff(field.meaning) + ".\n";
  }
  text += ".PP\nA run that could not begin has \\fBerror\\fR alone in its summary: the line that standard error got.\n";
  return text;
}

}  // namespace

std::string_view pool_description() { return kDescription; }

std::vector<Section> pool_sections() {
  return {{"PLACEHOLDERS", std::string(kPlaceholders)},
          {"ENVIRONMENT OF JOBS", std::string(kEnvironmentOfJobs)},
          {"RESUMING", std::string(kResuming)},
          {"STOPPING", std::string(kStopping)},
          {"DIFFERENCES FROM GNU PARALLEL", std::string(kDifferences)},
          {"JSON EVENTS", json_events()}};
}

}  // namespace mtask::cli
