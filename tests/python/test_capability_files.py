# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding and reading capability add-ons: whatever their folder holds, without Blender."""

import hashlib
import json
import os
import sys
import types

import pytest
from vibesync.capability import digest, discover, handlers
from vibesync.capability.discover import Candidate, Discovery
from vibesync.core.pace import Slice, finish
from vibesync.core.sync_error import SyncError


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__py", ".py")).write_text(text, encoding="utf-8")
    (folder / "addon_ai.json").write_text(json.dumps({"addon_info": {"id": folder.name}}), encoding="utf-8")
    return folder


def listing(*candidates):
    """Lists these candidates in steps, as Blender's add-ons are listed."""

    def steps():
        yield
        return list(candidates)

    return steps


def survey(folder, modules=None, is_enabled=True):
    """The only entry of a whole survey of one folder; None if it is no capability add-on."""
    discovery = Discovery(listing(Candidate(folder.name, str(folder), is_enabled)), modules or {})
    while not discovery.work(0.0):
        pass
    return discovery.addons[0].to_wire() if discovery.addons else None


def test_digest_is_of_paths_and_contents(tmp_path):
    folder = write(tmp_path / "a", b__py="b", a__py="a")
    (folder / "sub").mkdir()
    (folder / "sub" / "x").write_bytes(b"x")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_bytes(b"left out")
    entry = survey(folder)
    lines = b""
    for path in ("a.py", "addon_ai.json", "b.py", "sub/x"):
        content = (folder / path).read_bytes()
        lines += path.encode() + b"\0" + hashlib.sha256(content).hexdigest().encode() + b"\n"
    assert entry["code_sha256"] == hashlib.sha256(lines).hexdigest()
    assert entry["files"] == 4
    (folder / "sub" / "x").rename(folder / "sub" / "y")
    assert survey(folder)["code_sha256"] != entry["code_sha256"]


def test_manifest_of_another_kind_is_a_problem(tmp_path):
    kinds = {
        "link": lambda path: path.symlink_to("/etc/passwd"),
        "folder": lambda path: path.mkdir(),
        "large": lambda path: path.write_bytes(b" " * (discover.MAX_MANIFEST + 1)),
        "latin": lambda path: path.write_bytes(b"\xe9"),
    }
    if hasattr(os, "mkfifo"):
        kinds["pipe"] = os.mkfifo
    for kind, make in kinds.items():
        folder = write(tmp_path / kind, __init____py="")
        (folder / "addon_ai.json").unlink()
        make(folder / "addon_ai.json")
        entry = survey(folder)
        assert (entry["manifest"], entry["problem"]["code"]) == (None, "VS-9101"), kind


def test_folder_whose_content_cannot_be_told_is_a_problem(tmp_path, monkeypatch):
    linked = write(tmp_path / "linked")
    (linked / "sub").symlink_to(tmp_path, target_is_directory=True)
    piped = write(tmp_path / "piped")
    os.mkfifo(piped / "pipe")
    many = write(tmp_path / "many")
    for number in range(6):
        (many / f"f{number}").write_bytes(b"")
    monkeypatch.setattr(digest, "MAX_FILES", 5)
    large = write(tmp_path / "large")
    with open(large / "f", "wb") as file:
        file.truncate(digest.MAX_BYTES + 1)
    for folder in (linked, piped, many, large):
        entry = survey(folder)
        assert (entry["code_sha256"], entry["problem"]["code"]) == (None, "VS-9105"), folder.name


def test_link_to_a_file_counts_with_its_content(tmp_path):
    folder = write(tmp_path / "a")
    (tmp_path / "elsewhere.py").write_text("1")
    (folder / "code.py").symlink_to(tmp_path / "elsewhere.py")
    first = survey(folder)["code_sha256"]
    (tmp_path / "elsewhere.py").write_text("2")
    assert first and survey(folder)["code_sha256"] != first


def test_unchanged_addon_is_not_read_again(tmp_path, monkeypatch):
    folder = write(tmp_path / "a", __init____py="AI_COMMAND_HANDLERS = {'run': print}")
    discovery = Discovery(listing(Candidate("a", str(folder), True)), {})
    while not discovery.work(0.0):
        pass
    first = discovery.messages("4.5")
    monkeypatch.setattr(discover, "hash_files", None)
    while not discovery.work(10.0):
        pass
    assert discovery.messages("4.5") == first
    assert discovery.addons[0].declared == ["run"]
    assert discovery.is_unchanged(discovery.addons[0])
    os.utime(folder / "__init__.py", ns=(1, 1))
    assert not discovery.is_unchanged(discovery.addons[0])


def test_surveys_have_a_pause(monkeypatch):
    monkeypatch.setattr(discover, "_STEP_AT_REST", float("inf"))
    monkeypatch.setattr(discover, "_STEP_SECONDS", float("inf"))
    discovery = Discovery(listing(), {})
    assert [discovery.work(now) for now in (5.0, 5.1, 6.9, 7.0)] == [True, False, False, True]


def test_surveys_that_nobody_awaits_have_short_steps(monkeypatch):
    seconds = []

    def slice_of(length):
        seconds.append(length)
        return Slice()

    monkeypatch.setattr(discover, "Slice", slice_of)
    discovery = Discovery(listing(), {})
    for now in (5.0, 7.0, 9.0):
        assert discovery.work(now)
    discovery.survey_soon()
    assert discovery.work(9.1)
    assert seconds == [0.001, 0.00015, 0.00015, 0.001]


def test_loaded_code_must_be_that_of_the_folder(tmp_path):
    folder = write(tmp_path / "a", __init____py="x = 1", part__py="y = 1")
    modules = {}
    for name, file in (("a", "__init__.py"), ("a.part", "part.py"), ("ab", "part.py")):
        modules[name] = types.ModuleType(name)
        modules[name].__file__, modules[name].__spec__ = str(folder / file), object()
    modules["a.odd"] = None
    discovery = Discovery(listing(Candidate("a", str(folder), True)), modules)

    def problem():
        discovery.survey_soon()
        while not discovery.work(0.0):
            pass
        found = discovery.addons[0].problem
        return found and (found.code, found.location)

    assert problem() is None
    (folder / "part.py").write_text("y = 22")
    assert problem() == ("VS-9105", "part.py")
    assert problem() == ("VS-9105", "part.py")
    modules["a.part"].__spec__ = object()  # loaded again
    assert problem() is None


def test_long_lists_are_sent_in_parts(tmp_path, monkeypatch):
    folders = [write(tmp_path / f"a{number}") for number in range(5)]
    discovery = Discovery(listing(*(Candidate(each.name, str(each), True) for each in folders)), {})
    while not discovery.work(0.0):
        pass
    monkeypatch.setattr(discover, "_PART_BYTES", 2_500)
    messages = discovery.messages("4.5")
    assert [len(each["addons"]) for each in messages] == [2, 2, 1]
    assert [each["last"] for each in messages] == [False, False, True]
    assert messages[0]["enabled_addons"] == ["a0", "a1", "a2", "a3", "a4"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("AI_COMMAND_HANDLERS = {'b': 1, 'a': f, 3: g, x: y, **z}", ["a", "b"]),
        ("AI_COMMAND_HANDLERS: dict = {'a': 1}", ["a"]),
        ("if x:\n    AI_COMMAND_HANDLERS = {'a': 1}", []),
        ("AI_COMMAND_HANDLERS = make()", []),
        ("OTHER = {'a': 1}", []),
        ("AI_COMMAND_HANDLERS = {'" + "a" * 65 + "': 1}", []),
        ("def broken(", []),
        ("x = '\\d'; AI_COMMAND_HANDLERS = {'a': 1}", ["a"]),
        ("(" * 5_000, []),
        ("-" * 100_000 + "1", []),
        ("\0", []),
    ],
    ids=lambda each: None if isinstance(each, list) else each[:30].replace("\0", "nul"),
)
def test_handlers_are_read_from_the_source(source, expected, recwarn):
    assert handlers.declared_names(source.encode()) == expected
    assert not recwarn


def test_handler_is_looked_up_in_a_plain_table_alone():
    module = types.ModuleType("m")
    for table in (None, [1], types.MappingProxyType({"run": print}), type("D", (dict,), {})(run=print)):
        module.AI_COMMAND_HANDLERS = table
        with pytest.raises(handlers.HandlerMissing) as caught:
            handlers.find_handler(module, "run")
        assert not caught.value.has_table
    module.AI_COMMAND_HANDLERS = {"run": print, "odd": 3}
    assert handlers.find_handler(module, "run") is print
    for name in ("odd", "__class__", "missing"):
        with pytest.raises(handlers.HandlerMissing) as caught:
            handlers.find_handler(module, name)
        assert caught.value.has_table


def test_files_of_a_folder_are_listed_in_steps(tmp_path):
    folder = write(tmp_path / "a")
    for number in range(300):
        (folder / f"f{number}").write_bytes(b"")
    steps = digest.list_files(str(folder))
    assert sum(1 for _ in steps) >= 4
    assert len(finish(digest.list_files(str(folder)))) == 301
    with pytest.raises((SyncError, OSError)):
        finish(digest.list_files(str(tmp_path / "missing")))


def test_nothing_is_loaded_by_a_survey(tmp_path):
    folder = write(tmp_path / "never_loaded", __init____py="raise SystemExit")
    before = set(sys.modules)
    assert survey(folder)["problem"] is None
    assert set(sys.modules) - before == set()
