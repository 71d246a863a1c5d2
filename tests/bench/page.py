"""Writes the tables and the plot of docs/benchmarks.md from the measured rows."""

import json
from pathlib import Path

import plot
from rows import BROKEN_OFF, shown

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROWS = "benchmarks.jsonl"
PLOT = "benchmarks.svg"
BEGIN = "<!-- measured: begin; written by scripts/bench --write -->"
END = "<!-- measured: end -->"


def write(rows, docs=DOCS):
    """Keeps the rows, draws them, and puts the tables into the page."""
    (docs / ROWS).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    refresh(docs)


def refresh(docs=DOCS):
    """Plot and tables again from the rows that are kept."""
    rows = [json.loads(line) for line in (docs / ROWS).read_text("utf-8").splitlines()]
    (docs / PLOT).write_text(plot.draw(rows), "utf-8")
    page = docs / "benchmarks.md"
    page.write_text(with_tables(page.read_text("utf-8"), rows), "utf-8")


def with_tables(text, rows):
    """The page with what stands between the markers replaced."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{tables(rows)}\n{END}{after}"


def tables(rows):
    """The facts about the machine in a sentence, the bars, then the rest by section."""
    facts = [row for row in rows if row["unit"] is None and row["section"] == "machine"]
    lines = ["; ".join(f"{words(row['name'])} {row['value']}" for row in facts) + ".", ""]
    broken = [f"**{row['section']} broke off**: {row['value']}" for row in rows if row["name"] == BROKEN_OFF]
    lines += [part for said in broken for part in (said, "")]
    barred = [row for row in rows if row["bar"]]
    met = sum(row["met"] for row in barred)
    lines += [f"{met} of {len(barred)} bars met.", ""]
    lines += ["| bar | | measured | limit or peer | ratio | bar | |", "|---|---|---:|---:|---:|---|---|"]
    lines += [full(row) for row in barred]
    rest = [row for row in rows if not row["bar"] and row not in facts and row["name"] != BROKEN_OFF]
    lines += ["", "Rows without a bar:", "", "| | | measured | limit or peer | ratio |", "|---|---|---:|---:|---:|"]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in rest]
    return "\n".join(lines) + "\n"


def full(row):
    """A row of the table of bars; what is missed stands out."""
    said = "met" if row["met"] else "**missed**"
    return "| " + " | ".join([*cells(row), row["bar"], said]) + " |"


def cells(row):
    """Section, name, value, limit, ratio."""
    value = f"{shown(row['value'])} {row['unit'] or ''}".strip()
    limit = "" if row["limit"] is None else shown(row["limit"])
    ratio = "" if row["ratio"] is None else shown(row["ratio"])
    return [row["section"], words(row["name"]), value, limit, ratio]


def words(name):
    """A name for people."""
    return name.replace("_", " ")
