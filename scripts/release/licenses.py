"""Writes the licenses of everything that a program is linked from: THIRD-PARTY-LICENSES.

The crates and their files come from `cargo metadata` and the sources that cargo has downloaded. Nothing depends on
the folder or the time, so the same Cargo.lock gives the same text.
"""

import hashlib
import json
import re
import subprocess
from pathlib import Path

NAME = re.compile(r"(licen[sc]e|copying|notice|copyright|unlicense)([-_.].*)?", re.IGNORECASE)
# `contrib` and `winhttp` are parts of C libraries that are not compiled: nothing here speaks over a network.
SKIPPED_FOLDERS = {"tests", "test", "benches", "examples", "fuzz", "ci", "target", "contrib", "winhttp"}
SKIPPED_SUFFIXES = {".rs", ".c", ".h", ".py", ".sh", ".json", ".toml"}

# Crates whose archive has no license file: the text in this repository that applies to them.
WITHOUT_FILE = {
    "fxhash": ("LICENSE-APACHE", "Copyright (c) the fxhash developers; used under Apache-2.0."),
    "winapi-x86_64-pc-windows-gnu": (
        "LICENSE-APACHE",
        "Copyright (c) the winapi-rs developers; used under Apache-2.0.",
    ),
}

HEAD = """\
This file lists the software of others that the program vibesync contains, and its licenses. VibeSync itself is
MIT OR Apache-2.0: see LICENSE-MIT and LICENSE-APACHE. Where a license offers a choice, any of the offered ones may be
taken. Each text stands here once, with a number; the list names the texts of each part.
"""


class Unlicensed(Exception):
    """A part has no license text that could be shipped."""


def crates(source, target):
    """Lists the packages that the program for a target contains, by name and version. Crates of tests are no part."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    output = subprocess.run(command, cwd=source, check=True, stdout=subprocess.PIPE).stdout
    return linked(json.loads(output))


def linked(metadata):
    """Returns the foreign packages that `vibesync` reaches through normal dependencies."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    pending = [identifier for identifier, package in packages.items() if package["name"] == "vibesync"]
    reached = set()
    while pending:
        identifier = pending.pop()
        if identifier not in reached:
            reached.add(identifier)
            used = nodes[identifier]["deps"]
            pending += [it["pkg"] for it in used if any(kind["kind"] is None for kind in it["dep_kinds"])]
    foreign = (packages[identifier] for identifier in reached)
    return sorted(
        (package for package in foreign if package["source"] is not None),
        key=lambda package: (package["name"], package["version"]),
    )


def license_files(folder):
    """Lists the license files of a package, also those of the libraries that it carries."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        skipped = not SKIPPED_FOLDERS.isdisjoint(inner.parts[:-1]) or path.suffix in SKIPPED_SUFFIXES
        if not skipped and NAME.fullmatch(path.name) and path.is_file():
            yield inner.as_posix(), path.read_text("utf-8", errors="replace")


class Notices:
    """Gathers the parts of a program and each distinct text once."""

    def __init__(self, source):
        self.source = source
        self.parts = []
        self.texts = {}

    def add(self, title, files):
        """Adds a part with its license files as (name, text)."""
        numbers = [f"[{self._number(text)}] {name}" for name, text in files]
        self.parts.append(title + "".join(f"\n    {number}" for number in numbers))

    def add_crate(self, package):
        """Adds a package of cargo."""
        files = list(license_files(Path(package["manifest_path"]).parent))
        if not files:
            if package["name"] not in WITHOUT_FILE:
                raise Unlicensed(
                    f"{package['name']} {package['version']} has no license file: see scripts/release/licenses.py"
                )
            name, note = WITHOUT_FILE[package["name"]]
            files = [(note, (self.source / name).read_text("utf-8"))]
        address = package["repository"] or f"https://crates.io/crates/{package['name']}"
        self.add(f"{package['name']} {package['version']}: {package['license']}\n    {address}", files)

    def _number(self, text):
        lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\f", "").split("\n")]
        text = "\n".join(lines).strip("\n")
        # Two copies of a text often differ in line breaks alone.
        digest = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
        return self.texts.setdefault(digest, (len(self.texts) + 1, text))[0]

    def text(self):
        """Returns the whole file."""
        rule = "=" * 78
        bodies = (f"{rule}\n[{number}]\n{rule}\n\n{text}\n" for number, text in self.texts.values())
        return "\n".join([HEAD, *self.parts, "", *bodies])


def third_party(source, target, extra=()):
    """Returns the text for a target. `extra` are further parts as (title, files), such as a C runtime."""
    notices = Notices(source)
    rust = [(name, (source / name).read_text("utf-8")) for name in ("LICENSE-APACHE",)]
    notices.add(
        "The Rust standard library: MIT OR Apache-2.0, copyright (c) The Rust Project contributors\n"
        "    https://github.com/rust-lang/rust",
        rust,
    )
    for title, files in extra:
        notices.add(title, files)
    for package in crates(source, target):
        notices.add_crate(package)
    return notices.text()
