"""Reads docs/conformance.md: the rows of the requirements, and the number of breaks of each section."""

import re
from collections import Counter
from dataclasses import dataclass

import breaks

PAGE = "docs/conformance.md"
ROW = re.compile(r"\|\s*([A-Z]\d+)\s*\|")
COUNT = re.compile(r"^\| ([A-Z]) \| \d+ \|$", re.M)
TOTAL = re.compile(r"^\| all \| \d+ \|$", re.M)


@dataclass
class Row:
    """One requirement: the tests that prove it, and its status."""

    tests: list
    status: str


def rows(root):
    found = {}
    for line in (root / PAGE).read_text("utf-8").splitlines():
        matched = ROW.match(line)
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if matched and len(cells) == 5:
            found[matched[1]] = Row(re.findall(r"`([^`]+)`", cells[3]), cells[4])
    return found


def with_counts(text, all_breaks):
    """Returns the text of the page with the right number of breaks of each section."""
    counts = Counter(broken.requirement[0] for broken in all_breaks)
    text = COUNT.sub(lambda found: f"| {found[1]} | {counts[found[1]]} |", text)
    return TOTAL.sub(f"| all | {counts.total()} |", text)


def problems_of(root, all_breaks, table):
    """Lists the rows that are met without a break, and counts of the page that are wrong."""
    broken = {each.requirement for each in all_breaks}
    for name, row in table.items():
        if name[0] in breaks.SECTIONS and row.status == "met" and name not in broken:
            yield f"{PAGE}: {name} is met without a break in tests/claims"
    text = (root / PAGE).read_text("utf-8")
    listed = {match[1] for match in COUNT.finditer(text)}
    if listed != set(breaks.SECTIONS) or not TOTAL.search(text):
        yield f"{PAGE}: a table of the number of breaks needs the rows {', '.join(breaks.SECTIONS)} and all"
    elif text != with_counts(text, all_breaks):
        yield f"{PAGE}: the number of breaks is wrong; scripts/claims --count corrects it"
