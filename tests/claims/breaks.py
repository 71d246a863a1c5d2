"""The recorded breaks: `<id>-<what>.patch`, each a claim, the tests that must fail, and a unified diff."""

import re
from dataclasses import dataclass
from pathlib import Path

import diffs

FILE_NAME = re.compile(r"([A-Z]\d+)-[a-z0-9-]+")
SECTIONS = "ILSGA"  # letters of the requirements that have breaks


@dataclass(eq=False)
class Break:
    """One break: code that a claim rests on is taken away."""

    name: str
    claim: str  # requirement, then the clause
    tests: list  # file::test
    files: dict  # path: hunks

    @property
    def requirement(self):
        return self.claim.split()[0]


def read(folder):
    """Returns all breaks of a folder, and what is wrong with those that cannot be read."""
    found, problems = [], []
    for path in sorted(folder.glob("*.patch"), key=lambda path: path.name):
        try:
            found.append(parse(path.stem, path.read_text("utf-8")))
        except ValueError as error:
            problems.append(f"{path.name}: {error}")
    return found, problems


def parse(name, text):
    matched = FILE_NAME.fullmatch(name)
    if not matched:
        raise ValueError("the name is not ID-what.patch")
    lines = text.removesuffix("\n").split("\n")
    begin = next((number for number, line in enumerate(lines) if line.startswith("--- ")), len(lines))
    claims, tests = [], []
    for line in filter(None, lines[:begin]):
        key, _, value = line.partition(": ")
        if key not in ("claim", "test"):
            raise ValueError(f"a line of the header is neither `claim: ` nor `test: `: {line}")
        (claims if key == "claim" else tests).append(value.strip())
    if len(claims) != 1 or not claims[0].startswith(f"{matched[1]} "):
        raise ValueError(f"the header needs one line `claim: {matched[1]} ...`")
    if not tests:
        raise ValueError("the header needs a line `test: file::test`")
    files = diffs.parse(lines[begin:])
    if not files or not all(files.values()):
        raise ValueError("there is no diff, or one without a change")
    return Break(name, claims[0], tests, files)


def problems_of(broken, root, rows):
    """Lists what is wrong with a break: it does not apply, or the row does not name its tests."""
    for path, hunks in broken.files.items():
        try:
            file = root / path
            if not file.is_file():
                yield f"{path} does not exist"
            elif diffs.apply(file.read_text("utf-8"), hunks) == file.read_text("utf-8"):
                yield f"{path} does not change"
        except diffs.DoesNotApply as error:
            yield f"does not apply to {path}: {error}"
    row = rows.get(broken.requirement)
    if row is None:
        yield f"{broken.requirement} is not a requirement"
        return
    for test in broken.tests:
        if test not in row.tests:
            yield f"the row of {broken.requirement} does not name {test}"


def write(folder, root, text):
    """Writes breaks from replacements, see README.md; returns their names, and what is wrong with the others."""
    written, problems = [], []
    for block in re.split(r"^=== ", text, flags=re.M)[1:]:
        try:
            written.append(write_one(folder, root, block))
        except (ValueError, OSError, diffs.DoesNotApply) as error:
            problems.append(str(error))
    return written, problems


def write_one(folder, root, block):
    name, _, rest = block.partition("\n")
    header, changed, path = [], {}, None
    parts = re.split(r"^<<<<\n(.*?)^====\n(.*?)^>>>>\n?", rest, flags=re.M | re.S)
    for number in range(0, len(parts), 3):
        for line in filter(None, parts[number].split("\n")):
            if line.startswith("file: "):
                path = line[6:].strip()
            else:
                header.append(line)
        if number + 2 < len(parts):
            old, new = parts[number + 1], parts[number + 2]
            before = changed.get(path, (root / path).read_text("utf-8"))
            if before.count(old) != 1:
                raise ValueError(f"{name}: {path} has this {before.count(old)} times: {old.strip()[:200]}")
            changed[path] = before.replace(old, new)
    lines = header
    for path, after in changed.items():
        lines += diffs.between(path, (root / path).read_text("utf-8"), after)
    text = "\n".join(lines) + "\n"
    parse(name.strip(), text)
    Path(folder, f"{name.strip()}.patch").write_text(text, "utf-8")
    return name.strip()
