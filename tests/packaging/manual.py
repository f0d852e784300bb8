# SPDX-License-Identifier: GPL-3.0-or-later
"""The blocks of docs/manual that need a machine: packages, systemd, root. The others are run by tests/manual."""
import sys
import time
from pathlib import Path

from machine import CommandFailed

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "manual"))

from pages import blocks_of, fits  # noqa: E402

PAGES = ROOT / "docs" / "manual"
LIMIT = 60


class Manual:
    """`person` may use sudo here, and has the packages where scripts/package leaves them."""

    def __init__(self, report, machine, person):
        self._report = report
        self._machine = machine
        self._person = person
        self._left = [block for page in sorted(PAGES.glob("*.md")) for block in blocks_of(page)
                      if block.is_run and block.needs_machine]
        # As a Debian that somebody has installed knows its own name; sudo asks for it.
        machine.run("sh", "-c", 'echo "127.0.1.1 $(uname -n)" >>/etc/hosts')
        machine.write(f"/etc/sudoers.d/{person}", f"{person} ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440)
        machine.run("install", "-d", "-o", person, f"/home/{person}/build")
        machine.run("ln", "-s", "/packages", f"/home/{person}/build/packages")

    def run(self, kind=None, env=None):
        """Those with this mark: None for the machine's service, "person" for one person's."""
        for block in [one for one in self._left if (one.marks["machine"] or None) == kind]:
            self._left.remove(block)
            with self._report.check(f"docs/manual/{block.place} does what stands there"):
                for command in block.commands():
                    self._try(block, command, env)

    def end(self):
        with self._report.check("every block of the manual that needs a machine was run"):
            assert not self._left, [block.place for block in self._left]

    def _try(self, block, command, env):
        """A service may take a moment to be as it is shown."""
        end = time.monotonic() + LIMIT
        while True:
            done = self._machine.run("bash", "-c", f"cd; {command.text}", user=self._person, env=env, check=False, merge=True)
            if done.returncode == 0 and fits(command.shown, done.stdout):
                return
            if time.monotonic() > end:
                raise CommandFailed(f"{block.place}: {command.text}: exit {done.returncode}: {done.stdout}")
            time.sleep(0.5)
