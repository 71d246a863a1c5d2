"""Reads Unity's public C# reference sources: a git repository, whose path the caller or an environment variable gives.

Nothing of these sources is kept. They are streamed from git into UnityReference.cs, which reads their declarations, or
binds the package against them.
"""
import hashlib
import os
import re
import subprocess
from pathlib import Path

import build

VARIABLE = "VIBESYNC_UNITY_REFERENCE"
TOOL = "UnityReference"
SOURCES = ["UnityReference", "ReferenceSources", "SignatureNotation", "PackageAssembly"]
ROSLYN = ["Microsoft.CodeAnalysis.dll", "Microsoft.CodeAnalysis.CSharp.dll"]

# Members that the package reaches by reflection, because Unity does not publish them.
REFLECTED = ["UnityEditor.EditorApplication.SignalTick", "UnityEditor.Editor.GetCurrentMousePosition"]

# Fakes of what is not in the reference sources, by the beginning of the name, with the reason.
ELSEWHERE = {"UnityEditor.TestTools.": "part of the package com.unity.test-framework"}


def add_tool(builder):
    """Plans the tool; its assembly needs the compiler's beside it."""
    libraries = [build.CACHE / "roslyn" / name for name in ROSLYN]
    files = [build.TESTS / "tools" / f"{name}.cs" for name in SOURCES]
    tool = builder.add(TOOL, files, libraries, target="exe", platform="runtime")
    for library in libraries:
        (builder.output / library.name).write_bytes(library.read_bytes())
    return tool


def read_fakes(tool, fakes):
    """Returns what the fakes offer, as (version, type, declaration, obsolete). `fakes`: assemblies by Unity version."""
    named = [f"{version}={path}" for version, path in fakes.items()]
    text = run(tool, ["fakes", framework(), ",".join(REFLECTED), *named])
    rows = [tuple(line.split("\t")) for line in text.splitlines()]
    return [row for row in rows if not row[1].startswith(tuple(ELSEWHERE))]


def read_declarations(tool, repository, release, types):
    """Returns {(type, declaration): obsolete} for these types of one release."""
    rows = (line.split("\t") for line in all_declarations(tool, repository, release).splitlines())
    found = {(row[0], row[1]): row[2] for row in rows if row[0] in types}
    unreadable = [name for name, declaration in found if declaration == "unreadable"]
    if unreadable:
        raise ValueError(f"{release} needs a compiler of a newer C# for {', '.join(unreadable)}")
    return found


def all_declarations(tool, repository, release):
    """Returns what the tool prints. It is kept below .tools until release or reader changes."""
    commit = git(repository, "rev-parse", f"{release}^{{commit}}", check=True, stdout=subprocess.PIPE, text=True).stdout
    readers = [build.TESTS / "tools" / f"{name}.cs" for name in ("ReferenceSources", "SignatureNotation")]
    content = b"".join(path.read_bytes() for path in readers)
    state = hashlib.sha256(commit.encode() + content + repr(REFLECTED).encode()).hexdigest()[:16]
    kept = build.ROOT / ".tools" / "unity-declarations" / f"{release}-{state}.tsv"
    if not kept.exists():
        with archive(repository, release) as sources:
            text = run(tool, ["declarations", framework(), ",".join(REFLECTED)], stdin=sources.stdout)
        kept.parent.mkdir(parents=True, exist_ok=True)
        for older in kept.parent.glob(f"{release}-*"):
            older.unlink()
        kept.write_text(text, encoding="utf-8")
    return kept.read_text(encoding="utf-8")


def bind(tool, repository, release, responses):
    """Returns the compiler's complaints about the package when it is bound against one release."""
    with archive(repository, release) as sources:
        text = run(tool, ["bind", framework(), *responses], stdin=sources.stdout, accepted=(0, 1))
    return text.splitlines()


def releases(tags, lines):
    """Returns the tags to look at, in order: the first and the last of each version line, and the last of all."""
    parsed = sorted(filter(None, map(parse, tags)))
    chosen = parsed[-1:]
    for line in lines:
        major, minor = map(int, line.split("_"))
        members = [tag for tag in parsed if tag[:2] == (major, minor)]
        finals = [tag for tag in members if tag[3] == "f"]
        if not finals:
            raise ValueError(f"the reference has no release of Unity {major}.{minor}")
        chosen += [finals[0], members[-1]]
    return ["{}.{}.{}{}{}".format(*tag) for tag in sorted(set(chosen))]


def parse(tag):
    found = re.match(r"(\d+)\.(\d+)\.(\d+)([abfp])(\d+)$", tag)
    return found and (*map(int, found.groups()[:3]), found.group(4), int(found.group(5)))


def repository():
    """Returns the path in the environment, or None."""
    path = os.environ.get(VARIABLE)
    return Path(path) if path else None


def tags(path):
    return git(path, "tag", check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def git(path, *arguments, **options):
    return subprocess.run(command_line(path, *arguments), **options)


def archive(path, release):
    return subprocess.Popen(command_line(path, "archive", release, "--", "*.cs", "*.csproj"), stdout=subprocess.PIPE)


def command_line(path, *arguments):
    return ["git", "-c", "safe.directory=*", "-C", str(path), *arguments]


def framework():
    return build.CACHE / "netstandard"


def run(tool, arguments, accepted=(0,), **options):
    result = subprocess.run(build.command(tool, *arguments), env=build.environment(), stdout=subprocess.PIPE, text=True,
                            **options)
    if result.returncode not in accepted:
        raise subprocess.CalledProcessError(result.returncode, f"{TOOL} {arguments[0]}")
    return result.stdout
