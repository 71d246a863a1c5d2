# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue in the repository is what this Blender says of its own nodes, byte for byte."""

import json
import sys
from pathlib import Path

import bpy
import pytest

CATALOGUES = Path(__file__).parents[2] / "crates" / "graph" / "catalogues"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder that the generator fills, and the one in the repository."""
    sys.path.insert(0, str(CATALOGUES / "generate"))
    from document import write

    bpy.ops.wm.read_factory_settings(use_empty=True)
    folder = tmp_path_factory.mktemp("catalogue")
    write(folder)
    return folder, CATALOGUES / f"{bpy.app.version[0]}.{bpy.app.version[1]}"


def test_nodes_are_what_this_blender_says(made):
    here, kept = ((folder / "nodes.json").read_text("utf-8").splitlines() for folder in made)
    differ = [(ours, theirs) for ours, theirs in zip(kept, here, strict=False) if ours != theirs]
    assert not differ, differ[0]
    assert len(here) == len(kept)


def test_links_are_what_this_blender_says(made):
    here, kept = ((folder / "socket_compat.csv").read_bytes() for folder in made)
    assert here == kept


def test_node_types_are_those_that_a_geometry_tree_takes(made):
    nodes = json.loads((made[0] / "nodes.json").read_text("utf-8"))["nodes"]
    tree = bpy.data.node_groups.new("Test", "GeometryNodeTree")
    for node in nodes:
        tree.nodes.new(node["identifier"])
    names = [node["identifier"] for node in nodes]
    assert names == sorted(set(names))
    for name in ("ShaderNodeMath", "NodeGroupInput", "GeometryNodeRepeatInput", "FunctionNodeCompare"):
        assert name in names
    assert "ShaderNodeBsdfPrincipled" not in names
