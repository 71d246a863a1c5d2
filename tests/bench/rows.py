"""Rows of measurements, in the form that `vibesync-bench` writes too."""

import math

BROKEN_OFF = "broken_off"  # name of the row of a section that failed; the value is the reason


def number(value):
    """Four significant digits; none where it is no number."""
    return None if math.isnan(value) else float(f"{value:.3e}")


def row(section, name, value, unit=None, bar=None, limit=None):
    """A measured value; `bar` is "<= 2" or ">= 2", of the ratio to the limit, or of the value without one."""
    ratio = value / limit if limit else None
    return {
        "section": section,
        "name": name,
        "value": number(value) if isinstance(value, float) else value,
        "unit": unit,
        "limit": limit,
        "ratio": ratio and number(ratio),
        "bar": bar,
        "met": is_met(bar, value if ratio is None else ratio),
    }


def bound(bar):
    """Parses a limit into its comparison and its number."""
    sense, wanted = bar.split()
    return sense, float(wanted)


def is_met(bar, value):
    """Whether a number meets the limit; None without a limit."""
    if bar is None:
        return None
    sense, wanted = bound(bar)
    return value <= wanted if sense == "<=" else value >= wanted


def percentile(values, percent):
    """Returns a percentile by nearest rank."""
    ranked = sorted(values)
    return ranked[max(math.ceil(len(ranked) * percent / 100) - 1, 0)] if ranked else math.nan


def shown(value):
    """A value for people."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
    return "unknown" if value is None else str(value)


def verdict(row):
    """Describes whether the limit is met; empty without a limit."""
    return {True: "met", False: "MISSED", None: ""}[row["met"]]


def line(row):
    """A row as a line of text."""
    text = f"{row['section']:<11} {row['name']:<34} {shown(row['value']):>12} {row['unit'] or ''}"
    if row["limit"] is not None:
        text += f"   {shown(row['ratio'])} x the limit of {shown(row['limit'])}"
    if row["bar"]:
        text += f"   bar {row['bar']}: {verdict(row)}"
    return text.rstrip()
