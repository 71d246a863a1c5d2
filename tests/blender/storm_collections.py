# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of collections, as a part of the storm."""

import sys
from pathlib import Path

from conftest import update
from test_collections import new_collection
from vibesync.blender import scenes
from vibesync.core.components import ABSENT, same_component

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
import collection_edits as edits
import plain_collections


class CollectionEdits:
    """The edits of a simulated user that concern collections."""

    weights = {
        "group": 6,
        "nest": 4,
        "edit_collection": 3,
        "ungroup": 2,
        "copy_collection": 3,
        "instance": 6,
        "render": 4,
        "remote_collection": 5,
    }

    def group(self):
        return edits.group(self.chance, self.any())

    def nest(self):
        return edits.nest(self.chance, self.any())

    def edit_collection(self):
        return edits.edit(self.chance, self.any())

    def ungroup(self):
        return edits.ungroup(self.chance, self.any())

    def copy_collection(self):
        return edits.copy(self.chance, self.any())

    def instance(self):
        return edits.instance(self.chance, self.any())

    def render(self):
        return edits.render(self.chance, self.any())

    def remote_collection(self):
        """Applies a batch of the other side: collections change their places, and objects theirs."""
        self.rest()
        entries = self.harness.bridge.replica.entries
        known = sorted(uuid for uuid, entry in entries.items() if entry.kind == "collection")
        changes = []
        if len(known) < edits.MOST:
            changes.append(new_collection(self.chance.choice(edits.NAMES)))
            known.append(changes[0]["uuid"])
        # Those in front are never in those behind, so there is no circle.
        order = self.chance.sample(known, len(known))
        for at, uuid in enumerate(order):
            if uuid in entries:
                parents = sorted(self.chance.sample(order[:at], min(at, self.chance.randrange(3))))
                fields = {"parents": parents, "root": not parents, "color": self.chance.choice(("none", "blue"))}
                seen = entries[uuid].last_seen["collection"]
                changes.append(update(uuid, collection={**seen, **fields}))
            else:
                changes[0]["components"]["collection"].update(parents=order[:at][:1], root=not at)
        rank = {uuid: at for at, uuid in enumerate(order)}
        some = self.chance.sample(self.items, min(3, len(self.items)))
        shown = [
            item for item in self.items if entries[item["uuid"]].last_seen.get("instance", ABSENT["instance"])["of"]
        ]
        for item in dict.fromkeys((*some, *shown)):
            inside = sorted(self.chance.sample(known, min(len(known), self.chance.randrange(3))))
            # An object shows a collection behind all that it is in.
            behind = [uuid for uuid in known if all(rank[uuid] > rank[each] for each in inside)]
            components = {"collections": {"in": inside, "root": not inside}}
            components["instance"] = {"of": self.chance.choice([None, *behind])}
            components["render_visibility"] = {"visible": self.chance.random() < 0.5}
            changes.append(update(item["uuid"], **components))
        before = self.harness.intents()
        results, _ = self.harness.apply(*changes)
        for change, result in zip(changes, results, strict=True):
            assert result["status"] == "applied", result["error"]
            for name, wanted in change["components"].items():
                read = result["state"]["components"].get(name, ABSENT.get(name))
                assert same_component(name, wanted, read), (change, result)
        self.harness.settle()
        back = self.sent_back(before, changes)
        assert not back, f"sent back: {back} after {changes}"


def check_collections(scan, here, seed):
    """Checks what the addon has read of collections, links and instances against a reader of its own."""
    scene = scenes.synced_scene()
    for uuid, collection in scan.data["collection"].items():
        if uuid in here:
            check(uuid, plain_collections.of_collection(collection, scene), here, seed)
    for item in scene.objects:
        check(item["uuid"], plain_collections.of_object(item, scene), here, seed)


def check(uuid, shown, here, seed):
    for name, value in shown.items():
        assert same_component(name, value, here[uuid][name]), f"{seed}: {uuid} {value} {here[uuid]}"
