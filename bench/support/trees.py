"""Source trees for benches: the same seed gives the same tree."""

import math
import os
import random

_BLOCK = 1 << 20
_EPOCH = 1_600_000_000 * 10**9  # modification times lie in the year after this one, in ns
_YEAR = 365 * 86400 * 10**9


def _random_block(seed):
    return random.Random(seed).randbytes(2 * _BLOCK)


def _write(directory, name, size, block, draw):
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=directory)
    while size > 0:
        start = draw.randrange(_BLOCK)
        size -= os.write(descriptor, memoryview(block)[start:start + min(size, _BLOCK)])
    mtime = _EPOCH + draw.randrange(_YEAR)
    os.utime(descriptor, ns=(mtime, mtime))
    os.close(descriptor)


def _directories(root, count, draw):
    """Makes `count` directories at most eight deep; their paths, root included."""
    made = [(root, 0)]
    os.mkdir(root)
    while len(made) <= count:
        parent, depth = made[draw.randrange(len(made))]
        if depth < 8:
            path = f"{parent}/dir{len(made)}"
            os.mkdir(path)
            made.append((path, depth + 1))
    return [path for path, _ in made]


def log_normal(root, files, directories, median=3 << 10, mean=9 << 10, seed=1):
    """`files` files of log-normal sizes spread over `directories` nested directories. Bytes written."""
    draw = random.Random(seed)
    block = _random_block(seed)
    sigma = math.sqrt(2 * math.log(mean / median))
    paths = _directories(root, directories, draw)
    shares = [0] * len(paths)
    for _ in range(files):
        shares[draw.randrange(len(paths))] += 1
    total = 0
    for path, share in zip(paths, shares):
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        for number in range(share):
            size = min(int(draw.lognormvariate(math.log(median), sigma)), 64 << 20)
            _write(directory, f"file-{number:05}.dat", size, block, draw)
            total += size
        os.close(directory)
    return total


def flat(root, files, largest=4 << 10, seed=2):
    """`files` files of up to `largest` bytes in one directory. Bytes written."""
    draw = random.Random(seed)
    block = _random_block(seed)
    os.mkdir(root)
    directory = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    total = 0
    for number in range(files):
        size = draw.randrange(largest + 1)
        _write(directory, f"{draw.getrandbits(32):08x}-{number}", size, block, draw)
        total += size
    os.close(directory)
    return total


def empty_files(root, files, directories, seed=3):
    """`files` empty files spread evenly over `directories` nested directories."""
    paths = _directories(root, directories, random.Random(seed))
    for index, path in enumerate(paths):
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        for number in range(index, files, len(paths)):
            os.close(os.open(f"file-{number}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=directory))
        os.close(directory)
    return 0


def big_file(path, size, seed=4):
    """One file without holes. Bytes written."""
    block = bytearray(_random_block(seed))
    with open(path, "wb", buffering=0) as file:
        left = size
        while left > 0:
            block[:8] = left.to_bytes(8, "little")
            left -= file.write(memoryview(block)[:min(left, len(block))])
    return size


def files_below(path):
    """(path, lstat) of every entry below `path`, or of `path` itself when it is a file."""
    if not os.path.isdir(path):
        yield path, os.lstat(path)
        return
    pending = [path]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                yield entry.path, entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)


def measure(path):
    """(entries, bytes in regular files)."""
    entries = total = 0
    for name, status in files_below(path):
        entries += 1
        if not os.path.stat.S_ISDIR(status.st_mode):
            total += status.st_size
    return entries, total


def _each_file(path, action):
    for name, status in files_below(path):
        if os.path.stat.S_ISREG(status.st_mode):
            descriptor = os.open(name, os.O_RDONLY | os.O_NOATIME)
            action(descriptor)
            os.close(descriptor)


def warm(path):
    """Reads all of it into the page cache."""
    buffer = bytearray(_BLOCK)

    def read(descriptor):
        while os.readv(descriptor, [buffer]) > 0:
            pass

    _each_file(path, read)


def evict(path):
    """Drops a finished copy's clean pages from the cache, which would else push the source out of it."""
    _each_file(path, lambda descriptor: os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED))
