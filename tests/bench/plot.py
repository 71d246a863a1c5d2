"""Draws each measurement relative to its limit as an SVG. A bar that passes the red line misses the limit."""

import math
from html import escape

from rows import bound, shown

WIDTH, ROW, TOP, BOTTOM, LEFT, RIGHT = 960, 26, 64, 40, 330, 150
LOWEST, HIGHEST = 1 / 32, 4  # of the bar; what lies outside is drawn at the edge
TICKS = {1 / 32: "1/32", 1 / 16: "1/16", 1 / 8: "1/8", 1 / 4: "1/4", 1 / 2: "1/2", 1: "bar", 2: "2", 4: "4"}
MET, MISSED, INK, FAINT = "#2a7f62", "#c0392b", "#333333", "#cccccc"


def draw(rows):
    """The whole picture."""
    barred = [row for row in rows if row["bar"]]
    height = TOP + ROW * len(barred) + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(16, 24, "How much of each bar is used", size=16),
        text(16, 42, "Logarithmic. Left of the line: the bar is met, with room to spare. Right of it: missed."),
    ]
    for share, name in TICKS.items():
        color = MISSED if share == 1 else FAINT
        parts.append(line(x_of(share), TOP - 8, x_of(share), height - BOTTOM, color))
        parts.append(text(x_of(share), height - BOTTOM + 18, name, anchor="middle"))
    for n, row in enumerate(barred):
        parts += bar(row, TOP + n * ROW)
    return "\n".join([*parts, "</svg>"]) + "\n"


def bar(row, y):
    """One bar with its name and what was measured."""
    share, color = used(row), MET if row["met"] else MISSED
    end = x_of(share)
    measured = row["value"] if row["ratio"] is None else row["ratio"]
    unit = row["unit"] if row["ratio"] is None else "x"
    return [
        text(LEFT - 10, y + 14, f"{row['section']}: {row['name'].replace('_', ' ')}", anchor="end"),
        f'<rect x="{LEFT}" y="{y + 3}" width="{end - LEFT:.1f}" height="{ROW - 10}" fill="{color}"/>',
        text(WIDTH - RIGHT + 10, y + 14, f"{shown(measured)} {unit}  ({row['bar']})"),
    ]


def used(row):
    """Returns the measured value relative to its limit; above 1 the limit is missed."""
    measured = row["value"] if row["ratio"] is None else row["ratio"]
    sense, wanted = bound(row["bar"])
    if not isinstance(measured, (int, float)) or (sense == ">=" and measured <= 0):
        return HIGHEST  # not measured: nothing is met
    return measured / wanted if sense == "<=" else wanted / measured


def x_of(share):
    """Returns the x coordinate of a relative value."""
    inside = min(max(share, LOWEST), HIGHEST)
    scale = math.log(inside / LOWEST) / math.log(HIGHEST / LOWEST)
    return LEFT + scale * (WIDTH - RIGHT - LEFT)


def text(x, y, words, anchor="start", size=12):
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">{escape(words)}</text>'


def line(x1, y1, x2, y2, color):
    """A line."""
    return f'<line x1="{x1:.1f}" y1="{y1}" x2="{x2:.1f}" y2="{y2}" stroke="{color}"/>'
