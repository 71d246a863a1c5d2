"""Reads unified diffs and applies them to texts. Line numbers may be wrong by any number, content never."""

import re
from dataclasses import dataclass, field

HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@")


class DoesNotApply(Exception):
    """The text does not have the lines that a diff changes, or has them in two places."""


@dataclass
class Hunk:
    """Lines to find, and the lines that replace them."""

    old: list = field(default_factory=list)
    new: list = field(default_factory=list)


def parse(lines):
    """Returns the hunks of each file that a diff changes, below the file's path."""
    files, hunks = {}, None
    for line in lines:
        if line.startswith("--- "):
            hunks = None
        elif line.startswith("+++ "):
            hunks = files.setdefault(line[4:].split("\t")[0].strip().removeprefix("b/"), [])
        elif hunks is not None and HUNK.match(line):
            hunks.append(Hunk())
        elif hunks:
            add(hunks[-1], line)
    return files


def add(hunk, line):
    mark, text = line[:1], line[1:]
    if mark in ("", " ", "-"):  # editors take the space off a blank line
        hunk.old.append(text)
    if mark in ("", " ", "+"):
        hunk.new.append(text)


def apply(text, hunks):
    """Returns the text with all hunks applied."""
    lines = text.split("\n")
    for hunk in hunks:
        places = find(lines, hunk.old)
        if not places:
            raise DoesNotApply(f"these lines are missing: {shown(hunk.old)}")
        if len(places) > 1:
            raise DoesNotApply(f"these lines are there {len(places)} times, add context: {shown(hunk.old)}")
        lines[places[0] : places[0] + len(hunk.old)] = hunk.new
    return "\n".join(lines)


def find(lines, wanted):
    """Returns each index at which the wanted lines begin."""
    if not wanted:
        return []
    starts = (index for index, line in enumerate(lines) if line == wanted[0])
    return [start for start in starts if lines[start : start + len(wanted)] == wanted]


def shown(lines):
    return " / ".join(line.strip() for line in lines if line.strip())[:200]


def between(path, before, after, context=1):
    """Returns the unified diff of two texts, with the fewest lines of context with which it applies in one place.

    Lines nearby may then change, and the diff still applies.
    """
    import difflib

    while True:
        compared = before.split("\n"), after.split("\n")
        lines = list(difflib.unified_diff(*compared, f"a/{path}", f"b/{path}", n=context, lineterm=""))
        try:
            if apply(before, parse(lines)[path]) == after:
                return lines
        except DoesNotApply:
            if context > 40:
                raise
        context += 1
