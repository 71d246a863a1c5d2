# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that a file is unchanged after a graph build fails at any moment."""

import itertools
import os
import sys
from pathlib import Path

import bpy
import pytest
import vibesync.core.graph
import vibesync.graph
from digest import digest
from graphs import HERE, example, thing
from vibesync.core.pace import Slice
from vibesync.core.sync_error import SyncError
from vibesync.graph.build import build, build_steps
from vibesync.graph.inputs import Inputs

FOLDERS = tuple(str(Path(package.__file__).parent) for package in (vibesync.graph, vibesync.core.graph))
EVERY = int(os.environ.get("VIBESYNC_FAULTS_EVERY", "211"))  # of all lines that run


class Fault(Exception):
    """The injected fault."""


class FaultInjection:
    """Raises before the n-th line that runs in the builder; only counts lines if n is None."""

    def __init__(self, number=None):
        self.number = number
        self.count = 0
        self.first_counts = {}

    def __enter__(self):
        sys.settrace(self._call)
        return self

    def __exit__(self, *_):
        sys.settrace(None)

    def _call(self, frame, _event, _argument):
        return self._line if frame.f_code.co_filename.startswith(FOLDERS) else None

    def _line(self, frame, event, _argument):
        if event == "line":
            self.count += 1
            self.first_counts.setdefault((frame.f_code.co_filename, frame.f_lineno), self.count)
            if self.count == self.number:
                sys.settrace(None)
                raise Fault(f"planted before {frame.f_code.co_filename}:{frame.f_lineno}")
        return self._line


SMALL = {
    "blender": HERE,
    "name": "Small",
    "inputs": [{"name": "Count", "type": "NodeSocketInt", "default": 3, "min": 1}],
    "outputs": [{"name": "Geometry", "type": "NodeSocketGeometry"}],
    "nodes": [
        {"id": "in", "type": "NodeGroupInput"},
        {"id": "first", "type": "GeometryNodeRepeatInput", "pair": "last"},
        {"id": "line", "type": "GeometryNodeMeshLine"},
        {"id": "join", "type": "GeometryNodeJoinGeometry"},
        {"id": "last", "type": "GeometryNodeRepeatOutput", "items": [{"name": "Line", "type": "NodeSocketGeometry"}]},
        {"id": "out", "type": "NodeGroupOutput", "label": "Out"},
    ],
    "links": [
        {"from": "in", "from_socket": "Count", "to": "first", "to_socket": "Iterations"},
        {"from": "first", "from_socket": "Line", "to": "join", "to_socket": "Geometry"},
        {"from": "line", "from_socket": "Mesh", "to": "join", "to_socket": "Geometry"},
        {"from": "join", "from_socket": "Geometry", "to": "last", "to_socket": "Line"},
        {"from": "last", "from_socket": "Line", "to": "out", "to_socket": "Geometry"},
    ],
    "node_settings": {"line": {"mode": "END_POINTS", "Count": 5}},
    "frames": [
        {
            "id": "zone",
            "label": "Zone",
            "color": [0.5, 0.25, 0.75, 0.5],
            "nodes": ["join"],
            "text": "why",
            "parent": "all",
        },
        {"id": "all", "label": "All", "nodes": ["line"]},
    ],
}


def scene():
    """Returns an object whose modifier has its own group, a changed input, bake settings, and an open panel; also makes
    an unused group."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    item = thing()
    baked = example("scatter")
    baked["nodes"].append({"id": "bake", "type": "GeometryNodeBake"})
    old = build({**baked, "name": "Old"}, item)
    old.interface.new_panel("Panel", default_closed=True)
    (bake,) = item.modifiers[0].bakes
    item.modifiers[0].panels[0].is_open = True
    bake.use_custom_path, bake.directory, bake.frame_start = True, "//baked", 7
    old["uuid"] = "0191aaaa-0000-4000-8000-000000000001"
    Inputs(item.modifiers[0]).write("Count", 5)
    bpy.data.node_groups.new("Geometry Nodes", "GeometryNodeTree")
    bpy.context.view_layer.update()
    return item


def bare_object():
    """Returns an object without modifiers."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return thing()


def no_object():
    """Prepares a build without an object."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def lines_until_removal(item, files):
    """Returns the count at the final removal, which can't be rolled back, and the count at the first run of each line.

    Only lines of `files` that run before the removal are listed.
    """
    with FaultInjection() as counted:
        build(SMALL, item)
    (end,) = [count for (path, line), count in counted.first_counts.items() if "batch_remove" in source(path, line)]
    wanted = [count for (path, _), count in counted.first_counts.items() if path.endswith(files)]
    return end, [count for count in wanted if count <= end]


def source(path, line):
    return Path(path).read_text("utf-8").splitlines()[line - 1]


@pytest.mark.parametrize(
    ("make", "files"), [(scene, ".py"), (bare_object, ("build.py", "group_replacement.py", "dry_run.py"))]
)
def test_file_is_unchanged_after_a_fault_at_any_line(make, files):
    end, firsts = lines_until_removal(make(), files)
    item = make()
    before = digest()
    again = range(1, end, EVERY) if files == ".py" else ()
    for number in sorted({*firsts, *again}):
        with pytest.raises((SyncError, Fault), match="planted") as caught, FaultInjection(number):
            build(SMALL, item)
        assert digest() == before, caught.value
    build(SMALL, item)
    assert digest() != before


@pytest.mark.parametrize("end", ["close", "throw"])
@pytest.mark.parametrize("make", [scene, bare_object, no_object])
def test_file_is_unchanged_when_a_build_ends_at_any_step(make, end):
    item = make()
    before = digest()
    steps = 1
    while True:
        building = build_steps(SMALL, item, slice_=Slice())
        taken = sum(1 for _ in itertools.islice(building, steps))
        if taken < steps:
            break
        if end == "close":
            building.close()
        else:
            with pytest.raises(SyncError, match="planted"):
                building.throw(RuntimeError("planted"))
        assert digest() == before, steps
        steps += 1
    assert steps > len(SMALL["nodes"]) + len(SMALL["links"]) and digest() != before


def test_sliced_build_ends_when_its_group_vanishes():
    item = scene()
    slice_ = Slice()
    for _ in build_steps(SMALL, item, slice_=slice_):
        slice_.begin(1.0)
    assert item.modifiers[0].node_group.name == "Small"
    building = build_steps({**SMALL, "name": "Other"}, item, slice_=slice_)
    for _ in range(9):
        next(building)
    slice_.begin(1.0)
    (unfinished,) = [group for group in bpy.data.node_groups if group.name.startswith(".vibesync")]
    bpy.data.node_groups.remove(unfinished)
    before = digest()
    with pytest.raises(SyncError, match="VS-7005"):
        next(building)
    assert digest() == before
