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
write it; values in it are quoted for the shell.
\fB\-\-shell\fR and \fB\-\-no\-shell\fR choose.
Without a command, each value is a command line itself.
.SS Values
Lines of standard input, or of files (\fB\-a\fR, \fB::::\fR), or the words after \fB:::\fR.
Several sources are combined each with each, the last running fastest; \fB:::+\fR and \fB::::+\fR link a source to the one before.
Input is read as jobs need it: the first one starts at once, and long lists take no memory.
.SS Output
What a job prints is kept and printed when it has ended, so that jobs never mix; standard output and standard error stay apart.
What doesn't fit in memory waits in a file.
A job that prints more than a megabyte is passed on as it comes while nobody else's output waits for that place.
.SS What can be relied on
A job is lost by no death of a worker: another worker runs it again, or it is reported.
Each job has a process group of its own.
At a time\-out, and when the run is ended, its descendants end with it, those in sessions of their own too: first they are asked (TERM), after \fB\-\-grace\fR they are killed.
When mtask itself is killed, its jobs are killed.
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
\fB\-\-retry\-failed\fR takes the failed commands from the log itself.
)";

constexpr std::string_view kStopping = R"(Ctrl\-C, SIGTERM and SIGHUP: no new jobs; those that run may end.
The second one kills them and ends the run at once.
)";

constexpr std::string_view kDifferences = R"(GNU parallel's options have their names and meanings here, but:
.IP \(bu 2
Several words are executed without a shell; parallel joins them and has a shell read them again.
.IP \(bu 2
\fB\-q\fR is \fB\-\-quiet\fR (parallel's is \fB\-\-quote\fR), \fB\-v\fR tells of each job, \fB\-n\fR is no dry run.
.IP \(bu 2
\fB\-j0\fR means the CPUs, as in all commands of mtask; parallel starts as many jobs as it can.
.IP \(bu 2
Failed jobs are named on standard error.
.IP \(bu 2
Resuming notices a changed list, and runs what changed.
.IP \(bu 2
\fB\-\-timeout\fR and \fB\-\-halt now\fR end all descendants of a job.
.IP \(bu 2
\fB\-\-results\fR takes a directory, without replacement strings.
.IP \(bu 2
Not here: remote hosts, Perl expressions, \fB\-\-compress\fR, \fB\-\-csv\fR, \fB\-\-fifo\fR, \fB\-\-cat\fR, \fB\-\-pipe\-part\fR, \fB\-\-round\-robin\fR, \fB\-\-sql\fR, \fB\-\-tmux\fR, \fB\-\-semaphore\fR.
)";

constexpr std::string_view kJsonEvents = R"(\fB\-\-json\fR writes one JSON object a line, of the shape that
.BR mtask\-copy (1)
describes, with these meanings:
.TP
\fBevent\fR
\(dqstarted\(dq (\fBdetail\fR has the pid), \(dqfinished\(dq, \(dqfailed\(dq, \(dqretried\(dq, \(dqskipped\(dq, \(dqwarning\(dq, \(dqprogress\(dq, \(dqsummary\(dq
.TP
\fBworker\fR
The slot's number, from 0.
.TP
\fBitem\fR
The job's number, from 1.
.TP
\fBcommand\fR
Its command line; \fBcommand_base64\fR where it is not UTF\-8.
.TP
\fBbytes\fR
In finished: how many it printed.
.TP
\fBdetail\fR
Why a job failed: its exit status, signal or time\-out.
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
