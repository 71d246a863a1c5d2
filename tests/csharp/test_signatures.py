"""The table of Unity's API: what it says, and that a wrong row makes the comparison with the fakes fail."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
import reference  # noqa: E402  (found through the path set above)
import signatures  # noqa: E402
from signatures import Row, Table  # noqa: E402

RELEASES = ["2021.3.0f1", "2021.3.58f1", "6000.3.0f1", "6000.3.19f1", "6000.5.0f1", "6000.7.0a1"]
VERSIONS = ("2021_3", "6000_3", "6000_5")
OLD, NEW = "int GetInstanceID()", "EntityId GetEntityId()"
TABLE = Table(RELEASES, [
    Row("Object", OLD, "2021.3.0f1", "", "warning 6000.3.19f1, error 6000.5.0f1"),
    Row("Object", NEW, "6000.3.0f1", "", ""),
])
OFFERED = [
    ("2021_3", "Object", OLD, ""),
    ("6000_3", "Object", OLD, "warning"),
    ("6000_3", "Object", NEW, ""),
    ("6000_5", "Object", NEW, ""),
]


def problems(offered=OFFERED, table=TABLE, fewest=1):
    return signatures.problems(offered, table, VERSIONS, fewest)


def with_row(number, **changes):
    rows = list(TABLE.rows)
    rows[number] = rows[number]._replace(**changes)
    return Table(RELEASES, rows)


def test_fakes_that_offer_what_unity_has_are_accepted():
    assert problems() == []


def test_later_first_release_is_a_problem():
    assert problems(table=with_row(1, since="6000.3.19f1")) == ["Unity 6000.3.0f1 does not have: Object | " + NEW]


def test_earlier_last_release_is_a_problem():
    found = problems(table=with_row(1, until="6000.5.0f1"))
    assert found == ["Unity 6000.7.0a1 does not have: Object | " + NEW]


def test_missing_row_is_a_problem():
    found = problems(table=Table(RELEASES, TABLE.rows[:1]))
    assert [line.split(" (")[0] for line in found] == ["not in the table"]


def test_row_without_a_fake_is_a_problem():
    assert problems(offered=[row for row in OFFERED if row[2] == OLD]) == [
        "in the table, but no fake offers it: Object | " + NEW]


@pytest.mark.parametrize("state", ["", "error"])
def test_other_severity_in_a_fake_is_a_problem(state):
    offered = [(*row[:3], state) if row[3] else row for row in OFFERED]
    assert len(problems(offered)) == 1


def test_fake_for_a_version_before_unity_has_it_is_a_problem():
    assert len(problems([*OFFERED, ("2021_3", "Object", NEW, "")])) == 1


def test_fake_that_unity_marks_as_error_is_a_problem():
    assert len(problems([*OFFERED, ("6000_5", "Object", OLD, "")])) == 1


def test_other_parameter_in_a_fake_is_a_problem():
    offered = [(*row[:2], row[2].replace("()", "(int)"), row[3]) for row in OFFERED]
    assert problems(offered) != []


def test_version_without_a_release_is_a_problem():
    assert "the table has no release of 2021_3" in problems(table=Table(RELEASES[2:], []))


def test_fakes_of_which_little_was_read_are_a_problem():
    assert problems(fewest=300) == ["only 4 declarations read from the fakes"]


def test_generated_table_has_a_row_for_each_range(tmp_path):
    key = ("Object", OLD)
    states = ["", "warning", None, "", "error", "error"]
    declarations = {release: {} if state is None else {key: state} for release, state in zip(RELEASES, states)}
    table = signatures.generate(RELEASES, {key}, declarations)
    assert table.rows == [Row(*key, "2021.3.0f1", "2021.3.58f1", "warning 2021.3.58f1"),
                          Row(*key, "6000.3.19f1", "", "error 6000.5.0f1")]
    assert table.find()[key] == {release: state for release, state in zip(RELEASES, states) if state is not None}
    signatures.write(table, tmp_path / "table.tsv")
    assert signatures.read(tmp_path / "table.tsv") == table


def test_releases_are_the_ends_of_each_line_and_the_newest():
    tags = ["2021.3.0f1", "2021.3.10f1", "2021.3.9f1", "2021.3.0b2", "6000.0.1f1", "6000.7.0a1", "6000.1.2f1", "x"]
    assert reference.releases(tags, ["2021_3", "6000_0"]) == ["2021.3.0f1", "2021.3.10f1", "6000.0.1f1", "6000.7.0a1"]


def test_line_without_a_release_is_refused():
    with pytest.raises(ValueError, match="6000.9"):
        reference.releases(["2021.3.0f1"], ["2021_3", "6000_9"])
