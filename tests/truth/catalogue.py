"""Loads the catalogue of a Blender for the generator of graphs."""

import csv
import json
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "crates" / "graph" / "catalogues"


class Catalogue:
    """nodes.json and socket_compat.csv of one version."""

    def __init__(self, folder):
        document = json.loads((folder / "nodes.json").read_text("utf-8"))
        self.version = document["blender"]
        self.reports_errors = self.version >= "4.3"
        self.geometry_first = document["geometry_first"]
        self.field_types = document["field_types"]
        self.nodes = {node["identifier"]: node for node in document["nodes"]}
        with (folder / "socket_compat.csv").open(encoding="utf-8", newline="") as file:
            self.pairs = {(row["from"], row["to"]) for row in csv.DictReader(file)}
        self.types = sorted({start for start, _ in self.pairs} | {end for _, end in self.pairs})

    def sockets(self, node, values):
        """Returns (inputs, outputs) of a node for values of its deciding properties."""
        if "variants" not in node:
            return node["inputs"], node["outputs"]
        for one in node["variants"]["sets"]:
            if values in one["when"]:
                return [node["inputs"][at] for at in one["inputs"]], [node["outputs"][at] for at in one["outputs"]]
        raise KeyError(f"{node['identifier']} {values}")


def load(version):
    """Returns the catalogue of a version like 4.5.15 or 4.5."""
    return Catalogue(FOLDER / ".".join(version.split(".")[:2]))
