# SPDX-License-Identifier: GPL-3.0-or-later
"""Capability add-ons are found in a real Blender while it runs, and nothing of them runs for it."""

import sys

import addon_utils
import bpy
from capability_addons import tool

HANDLERS = "def run(**kwargs): return 1\nAI_COMMAND_HANDLERS = {'run': run, 'more': run}\n"


def lists(harness):
    return len(harness.daemon.of_type("capabilities"))


def test_no_addons_are_no_error(harness, addons):
    [first] = harness.wait(lambda: harness.daemon.of_type("capabilities"))[:1]
    assert first.header["addons"] == [] and first.header["last"] is True
    assert first.header["editor_version"] == bpy.app.version_string
    assert harness.daemon.of_type("error") == []


def test_daemon_that_does_not_offer_the_feature_hears_nothing(harness):
    harness.connect()
    for _ in range(50):
        harness.pump()
    assert lists(harness) == 0
    assert "features" not in harness.daemon.of_type("hello")[0].header
    harness.daemon.send({"type": "command_end", "request_id": "x", "keep": True})
    error = harness.wait(lambda: harness.daemon.of_type("error"))[0].header
    assert error["code"] == "VS-1005"


def test_list_follows_enabling_and_disabling(harness, addons):
    assert harness.daemon.of_type("hello")[-1].header["features"] == ["capabilities"]
    name = addons.add(HANDLERS, [tool("run")])
    entry = addons.listed()[name]
    assert entry["declared"] == ["more", "run"]
    assert (entry["files"], entry["problem"], entry["folder"]) == (2, None, str(addons.folder / name))
    assert len(entry["manifest_sha256"]) == len(entry["code_sha256"]) == 64
    assert name in harness.daemon.of_type("capabilities")[-1].header["enabled_addons"]
    count = lists(harness)
    for _ in range(100):
        harness.pump()
    assert lists(harness) == count
    addons.disable(name)
    harness.wait(lambda: name not in addons.listed())


def test_call_of_a_disabled_addon_is_refused(harness, addons):
    name = addons.add(HANDLERS, [tool("run")])
    harness.bridge.calls.discovery.interval = 1_000.0  # the call itself notices
    addons.disable(name)
    request_id = addons.send(name)
    answer = harness.wait(lambda: addons.answers(request_id))[0]
    assert answer["code"] == "VS-9102"


def test_list_is_sent_again_after_a_reconnect(harness, addons):
    name = addons.add(HANDLERS, [tool("run")])
    count = lists(harness)
    harness.daemon.drop()
    harness.wait(lambda: lists(harness) > count)
    assert name in addons.listed()
    assert addons.call(name)["code"] is None


def test_bad_addon_stands_beside_a_good_one(harness, addons):
    good = addons.add(HANDLERS, [tool("run")])
    bad = addons.write("def oh no(", [tool("run")])
    (addons.folder / bad / "addon_ai.json").write_bytes(b"\xff\xfe broken")
    (addons.folder / bad / "__init__.py").write_text("bl_info = {'name': 'Bad'}\ndef register(): pass\n")
    addons.enable(bad)
    harness.wait(lambda: bad in addons.listed())
    problem = addons.listed()[bad]["problem"]
    assert (problem["code"], problem["location"]) == ("VS-9101", "addon_ai.json byte 0")
    assert addons.listed()[good]["problem"] is None
    assert addons.call(good)["result"]["data"] == 1


def test_addon_that_is_not_enabled_is_listed_and_not_imported(harness, addons, monkeypatch):
    monkeypatch.setattr(addon_utils, "paths", lambda: [str(addons.folder)])
    name = addons.write("raise SystemExit('imported')", [tool("run")])
    harness.wait(lambda: name in addons.listed())
    assert addons.listed()[name]["enabled"] is False
    assert addons.listed()[name]["declared"] == []
    assert name not in sys.modules
    assert name not in [each.module for each in bpy.context.preferences.addons]


def test_enabled_addon_that_is_not_loaded_is_not_imported(harness, addons):
    name = addons.write("raise SystemExit('imported')", [tool("run")])
    bpy.context.preferences.addons.new().module = name
    discovery = harness.bridge.calls.discovery
    before = discovery.enabled
    addons.add(HANDLERS, [tool("run")])
    assert name not in addons.listed() and name not in sys.modules and before is not None


def test_changed_files_are_refused_until_they_are_loaded(harness, addons):
    name = addons.add(HANDLERS, [tool("run")])
    old = addons.listed()[name]
    assert addons.call(name)["code"] is None
    harness.bridge.calls.discovery.interval = 1_000.0  # the call itself notices
    path = addons.folder / name / "helper.py"
    path.write_text("x = 1")
    assert addons.call(name)["code"] == "VS-9105"
    harness.bridge.calls.discovery.interval = 0.02
    harness.wait(lambda: addons.listed()[name]["code_sha256"] != old["code_sha256"])
    old_digests = {"code_sha256": old["code_sha256"]}
    assert addons.call(name, **old_digests)["code"] == "VS-9105"
    assert addons.call(name)["code"] is None  # a new file that is not loaded


def test_code_that_is_not_the_loaded_one_is_refused(harness, addons):
    name = addons.add(HANDLERS, [tool("run")])
    source = addons.folder / name / "__init__.py"
    source.write_text(source.read_text().replace("return 1", "return 22"))
    harness.wait(lambda: addons.listed()[name]["problem"])
    problem = addons.listed()[name]["problem"]
    assert (problem["code"], problem["location"]) == ("VS-9105", "__init__.py")
    assert addons.call(name)["code"] == "VS-9105"
    addons.disable(name)
    addons.enable(name)  # Blender loads a changed file again
    harness.wait(lambda: addons.listed().get(name, {}).get("enabled") and not addons.listed()[name]["problem"])
    assert addons.call(name)["result"]["data"] == 22
