# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody's terminal: a shell that goes on from one command to the next."""
import os
import subprocess
import threading
import time
from pathlib import Path


class Terminal:
    """A bash in which commands are typed. What it has to say is read by a thread, so that nobody waits for a reader."""

    def __init__(self, command, environment, folder, name):
        self._script = Path(folder) / f"{name}.command"
        self._said = ""
        self._number = 0
        self._changed = threading.Condition()
        self._shell = subprocess.Popen([*command, "bash", "--norc", "--noprofile"], env=environment, cwd=environment["HOME"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while data := os.read(self._shell.stdout.fileno(), 65536):
            with self._changed:
                self._said += data.decode(errors="replace")
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def type(self, text):
        """Begins a command when the one before has ended; nothing is waited for."""
        with self._changed:
            self._said = ""
            self._number += 1
        self._script.write_text(text + "\n", encoding="utf-8")
        self._script.chmod(0o644)
        line = f". {self._script} </dev/null; printf '\\n%s %d\\n' '{self._end()}' $?\n"
        self._shell.stdin.write(line.encode())
        self._shell.stdin.flush()

    def _end(self):
        return f"-- that was {self._number} --"

    def said(self):
        with self._changed:
            return self._said

    def wait(self, limit):
        """What the command has said, and its exit status; None for the latter while it goes on."""
        end = time.monotonic() + limit
        with self._changed:
            while f"\n{self._end()} " not in self._said:
                if self._shell.poll() is not None or not self._changed.wait(max(0.0, end - time.monotonic())):
                    return self._said, None
            output, _, status = self._said.partition(f"\n{self._end()} ")
            return output, int(status)

    def run(self, text, limit):
        self.type(text)
        return self.wait(limit)
