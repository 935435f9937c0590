"""Running a command and measuring its time or its memory."""

import os
import signal
import subprocess
import tempfile
import time


class CommandFailed(Exception):
    """A measured command did not do its work; the text says which and why."""


class _Running:
    """A command in a session of its own; on the way out all of that session is killed."""

    def __init__(self, argv):
        self.argv = argv
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors,
                                        start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.returncode is None:
            for pid in session_members(self.process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait()
        self.errors.close()

    def check(self, expected=(0,)):
        if self.process.returncode not in expected:
            self.errors.seek(0)
            said = self.errors.read().decode(errors="replace").strip()[-600:]
            raise CommandFailed(f"{' '.join(self.argv)}: exit {self.process.returncode}: {said}")


def timed(argv):
    """Seconds from start to end; raises CommandFailed when it fails."""
    start = time.monotonic()
    with _Running(argv) as running:
        running.process.wait()
        seconds = time.monotonic() - start
        running.check()
    return seconds


def session_members(session):
    """Process ids whose session is `session`."""
    members = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            members.append(int(name))
    return members


def _memory_of(pid):
    """(PSS, RSS) in KiB; zeros for a process that has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as rollup:
            pss = next((int(line.split()[1]) for line in rollup if line.startswith("Pss:")), 0)
        with open(f"/proc/{pid}/status") as status:
            rss = next((int(line.split()[1]) for line in status if line.startswith("VmRSS:")), 0)
    except OSError:
        return 0, 0
    return pss, rss


def _runs(pid, program):
    try:
        return os.readlink(f"/proc/{pid}/exe") == program
    except OSError:
        return False


def peak_memory(argv, interval=0.05, expected=(0,), program=None):
    """(PSS, RSS, processes, seconds): the largest sums over all processes of the command that were seen, in MiB.
    `expected`: exit codes that are no failure. `program`: only the processes that run this file count.

    PSS divides a shared page among those who share it, so its sum is what the machine gives; RSS counts it for each.
    """
    pss = rss = most = 0
    start = time.monotonic()
    with _Running(argv) as running:
        while running.process.poll() is None:
            members = session_members(running.process.pid)
            if program is not None:
                members = [pid for pid in members if _runs(pid, os.path.realpath(program))]
            sums = [_memory_of(pid) for pid in members]
            pss = max(pss, sum(each[0] for each in sums))
            rss = max(rss, sum(each[1] for each in sums))
            most = max(most, len(members))
            time.sleep(interval)
        seconds = time.monotonic() - start
        running.check(expected)
    return pss / 1024, rss / 1024, most, seconds


def output(argv):
    """What it writes to stdout; raises CommandFailed when it fails."""
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.stdout.strip()
