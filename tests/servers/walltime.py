"""A wall clock that tests turn for another process; what only ever grows (CLOCK_MONOTONIC) is left alone.

A small library, compiled when first asked for and preloaded into the process, adds to the time of day what stands in
a file. libfaketime would do, but breaks sleeping where the monotonic clock is to stay true.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from datetime import timedelta
from pathlib import Path

from tests.servers.process import missing

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *ahead;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("WALLTIME_FILE");
    int file = path ? open(path, O_RDONLY) : -1;
    real = dlsym(RTLD_NEXT, "clock_gettime");
    if (file >= 0) {
        void *page = mmap(0, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
        if (page != MAP_FAILED) ahead = page;
        close(file);
    }
}

int clock_gettime(clockid_t which, struct timespec *now) {
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(which, now);
    if (!failed && ahead && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += *ahead;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    int failed = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return failed;
}

time_t time(time_t *kept) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (kept) *kept = precise.tv_sec;
    return precise.tv_sec;
}
"""


class WallTime:
    """Processes started with `environment` live by this clock."""

    def __init__(self, folder: Path) -> None:
        self._file, self._library = folder / "walltime", folder / "walltime.so"
        compiler = shutil.which("cc")
        if compiler is None:
            missing("a C compiler")
        source = folder / "walltime.c"
        source.write_text(_SOURCE)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", self._library, source, "-ldl"], check=True)
        self._file.write_bytes(struct.pack("q", 0))
        self.ahead = timedelta()

    @property
    def environment(self) -> dict[str, str]:
        """What a process must be given to live by it."""
        return {"LD_PRELOAD": str(self._library), "WALLTIME_FILE": str(self._file)}

    def jump_to(self, ahead: timedelta) -> None:
        """Set it so far ahead of the true time, whole seconds, now."""
        self.ahead = ahead
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", int(ahead.total_seconds())))
