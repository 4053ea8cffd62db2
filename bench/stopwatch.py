"""Run a command and print what it took, as JSON: `python -IS bench/stopwatch.py COMMAND …`.

A process of its own, and a small one: Linux lets a child inherit the peak memory of the process that forked it, and
the bench itself holds all generated mails. Uses nothing but the standard library's least.
"""

import os
import sys
import time


def main(command: list[str]) -> int:
    """Run the command, its output sent to stderr; print wall and CPU seconds, peak memory and exit code."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        os.execvp(command[0], command)
    _, status, used = os.wait4(child, 0)
    wall = time.monotonic() - started
    code = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    print(f'{{"wall": {wall:.4f}, "cpu": {cpu:.4f}, "peak_kib": {used.ru_maxrss}, "code": {code}}}')
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
