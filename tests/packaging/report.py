# SPDX-License-Identifier: GPL-3.0-or-later
"""What was checked of the packages, line by line."""
import contextlib
import subprocess
import time

from machine import CommandFailed


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.left_out = []

    @contextlib.contextmanager
    def check(self, what):
        """A fact. What fails is told, and the next one is looked at."""
        start = time.monotonic()
        try:
            yield
        except (AssertionError, CommandFailed, OSError, TypeError, ValueError, LookupError,
                subprocess.SubprocessError) as wrong:
            self.failed += 1
            print(f"FAILED  {what}: {type(wrong).__name__} {wrong}", flush=True)
        else:
            self.passed += 1
            print(f"ok      {what} ({time.monotonic() - start:.1f} s)", flush=True)

    def leave_out(self, what, why):
        self.left_out.append(what)
        print(f"not run {what}: {why}", flush=True)

    def end(self):
        """The exit status."""
        for what in self.left_out:
            print(f"Not exercised: {what}")
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def same(found, wanted, what=""):
    assert found == wanted, f"{what}: {found!r} instead of {wanted!r}"


def has(text, part):
    assert part in text, f"{part!r} is not in: {text}"
