"""Compares the API of the fakes with the API of Unity, so that the package uses no API that Unity does not have.

`unity-signatures.tsv` holds Unity's side: for each declaration that the fakes offer, the releases that have it. The
script gen-unity-signatures writes it from Unity's reference sources.
"""
import re
from pathlib import Path
from typing import NamedTuple

import build
import reference

PATH = build.TESTS / "tools" / "unity-signatures.tsv"
FEWEST = 300  # declarations; fewer mean that a tool read nothing
HEAD = """\
# Facts about Unity's API, written by scripts/gen-unity-signatures. Do not edit.
# type, declaration, first release, last release (empty: it goes on), obsolete (its severity from a release on)
"""
SEVERITY = ["", "warning", "error"]


class Row(NamedTuple):
    """A declaration in one uninterrupted range of releases."""

    type: str
    declaration: str
    since: str
    until: str
    obsolete: str  # "warning 6000.3.0f1, error 6000.5.0f1"


class Table(NamedTuple):
    releases: list
    rows: list

    def find(self):
        """Returns {(type, declaration): {release: obsolete}}."""
        found = {}
        for row in self.rows:
            states = found.setdefault((row.type, row.declaration), {})
            changes = dict(reversed(change.split(" ")) for change in row.obsolete.split(", ") if change)
            first = self.releases.index(row.since)
            last = self.releases.index(row.until) if row.until else len(self.releases) - 1
            state = ""
            for release in self.releases[first:last + 1]:
                state = changes.get(release, state)
                states[release] = "" if state == "none" else state
        return found


def generate(releases, wanted, declarations):
    """Makes the table. `declarations`: {(type, declaration): obsolete} by release."""
    rows = []
    for key in sorted(wanted):
        present = [(release, declarations[release].get(key)) for release in releases]
        run = []
        for release, state in [*present, (None, None)]:
            if state is not None:
                run.append((release, state))
            elif run:
                last = run[-1][0]
                rows.append(Row(*key, run[0][0], "" if last == releases[-1] else last, changes(run)))
                run = []
    return Table(releases, rows)


def changes(run):
    """Returns the releases in which the severity changes, as the table writes them."""
    found, before = [], ""
    for release, state in run:
        if state != before:
            found.append(f"{state or 'none'} {release}")
        before = state
    return ", ".join(found)


def write(table, path=PATH):
    lines = ["\t".join(row) for row in table.rows]
    head = HEAD + "# releases: " + " ".join(table.releases) + "\n"
    Path(path).write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def read(path=PATH):
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    named = [line.split(":", 1)[1].split() for line in lines if line.startswith("# releases:")]
    return Table(named[0], [Row(*line.split("\t")) for line in lines if line and not line.startswith("#")])


def covered(releases, version, versions):
    """Returns the releases that a version of the fakes stands for: from its line to the line of the next version."""
    first = line_of(version.replace("_", ".") + ".0f1")
    later = versions[versions.index(version) + 1:]
    end = line_of(later[0].replace("_", ".") + ".0f1") if later else None
    return [release for release in releases if first <= line_of(release) and (end is None or line_of(release) < end)]


def line_of(release):
    return reference.parse(release)[:2]


def member_of(declaration):
    """Returns the name of the declared member; a type counts as the member `class`."""
    if re.match(r"(\w+ )?class |struct$|interface$|enum : |delegate ", declaration):
        return "class"
    return re.split(r"[(<]| \{| = ", declaration.removeprefix("const "))[0].split()[-1]


def problems(offered, table, versions=tuple(build.UNITY_VERSIONS), fewest=FEWEST):
    """Returns one sentence for each declaration of the fakes that Unity does not have, or has as obsolete.

    `offered`: (version, type, declaration, obsolete).
    """
    known = table.find()
    releases = {version: covered(table.releases, version, versions) for version in versions}
    found = [f"the table has no release of {version}" for version in versions if not releases[version]]
    if len({row[1:3] for row in offered}) < fewest:
        found.append(f"only {len(offered)} declarations read from the fakes")
    for version, name, declaration, obsolete in offered:
        found += compare(f"{name} | {declaration}", obsolete, known.get((name, declaration)), releases[version])
    unused = set(known) - {row[1:3] for row in offered}
    found += [f"in the table, but no fake offers it: {name} | {declaration}" for name, declaration in unused]
    return sorted(set(found))


def compare(title, obsolete, states, releases):
    if states is None:
        return [f"not in the table (scripts/gen-unity-signatures adds what Unity has): {title}"]
    missing = [release for release in releases if release not in states]
    if missing:
        return [f"Unity {', '.join(missing)} does not have: {title}"]
    worst = max((states[release] for release in releases), key=SEVERITY.index, default="")
    if worst != obsolete:
        return [f"obsolete in Unity {releases[0]} to {releases[-1]}: {worst or 'no'}, in the fakes: "
                f"{obsolete or 'no'}: {title}"]
    return []
