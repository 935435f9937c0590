"""File systems in memory: a sparse file in /dev/shm, a loop device, a mount.

Nothing outlives the process: the mounts live in a mount namespace of its own, and each image is unlinked and its loop
device marked for release as soon as it is mounted, so the kernel frees all of it with the last process, even after
kill -9. What can be left behind then is one empty directory.
"""

import os
import shutil
import subprocess
import sys
import tempfile

MEMORY = "/dev/shm"
GIB = 1 << 30
_IN_NAMESPACE = "MTASK_BENCH_IN_NAMESPACE"

_MKFS = {
    # On the file itself, not the device: there mke2fs knows that the holes read as zeros, and leaves nothing for the
    # kernel to initialise in the background of a measurement.
    "ext4": ["mkfs.ext4", "-q", "-F"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}
_MOUNT = {"ext4": "noinit_itable", "xfs": "defaults", "btrfs": "defaults"}


class Unavailable(Exception):
    """This machine cannot do it; the text says why."""


def _run(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(argv)}: {(done.stderr or done.stdout).strip()}")
    return done.stdout.strip()


def check_machine():
    """Raises Unavailable where no file system of our own can be mounted, whatever is installed."""
    if os.geteuid() != 0:
        raise Unavailable("it needs root, to mount file systems")
    if not os.path.exists("/dev/loop-control"):
        raise Unavailable("it needs loop devices, and there is no /dev/loop-control")
    if not os.path.isdir(MEMORY):
        raise Unavailable(f"it needs {MEMORY}, to keep the images in memory")


def check_programs(kinds, others):
    """Raises Unavailable unless images of all these kinds can be made and the other programs are there."""
    for program in ["losetup", "mount", "unshare", "fstrim", *(_MKFS[kind][0] for kind in kinds), *others]:
        if shutil.which(program) is None:
            raise Unavailable(f"it needs {program}")
    with tempfile.TemporaryFile(dir=MEMORY) as probe:
        probe.truncate(1 << 20)
        device = _run("losetup", "-f", "--show", f"/proc/{os.getpid()}/fd/{probe.fileno()}")
        _run("losetup", "-d", device)


def enter_namespace():
    """Starts this program again in a mount namespace of its own, unless it is in one already."""
    if os.environ.pop(_IN_NAMESPACE, "") == "1":
        return
    environment = dict(os.environ, **{_IN_NAMESPACE: "1"})
    argv = ["unshare", "--mount", "--propagation", "private", sys.executable] + sys.argv
    os.execvpe(argv[0], argv, environment)


def free_memory():
    """Bytes that images and caches may still take."""
    with open("/proc/meminfo") as lines:
        available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    room = os.statvfs(MEMORY)
    return min(available, room.f_bavail * room.f_frsize)


def touch_memory(size):
    """Takes `size` bytes and gives them back: a virtual machine's host may provide memory only when it is first
    written, which would make whichever command comes first look slow."""
    chunk = b"\1" * (1 << 20)
    with tempfile.TemporaryFile(dir=MEMORY, buffering=0) as file:
        for _ in range(size >> 20):
            file.write(chunk)


def load():
    """(load of the last minute, CPUs this process may use)."""
    return os.getloadavg()[0], len(os.sched_getaffinity(0))


class Image:
    """A mounted file system of `kind`; a context manager. `path` is its root."""

    def __init__(self, kind, size, inodes=None, mkfs_options=()):
        self.kind = kind
        self._size = size
        self._options = list(mkfs_options)
        if kind == "ext4" and inodes:
            self._options += ["-N", str(inodes)]
        self._mounted = False

    def __enter__(self):
        self._directory = tempfile.mkdtemp(prefix="mtask-bench.", dir=MEMORY)
        self.path = os.path.join(self._directory, "mnt")
        try:
            os.mkdir(self.path)
            self._mount()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _mount(self):
        image = os.path.join(self._directory, "image")
        with open(image, "wb") as file:
            file.truncate(self._size)
        device = None
        try:
            _run(*_MKFS[self.kind], *self._options, image)
            device = _run("losetup", "-f", "--show", image)
            _run("mount", "-t", self.kind, "-o", _MOUNT[self.kind], device, self.path)
            self._mounted = True
        finally:
            if device:
                _run("losetup", "-d", device)  # the mount keeps it for as long as there is one
            os.unlink(image)

    def __exit__(self, *_):
        if self._mounted and subprocess.run(["umount", self.path], capture_output=True).returncode != 0:
            subprocess.run(["umount", "--lazy", self.path], check=False)
        shutil.rmtree(self._directory, ignore_errors=True)

    def settle(self):
        """Writes all of it back, so that one run's writeback does not fall into the next one's time."""
        subprocess.run(["sync", "--file-system", self.path], check=True)

    def trim(self):
        """Gives the memory of deleted files back."""
        self.settle()
        subprocess.run(["fstrim", self.path], check=True)
