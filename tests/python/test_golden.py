# SPDX-License-Identifier: GPL-3.0-or-later
"""Reproduces the golden vectors, as Rust and C# do."""

import copy
import functools
import hashlib
import importlib.util
import json
import math
import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from vibesync.core import actions, frames, maps, shapes, space
from vibesync.core.components import COMPONENTS, KINDS, check_component, same_component
from vibesync.core.discovery import Discovery, parse_discovery, runtime_folders
from vibesync.core.equality import same_rotation
from vibesync.core.frame import MAX_FRAME, FrameDecoder, encode
from vibesync.core.frames import Frame, Place
from vibesync.core.handshake import client_proof, daemon_proof, parse_token
from vibesync.core.mesh import clean, swap_axes
from vibesync.core.mesh_patch import make_patch
from vibesync.core.pick_project import pick_project
from vibesync.core.sync_error import SyncError

GOLDEN = Path(__file__).parents[1] / "golden"


def read(name):
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def by_name(entries):
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


@pytest.mark.parametrize("entry", by_name(read("frames.json")["valid"]))
def test_valid_frame_is_decoded(entry):
    attachments = [bytes.fromhex(part) for part in entry["attachments"]]
    header = json.loads(entry["header"])
    decoder = FrameDecoder()
    decoder.max_frame = MAX_FRAME
    for byte in bytes.fromhex(entry["frame"]):
        assert decoder.next() is None
        decoder.feed(bytes([byte]))
    frame = decoder.next()
    assert frame.header == header
    assert frame.attachments == attachments
    decoder.end()
    header.pop("attachments", None)
    assert b"".join(encode(header, attachments)).hex() == entry["frame"]


@pytest.mark.parametrize("entry", by_name(read("frames.json")["invalid"]))
def test_invalid_frame_is_refused(entry):
    decoder = FrameDecoder()
    if entry["limits"] == "session":
        decoder.max_frame = MAX_FRAME
    decoder.feed(bytes.fromhex(entry["frame"]))
    with pytest.raises(SyncError) as caught:
        while decoder.next() is not None:
            pass
        decoder.end()
    assert caught.value.code == entry["code"]


@pytest.mark.parametrize("entry", read("digests.json")["auth"])
def test_proofs_match_the_golden_ones(entry):
    key = parse_token(entry["token"])
    rest = (entry["daemon_nonce"], entry["client_nonce"], entry["project_id"])
    assert client_proof(key, *rest) == entry["client_proof"]
    assert daemon_proof(key, *rest) == entry["daemon_proof"]


@pytest.mark.parametrize("entry", by_name(read("digests.json")["buffers"]))
def test_buffers_match_the_golden_ones(entry):
    data = clean(np.array(entry["values"], np.float32 if entry["type"] == "float32" else np.uint32)).tobytes()
    assert data.hex() == entry["bytes"]
    assert hashlib.sha256(data).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", by_name(read("maps.json")["cases"]))
def test_maps_match_the_golden_ones(entry):
    same = read("maps.json")["map"]
    value = {**maps.EMPTY, entry["field"]: {**same, **entry["change"]}}
    if entry["accepted"]:
        check_component("maps", value, "maps")
        assert same_component("maps", {**maps.EMPTY, "base_color": same}, value) == entry["equal"]
        return
    with pytest.raises(SyncError):
        check_component("maps", value, "maps")


def read_action(entry):
    vectors = copy.deepcopy(read("actions.json"))
    action = vectors["action"]
    for path, value in entry["set"]:
        holder = action
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
    keys = b"".join(struct.pack("<6fI", *key[:6], int(key[6])) for key in entry.get("keys", vectors["keys"]))
    samples = entry.get("samples", vectors["samples"])
    attachments = [keys, struct.pack(f"<{len(samples)}f", *samples)]
    names = enumerate(("keys", "samples"))
    action["buffers"] = {name: {"attachment": at, "bytes": len(attachments[at])} for at, name in names}
    return actions.unpack(action, attachments, "action")


@pytest.mark.parametrize("entry", by_name(read("actions.json")["cases"]))
def test_actions_match_the_golden_ones(entry):
    if entry["accepted"]:
        assert read_action({"set": []}).is_same(read_action(entry)) == entry["equal"]
        return
    with pytest.raises(SyncError):
        read_action(entry)


@pytest.mark.parametrize("entry", read("coordinates.json")["blender"])
def test_coordinates_match_the_golden_ones(entry):
    native, canonical, unit = entry["native"], entry["canonical"], entry["unit_scale"]
    assert space.point_to_canonical(native["translation"], unit) == pytest.approx(canonical["translation"], abs=1e-9)
    assert space.point_to_blender(canonical["translation"], unit) == pytest.approx(native["translation"], abs=1e-9)
    assert space.scale_swapped(native["scale"]) == pytest.approx(canonical["scale"], abs=1e-9)
    assert space.scale_swapped(canonical["scale"]) == pytest.approx(native["scale"], abs=1e-9)
    for got, wanted in (
        (space.rotation_to_canonical(native["rotation"]), canonical["rotation"]),
        (space.rotation_to_blender(canonical["rotation"]), native["rotation"]),
    ):
        length = math.hypot(*wanted)  # the vectors have six digits, and the formulas normalize
        sign = math.copysign(1.0, sum(a * b for a, b in zip(got, wanted, strict=True)))
        assert got == pytest.approx([sign * part / length for part in wanted], abs=1e-9)


@pytest.mark.parametrize("entry", read("runtime-paths.json"))
def test_runtime_folders_match_the_golden_ones(entry):
    if entry["paths"]:
        assert runtime_folders(entry["env"], entry["os"]) == entry["paths"]
        return
    with pytest.raises(SyncError) as caught:
        runtime_folders(entry["env"], entry["os"])
    assert caught.value.code == "VS-6005"


@pytest.mark.parametrize("entry", by_name(read("pick-project.json")))
def test_choice_of_the_project_matches_the_golden_one(entry):
    daemons = [Discovery(each["project_id"], each["project_root"], "127.0.0.1", 1, "t") for each in entry["announced"]]
    links = entry["links"]
    picked = pick_project(daemons, entry["id"], entry["file"], entry["os"], lambda path: links.get(path, path))
    assert (picked and picked.project_id) == entry["picked"]


@pytest.mark.parametrize("entry", by_name(read("pick-project.json")))
def test_example_client_makes_the_golden_choice(entry):
    links = entry["links"]
    picked = example_client().pick_project(
        entry["announced"], entry["id"], entry["file"], entry["os"], lambda path: links.get(path, path)
    )
    assert (picked and picked["project_id"]) == entry["picked"]


@pytest.mark.parametrize("entry", read("runtime-paths.json"))
def test_example_client_looks_in_the_golden_folders(entry, monkeypatch):
    client = example_client()
    platform = {"windows": "win32", "macos": "darwin", "unix": "linux"}[entry["os"]]
    monkeypatch.setattr(client, "sys", SimpleNamespace(platform=platform))
    monkeypatch.setattr(client, "os", SimpleNamespace(environ=entry["env"]))
    spelled = [str(path).replace("/", "\\") if platform == "win32" else str(path) for path in client.runtime_folders()]
    assert spelled == entry["paths"]


@functools.cache
def example_client():
    spec = importlib.util.spec_from_file_location("example_client", GOLDEN.parents[1] / "docs/examples/client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("file", "is_inside"),
    [
        ("C:\\users\\Jörg Müller\\Käfer 日本\\robot arm\\arm.blend", True),
        ("c:\\Users\\jörg müller\\käfer 日本\\Robot Arm\\parts\\arm.blend", True),
        ("C:/users/Jörg Müller/Käfer 日本/robot arm/arm.blend", True),
        ("C:\\users\\Jörg Müller\\Käfer 日本\\robot arms\\arm.blend", False),
        ("D:\\users\\Jörg Müller\\Käfer 日本\\robot arm\\arm.blend", False),
    ],
)
def test_file_is_found_in_the_project_announced_on_windows(file, is_inside):
    text = (GOLDEN / "windows-discovery.json").read_text("utf-8")
    daemon = parse_discovery(text)
    assert daemon.token_path == "C:\\users\\Jörg Müller\\AppData\\Local\\vibesync\\run\\token"
    other = parse_discovery(
        text.replace("robot arm", "other").replace(daemon.project_id, "01920000-0000-7000-8000-0000000000ff")
    )
    picked = pick_project([other, daemon], None, file, "windows", lambda path: path)
    assert picked == (daemon if is_inside else None)


@pytest.mark.parametrize("entry", by_name(each for each in read("patches.json")["patches"] if each["result"]))
def test_patch_has_the_words_that_differ(entry):
    base = np.frombuffer(bytes.fromhex(read("patches.json")["base"]), "<u4")
    changed = np.frombuffer(bytes.fromhex(entry["result"]), "<u4")
    assert make_patch(base, changed).hex() == entry["patch"]


@pytest.mark.parametrize("entry", read("object_frames.json")["blender"])
def test_object_frames_match_the_golden_ones(entry):
    frame = Frame(entry["kind"] != "object", entry["parent"] != "object")
    unit, native, canonical = entry["unit_scale"], entry["native"], entry["canonical"]
    place = Place(tuple(native["translation"]), tuple(native["rotation"]), tuple(native["scale"]))
    found = frames.to_canonical(place, unit, frame)
    assert found["translation"] == pytest.approx(canonical["translation"], abs=1e-9)
    assert found["scale"] == pytest.approx(canonical["scale"], abs=1e-9)
    assert same_rotation(found["rotation"], canonical["rotation"])
    again = frames.to_blender(canonical, unit, frame)
    assert again.location == pytest.approx(native["translation"], abs=1e-9)
    assert again.scale == pytest.approx(native["scale"], abs=1e-9)
    assert same_rotation(again.rotation, native["rotation"])


def test_components_are_those_of_the_table():
    table = {entry["name"]: entry for entry in read("components.json")["components"]}
    assert set(table) == {*COMPONENTS, "prefab"}, "the component of Unity alone"
    for name, kind in COMPONENTS.items():
        entry = table[name]
        assert set(kind.kinds) == set(entry["on"]) & set(KINDS), name
        assert kind.absent == entry["absent"], name
        assert kind.is_previewed == entry["previewed"], name
        assert (kind.is_same is not None) == (entry["equality"] in ("near", "graph")), name


@pytest.mark.parametrize("entry", by_name(read("shapes.json")["cases"]))
def test_shape_keys(entry):
    attachments = [memoryview(bytes.fromhex(entry[name])) for name in ("delta", "vertex")]
    buffers = {
        name: {"attachment": place, "bytes": len(attachments[place])} for place, name in enumerate(("delta", "vertex"))
    }
    component = {**entry["component"], "buffers": buffers}
    if entry.get("refused"):
        with pytest.raises(SyncError):
            shapes.unpack(component, attachments, "shapes")
        return
    keys = shapes.unpack(component, attachments, "shapes")
    weights = [entry["values"].get(key.name, 0.0) for key in keys.keys]
    moved = sum(weight * deltas for weight, deltas in zip(weights, keys.delta, strict=True))[keys.vertex]
    assert moved.tolist() == entry["canonical"]
    assert swap_axes(moved, 1.0, to_canonical=False).tolist() == entry["blender"]
    again = []
    assert keys.pack(again) == component
    assert [bytes(each) for each in again] == [bytes(each) for each in attachments]
