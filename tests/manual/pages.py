# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages of docs/manual as what runs them sees them: fenced blocks, in order. tests/README.md has their form."""
import re
from dataclasses import dataclass, field
from pathlib import Path

ANYTHING = "[…]"
MARKS = {"wait", "machine", "terminal", "file", "append"}
PLAIN = {"", "text", "json"}  # Shown only: they have no commands.


class Misprint(Exception):
    """A page that is not in the form."""


@dataclass
class Command:
    text: str
    shown: list = field(default_factory=list)  # The lines below it.


@dataclass
class Block:
    page: str
    line: int
    language: str
    marks: dict
    lines: list

    @property
    def place(self):
        return f"{self.page}:{self.line}"

    @property
    def is_run(self):
        return self.language == "console"

    @property
    def is_file(self):
        return "file" in self.marks or "append" in self.marks

    @property
    def needs_machine(self):
        """Run by scripts/check-package, in a Debian of its own that boots."""
        return "machine" in self.marks

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)

    def commands(self):
        found = []
        goes_on = False
        for line in self.lines:
            if goes_on:
                found[-1].text += "\n" + line
            elif line.startswith("$ "):
                found.append(Command(line[2:]))
            elif found:
                found[-1].shown.append(line)
            else:
                raise Misprint(f"{self.place}: a block begins with a command: {line}")
            goes_on = (goes_on or line.startswith("$ ")) and line.endswith("\\")
        return found


def blocks_of(path):
    """All fenced blocks of a page. Fails on a fence that nobody would look at."""
    path = Path(path)
    found, current = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        fence = re.match(r"```(\S*)\s*(.*)$", line)
        if current is None and fence:
            marks = dict(re.findall(r"(\w+)(?:=(\S+))?", fence[2]))
            current = Block(path.name, number, fence[1], marks, [])
        elif current is not None and line == "```":
            found.append(current)
            current = None
        elif current is not None:
            current.lines.append(line)
    if current is not None:
        raise Misprint(f"{current.place}: the block has no end")
    for block in found:
        check(block)
    return found


def check(block):
    unknown = set(block.marks) - MARKS
    if unknown:
        raise Misprint(f"{block.place}: nobody knows the marks {unknown}")
    if not block.is_run and not block.is_file:
        if block.language not in PLAIN:
            raise Misprint(f"{block.place}: a block of {block.language} is neither run nor written")
        if any(line.startswith("$ ") for line in block.lines):
            raise Misprint(f"{block.place}: it has commands, and is not run: call it console")
    if block.is_run and not block.commands():
        raise Misprint(f"{block.place}: it has no commands")


def setting_of(path):
    """What has to be there before the page begins, as its first line says."""
    first = Path(path).read_text(encoding="utf-8").split("\n", 1)[0]
    return re.fullmatch(r"<!-- playground:((?: [a-z0-9]+)*) -->", first)[1].split()


def fits(shown, output):
    """Whether the output is what is shown; `[…]` stands for any words of a line, or alone on its line for any lines."""
    pattern = ""
    for line in shown:
        if line.strip() == ANYTHING:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part.rstrip() if last else part) for last, part in marked(line.split(ANYTHING)))
            pattern += r"[ \t]*\n"
    return re.fullmatch(pattern, output if output.endswith("\n") or not output else output + "\n") is not None


def marked(parts):
    return [(number == len(parts) - 1, part) for number, part in enumerate(parts)]
