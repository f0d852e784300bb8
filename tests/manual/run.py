#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the commands of a page of the manual, word for word, and compares what they say with what the page shows.

run.py --page PAGE --programs NAME=FILE… [--show]   --show: print what each command says, and go on after a fault
run.py --complete PAGES --made PAGE…                every page is in the form, in the index, and run by somebody
"""
import argparse
import os
import sys
import time
from pathlib import Path

from pages import Misprint, blocks_of, fits, setting_of
from playground import Playground

LIMIT = 100  # Seconds. A loaded machine takes its time.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "charmedring/bin"


class Reader:
    def __init__(self, playground, show):
        self._playground = playground
        self._show = show
        self.run = 0
        self.faults = 0

    def read(self, block):
        if block.is_file:
            for mark in ("file", "append"):
                if mark in block.marks:
                    self._playground.write(block.marks[mark], block.text, append=mark == "append")
        elif block.is_run and not block.needs_machine:
            for command in block.commands():
                begin = time.monotonic()
                self._goes_on(block, command) if "terminal" in block.marks else self._try(block, command)
                if self._show:
                    print(f"    ({time.monotonic() - begin:.1f} s)", flush=True)
            self.run += 1

    def _try(self, block, command):
        """Once; or, where a reader would wait and look again, until it is as shown."""
        end = time.monotonic() + LIMIT
        while True:
            output, status = self._playground.terminal().run(command.text, LIMIT)
            wrong = self._fault(command, output, status)
            if not wrong or "wait" not in block.marks or time.monotonic() > end:
                break
            time.sleep(0.2)
        self._tell(command, output)
        self._judge(block, command, wrong)

    def _judge(self, block, command, wrong):
        """The first fault ends it, unless somebody looks on, who is writing the page."""
        if wrong and (not self._show or "not done" in wrong):
            raise AssertionError(f"{block.place}: {command.text}\n{wrong}")
        if wrong:
            self.faults += 1
            print(f"!!! not as it stands in {block.place}", flush=True)

    def _goes_on(self, block, command):
        """A program that stays, in a terminal of its own: until it has said what is shown."""
        terminal = self._playground.terminal(block.marks["terminal"])
        terminal.type(command.text)
        end = time.monotonic() + LIMIT
        while not fits([*command.shown, "[…]"], terminal.said()):
            if terminal.wait(0)[1] is not None or time.monotonic() > end:
                self._judge(block, command, f"it has said:\n{terminal.said()}")
                break
            time.sleep(0.05)
        self._tell(command, terminal.said())

    def _tell(self, command, output):
        if self._show:
            print(f"$ {command.text}\n{output.rstrip()}", flush=True)

    @staticmethod
    def _fault(command, output, status):
        if status is None:
            return f"not done within {LIMIT} s; it has said:\n{output}"
        wanted = int(command.text.rpartition("# exit ")[2]) if "# exit " in command.text else 0
        if status != wanted:
            return f"it ended with {status} instead of {wanted}:\n{output}"
        return None if fits(command.shown, output) else f"it says:\n{output}"


def found(name):
    """The program as scripts/test has installed it."""
    named = os.environ.get(f"CRING_{name.upper()}")
    return named or str(CACHE / name)


def run_page(options):
    programs = dict(text.split("=", 1) for text in options.programs)
    programs.update({name: found(name) for name in ("charm", "versitygw", "prometheus", "promtool")})
    for name, place in programs.items():
        if not os.path.exists(place):
            sys.exit(f"{name} is missing ({place}): scripts/test installs it")
    blocks = blocks_of(options.page)
    setting = setting_of(options.page)
    playground = Playground(programs, options.alone)
    reader = Reader(playground, options.show)
    try:
        for what in setting:
            playground.prepare(what)
        for block in blocks:
            reader.read(block)
    except AssertionError as wrong:
        print(f"FAILED {wrong}\n{playground.logs()}")
        return 1
    print(f"{options.page.name}: {reader.run} blocks were run, {reader.faults} commands did not do as they stand there")
    complete = reader.run == sum(block.is_run and not block.needs_machine for block in blocks)
    return 0 if complete and not reader.faults else 1


def check_all(folder, made):
    """Every page has its test and its line in the index; what needs a machine is run by scripts/check-package."""
    pages = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    index = (folder / "README.md").read_text(encoding="utf-8")
    faults = [f"{name} is not in the index" for name in pages if f"({name})" not in index]
    faults += [f"{name} has no test" for name in pages if name not in made]
    faults += [f"{name} has a test, and is not there" for name in made if name not in pages]
    here = machine = 0
    for name in ("README.md", *pages):
        for block in blocks_of(folder / name):
            here += block.is_run and not block.needs_machine
            machine += block.is_run and block.needs_machine
            if name == "README.md" and block.is_run:
                faults.append(f"{block.place}: nobody runs the index")
    print(f"{here} blocks are run by the tests, {machine} by scripts/check-package")
    for fault in faults:
        print(f"FAILED {fault}")
    return 1 if faults or not here else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what each command says")
    parser.add_argument("--complete", type=Path, metavar="PAGES")
    parser.add_argument("--made", nargs="*", default=[], help="with --complete: the pages that have a test")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--programs", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    if options.complete:
        return check_all(options.complete, options.made)
    if not options.inside:
        alone = os.getuid() != 0
        command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
        command += ["--map-root-user"] if alone else []
        inside = [sys.executable, *sys.argv, "--inside", *(["--alone"] if alone else [])]
        os.execvp("unshare", [*command, *inside])
    return run_page(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Misprint as misprint:
        sys.exit(f"FAILED {misprint}")
