# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares suggested frames with the golden ones, which Rust reproduces too."""

import json
from pathlib import Path

import pytest
from vibesync.core.graph import framing

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "framing.json").read_text(encoding="utf-8"))


def test_each_node_type_has_the_golden_role():
    assert {name: framing.role(name) for name in GOLDEN["roles"]} == GOLDEN["roles"]


@pytest.mark.parametrize("strategy", framing.STRATEGIES)
@pytest.mark.parametrize("entry", GOLDEN["graphs"])
def test_frames_match_the_golden_ones(entry, strategy):
    graph = entry["graph"]
    nodes = {node["id"]: node["type"] for node in graph["nodes"]}
    reroutes = {name for name, node_type in nodes.items() if node_type == "NodeReroute"}
    before = {link["to"]: link["from"] for link in graph["links"] if link["to"] in reroutes}
    links = []
    for link in graph["links"]:
        start = link["from"]
        while start in before:
            start = before[start]
        links.append((start, link["to"]))
    free = {name: node_type for name, node_type in nodes.items() if name not in reroutes}
    assert framing.suggest(free, links, strategy) == entry[strategy]
