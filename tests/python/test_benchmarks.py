"""Tests the report of the benchmarks: verdicts, tables, the plot, and the stored page."""

import json
import sys
import xml.etree.ElementTree as ElementTree

import page
import plot
import program
import pytest
from rows import BROKEN_OFF, is_met, line, percentile, row

MET = row("mesh", "editor_to_editor", 900.0, "MiB/s", ">= 0.5", limit=1000.0)
MISSED = row("recovery", "start", 9.0, "s", "<= 2", limit=3.0)
PLAIN = row("recovery", "plain_parse", 3.0, "s")


def test_a_bar_is_about_the_ratio_where_there_is_a_limit():
    assert (MET["ratio"], MET["met"]) == (0.9, True)
    assert (MISSED["ratio"], MISSED["met"]) == (3.0, False)
    assert PLAIN["met"] is None


@pytest.mark.parametrize(("bar", "value", "met"), [("<= 2", 2, True), ("<= 2", 2.1, False), (">= 10", 9.9, False)])
def test_a_bar_is_about_the_value_where_there_is_none(bar, value, met):
    assert is_met(bar, value) is met


def test_what_could_not_be_measured_is_not_met():
    unknown = row("editors", "idle_tick_p50", percentile([], 50), "ms", "<= 0.2")
    assert (unknown["value"], unknown["met"]) == (None, False)
    assert plot.used(unknown) > 1


def test_percentiles_are_of_the_nearest_rank():
    assert [percentile(range(1, 201), percent) for percent in (50, 99, 100)] == [100, 198, 200]


def test_a_line_says_what_is_missed():
    assert line(MISSED).endswith("3 x the limit of 3   bar <= 2: MISSED")


def test_the_plot_puts_what_is_missed_right_of_the_bar():
    parsed = ElementTree.fromstring(plot.draw([MET, MISSED, PLAIN]))
    bars = [each for each in parsed.iter("{http://www.w3.org/2000/svg}rect") if each.get("x")]
    ends = [float(each.get("x")) + float(each.get("width")) for each in bars]
    assert [each.get("fill") for each in bars] == [plot.MET, plot.MISSED]
    assert ends[0] < plot.x_of(1) < ends[1]


def test_the_tables_replace_only_what_is_between_the_markers():
    text = page.with_tables(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", [MET, MISSED, PLAIN])
    assert text.startswith("before\n") and text.endswith("\nafter\n") and "old" not in text
    assert "1 of 2 bars met" in text
    assert "| recovery | start | 9 s | 3 | 3 | <= 2 | **missed** |" in text
    assert "| recovery | plain parse | 3 s |  |  |" in text


def test_a_section_that_broke_off_is_told_before_the_bars():
    text = page.tables([MET, row("mesh", BROKEN_OFF, "the daemon ended")])
    assert text.index("**mesh broke off**: the daemon ended") < text.index("1 of 1 bars met")
    assert text.count("broke") == 1


def printing(text, *, then):
    return [sys.executable, "-c", f"print(end={text!r}, flush=True); {then}"]


def test_what_a_program_prints_counts_however_it_ends():
    plain, broken = json.dumps(PLAIN), json.dumps(row("mesh", BROKEN_OFF, "the daemon ended"))
    assert list(program.rows(printing(plain, then="pass"), 60)) == [PLAIN]
    assert list(program.rows(printing(broken, then="exit(1)"), 60)) == [json.loads(broken)]
    measured = program.rows(printing(plain, then="exit(101)"), 60)
    assert next(measured) == PLAIN
    with pytest.raises(RuntimeError, match=r"ended with 101$"):
        next(measured)


def test_a_program_that_takes_too_long_is_ended():
    with pytest.raises(RuntimeError, match=r"ended with -9$"):
        list(program.rows(printing("", then="import time; time.sleep(600)"), 0.5))


def test_page_and_plot_are_those_of_the_rows_that_are_kept(tmp_path):
    kept = [page.ROWS, page.PLOT, "benchmarks.md"]
    for name in kept:
        (tmp_path / name).write_bytes((page.DOCS / name).read_bytes())
    page.refresh(tmp_path)
    for name in kept:
        assert (tmp_path / name).read_bytes() == (page.DOCS / name).read_bytes(), "scripts/bench --refresh brings it up"
