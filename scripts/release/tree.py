"""The sources that packages are made from: their files, version and commit."""

import json
import os
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import archive

GENERATED = {".git", ".tools", "target", "dist", "__pycache__"}


@dataclass(frozen=True)
class Commit:
    """The commit of the sources: its first 12 digits, the date, and the time in seconds since 1970."""

    name: str
    date: str
    time: int


def commit_of(source):
    """Returns the commit, with a mark for changes that are in none. Sources without git get the first time of a zip."""
    if not is_repository(source):
        time = int(os.environ.get("SOURCE_DATE_EPOCH", archive.EARLIEST))
        return Commit("unknown", "", time)
    name, time = git(source, "log", "-1", "--format=%H %ct").split()
    mark = "-dirty" if git(source, "status", "--porcelain") else ""
    date = datetime.fromtimestamp(int(time), UTC).date().isoformat()
    return Commit(name[:12] + mark, date, int(time))


def is_repository(source):
    """Returns true if the folder itself is the work tree of git, not a folder inside of one."""
    return (source / ".git").exists()


def files(source, below="."):
    """Lists the sources below a folder as sorted paths relative to the root, without files that git ignores."""
    if is_repository(source):
        names = git(source, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", below).split("\0")
        found = (Path(name) for name in names if name)
    else:
        found = (path.relative_to(source) for path in (source / below).rglob("*"))
        found = (path for path in found if GENERATED.isdisjoint(path.parts))
    return sorted({path for path in found if (source / path).is_file()})


def version(source):
    """Returns the version of the programs. That of the extension and of the Unity package must be the same."""
    versions = {
        "Cargo.toml": tomllib.loads((source / "Cargo.toml").read_text("utf-8"))["workspace"]["package"]["version"],
        "blender_manifest.toml": extension_manifest(source)["version"],
        "package.json": unity_manifest(source)["version"],
    }
    if len(set(versions.values())) != 1:
        raise ValueError(f"the versions differ: {versions}")
    return versions["Cargo.toml"]


def extension_manifest(source):
    return tomllib.loads((source / "addons" / "vibesync" / "blender_manifest.toml").read_text("utf-8"))


def unity_manifest(source):
    return json.loads((source / "unity-package" / "package.json").read_text("utf-8"))


def git(source, *arguments):
    done = subprocess.run(["git", "-C", source, *arguments], check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()
