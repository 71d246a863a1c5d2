# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies a batch to the scene: all or nothing, in one named undo step.

The only changes left out are those of entities that the user has deleted meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from heapq import merge

import bpy

from ..core import actions, images, shapes, weights
from ..core.mesh import unpack_steps
from ..core.pace import Slice, Steps, parts
from ..core.references import references
from ..core.sync_error import SyncError
from . import collection_values, data_kinds, instance_values
from .dirty_set import CHANGES, DirtySet
from .entity_write import EntityWriter
from .graph_port import GraphPort
from .scene_lookup import SceneLookup
from .sent_bulk import SentBulk
from .snapshot import Snapshot
from .undo import push_undo

_SORTED_AT_ONCE = 1_000  # names; takes a millisecond


class Batch:
    """One batch that is being applied, in as many slices as necessary.

    `applying` collects the entities that it has begun. `was_deleted` tells whether the user deleted an entity that the
    scene lacks since the batch began.
    """

    def __init__(
        self,
        changes: list[dict],
        attachments: list,
        lookup: SceneLookup,
        graphs: GraphPort,
        slice_: Slice,
        dirty_set: DirtySet,
        applying: set[str],
        was_deleted: Callable[[str], bool],
    ) -> None:
        self.failed: dict[str, SyncError] = {}
        self.steps_done = 0
        self.steps_total = 3 * len(changes) or 1
        self.lookup = lookup
        self._changes = changes
        self._attachments = attachments
        self._graphs = graphs
        self._placement = graphs.begin(slice_)
        self._dirty_set = dirty_set
        self._applying = applying
        self._was_deleted = was_deleted
        self._writer = EntityWriter(lookup)
        self._undo_label: str | None = None  # while the scene holds changes without an undo step
        self._deleted: set[str] = set()

    def sent_bulk(self, uuid: str) -> SentBulk:
        """Returns the bulk data that the batch contains for this entity."""
        writer = self._writer
        parts = (writer.meshes, writer.files, writer.shapes, writer.skins.weights, writer.kept, writer.actions.wanted)
        return SentBulk(*(each.get(uuid) for each in parts))

    def run(self, label: str) -> Steps[None]:
        """Applies all changes. Raises SyncError after restoring the scene."""
        for number, change in enumerate(self._changes):
            components, location = change.get("components", {}), f"changes[{number}].components"
            if "mesh" in components:
                mesh = yield from unpack_steps(components["mesh"], self._attachments, f"{location}.mesh")
                self._writer.meshes[change["uuid"]] = mesh
            if "shapes" in components:
                keys = shapes.unpack(components["shapes"], self._attachments, f"{location}.shapes")
                self._writer.shapes[change["uuid"]] = keys
            if "weights" in components:
                groups = weights.unpack(components["weights"], self._attachments, f"{location}.weights")
                self._writer.skins.weights[change["uuid"]] = groups
            if "image" in components:
                file = images.unpack(components["image"], self._attachments, f"{location}.image")
                self._writer.files[change["uuid"]] = file
            if "action" in components:
                action = actions.unpack(components["action"], self._attachments, f"{location}.action")
                self._writer.actions.wanted[change["uuid"]] = action
            yield
        self._deleted = {change["uuid"] for change in self._changes if change["op"] == "delete"}
        yield from self._find_vanished()
        yield from self._check_deletes()
        snapshot = Snapshot()
        try:
            yield from self._mutate(snapshot, label)
        except Exception as error:
            self._roll_back(snapshot)
            if isinstance(error, SyncError):
                raise
            raise SyncError("VS-4005", f"Blender refused the change: {error!r}", "changes") from error
        snapshot.drop()
        self._placement.commit()
        self._writer.rigs.remove_bones()
        self._delete()  # last, because nothing after it can fail
        self.evaluate(self.lookup.layer)
        self.push_undo_step()
        self._look_up_again()

    def evaluate(self, layer: bpy.types.ViewLayer) -> None:
        """Lets Blender evaluate the changes.

        After adding new data, Blender reports all objects of the scene as updated. If the batch changed no existing
        entity, the dirty set ignores that report.
        """
        with self._dirty_set.ignore(CHANGES) if self._writer.only_new else nullcontext():
            layer.update()

    def push_undo_step(self) -> None:
        """Pushes an undo step for the changes so far.

        To undo a step, Blender removes data that was made after it, and keeps data that it believes unchanged. Without
        this step, kept data would refer to removed data, and Blender would crash.
        """
        if self._undo_label is not None:
            push_undo(self._undo_label)
            self._undo_label = None

    def _roll_back(self, snapshot: Snapshot) -> None:
        lookup = self.lookup
        self._placement.roll_back()
        lookup.refresh()
        snapshot.restore(lookup.identity, lookup.scan, lookup.layer, self._applying)
        instance_values.restore_unused(self._writer.unused)
        lookup.layer.update()
        self.push_undo_step()
        self._look_up_again()

    def _look_up_again(self) -> None:
        """Makes capture and read-back scan the scene: Blender announces no data that is made or removed alone."""
        self.lookup.identity.begin_generation()

    def _mutate(self, snapshot: Snapshot, label: str) -> Steps[None]:
        lookup, writer = self.lookup, self._writer
        for change in self._changes:
            if change["op"] != "delete":
                uuid = change["uuid"]
                snapshot.take(uuid, lookup.scan, lookup.layer, writer.has_geometry(uuid))
            self.steps_done += 1
            yield
        self._undo_label = label
        yield from self._clear_instances(snapshot)
        data, objects = yield from self._split_data()
        yield from self._create(data, snapshot)
        yield from self._write(data, snapshot)
        writer.finish_collections()
        yield from self._create(objects, snapshot)  # an object is created with its data
        yield from self._show_data(objects, snapshot)  # transforms depend on the data of the object and its parent
        yield from self._write(objects, snapshot)
        yield from writer.link_staged()
        yield from writer.hide_staged()
        yield from writer.skins.finish()
        yield from writer.write_instances()
        yield from writer.actions.write()
        yield from self._build_graphs()

    def _clear_instances(self, snapshot: Snapshot) -> Steps[None]:
        """Takes away the instances with which links might be circles for a while. Blender may crash over one.

        Those are the instances of objects that the batch moves, and all if two collections may change places.
        """
        changes = {change["uuid"]: (change, f"changes[{at}].components") for at, change in enumerate(self._changes)}
        is_forced = sum("collection" in change.get("components", {}) for change in self._changes) > 1
        for uuid in [*self.lookup.scan.objects.uuids()] if is_forced else []:
            changes.setdefault(uuid, ({"op": "update", "uuid": uuid}, uuid))
        for uuid, (change, location) in changes.items():
            if uuid not in self.failed and self._writer.clear_instance(change, location, snapshot, is_forced):
                self._applying.add(uuid)
            yield

    def _split_data(self) -> Steps[tuple[list[int], list[int]]]:
        """Returns the positions of changes of what is no object, and those of objects."""
        split: tuple[list[int], list[int]] = ([], [])
        for number, change in enumerate(self._changes):
            kind = change.get("kind") or self.lookup.scan.kind(change["uuid"])
            split[data_kinds.by_name(kind) is None].append(number)
            yield
        return split

    def _create(self, numbers: list[int], snapshot: Snapshot) -> Steps[None]:
        """Creates all new entities, in the order of their names.

        Blender keeps datablocks sorted by name, and looks for the place of a new one from the end of the list. Ten
        thousand in another order take four times as long.
        """
        sorted_parts: list[list[tuple[bytes, int]]] = []
        for part in parts(len(numbers), _SORTED_AT_ONCE):
            new = (number for number in numbers[part] if self._changes[number]["op"] == "create")
            sorted_parts.append(sorted((_sort_key(self._changes[number]), number) for number in new))
            yield
        for _, number in merge(*sorted_parts):
            change = self._changes[number]
            uuid = change["uuid"]
            if uuid not in self.lookup.scan:
                if self._was_deleted(uuid):
                    self._leave_out(uuid, uuid, number)
                elif uuid not in self.failed:
                    self._applying.add(uuid)
                    self._writer.create(change, f"changes[{number}]", snapshot)
            yield

    def _show_data(self, numbers: list[int], snapshot: Snapshot) -> Steps[None]:
        """Makes the objects that were in the scene before show their data."""
        for number in numbers:
            change = self._changes[number]
            uuid = change["uuid"]
            is_here = uuid in self.lookup.scan.objects and uuid not in self.lookup.staged
            if is_here and _sets_data(change) and uuid not in self.failed:
                self._applying.add(uuid)
                self._writer.show_data(change, f"changes[{number}]", snapshot)
            yield

    def _write(self, numbers: list[int], snapshot: Snapshot) -> Steps[None]:
        for number in numbers:
            change = self._changes[number]
            uuid = change["uuid"]
            self._applying.add(uuid)
            if change["op"] == "create" and uuid not in self.lookup.scan and self._was_deleted(uuid):
                self._leave_out(uuid, uuid, number)
            if change["op"] != "delete" and uuid not in self.failed:
                yield from self._writer.write(change, f"changes[{number}]", snapshot)
            self.steps_done += 1
            yield

    def _build_graphs(self) -> Steps[None]:
        """Builds graphs after all other changes, because a modifier is evaluated on the object's final state.

        No step may come between installation and commit.
        """
        asked = [each for each in enumerate(self._changes) if "nodes" in each[1].get("components", {})]
        if not asked:
            return
        try:
            for number, change in asked:
                if change["uuid"] not in self.failed:
                    location = f"changes[{number}].components.nodes"
                    item = self.lookup.resolve(change["uuid"], "object", location)
                    yield from self._placement.make(item, change["components"]["nodes"], location)
        except GeneratorExit:  # the batch starts over
            self._placement.roll_back()
            raise
        self._placement.install()
        self._graphs.forget()  # so that the read-back reads Blender's data

    def _find_vanished(self) -> Steps[None]:
        """Leaves out changes of which the user has deleted the entity meanwhile, or another that it names.

        The delete is on its way to the daemon. It does not concern the other changes of the batch. New entities may
        name each other: one object is below another, which its armature deforms.
        """
        made = {change["uuid"] for change in self._changes if change["op"] == "create"}
        users: dict[str, list[int]] = {}  # changes, by the new entity that they name
        left: list[tuple[int, str]] = []  # changes with the entity that they lack
        for number, change in enumerate(self._changes):
            if change["op"] != "delete":
                needs = _named(change)
                missing = sorted(uuid for uuid in needs if uuid not in made and uuid not in self.lookup.scan)
                left += [(number, uuid) for uuid in missing[:1]]
                for uuid in needs & made:
                    users.setdefault(uuid, []).append(number)
            yield
        while left:
            number, missing = left.pop()
            uuid = self._changes[number]["uuid"]
            if uuid not in self.failed:
                self._leave_out(uuid, missing, number)
                if uuid not in self.lookup.scan:
                    left += [(user, uuid) for user in users.get(uuid, ())]
            yield

    def _leave_out(self, uuid: str, missing: str, number: int) -> None:
        self.failed[uuid] = SyncError("VS-7005", f"{missing} was deleted here", f"changes[{number}]")

    def _check_deletes(self) -> Steps[None]:
        """Raises SyncError if data to delete stays in use by an object. A slot merely loses its material, a map its
        image, and an object its collection."""
        gone = {uuid for uuid in self._deleted if data_kinds.is_shown(self.lookup.scan.data_kind(uuid))}
        if not gone:
            return
        later = {change["uuid"]: change["components"]["data"]["uuid"] for change in self._changes if _sets_data(change)}
        for uuid in self.lookup.scan.objects.uuids():
            item = self.lookup.scan.objects.get(uuid)
            shown = self.lookup.identity.uuid_of(item.data) if item and data_kinds.of_type(item.type) else None
            if shown in gone and uuid not in self._deleted and later.get(uuid, shown) == shown:
                raise SyncError("VS-4005", f"{item.data.name} is still shown by {item.name}", shown)
            yield

    def _delete(self) -> None:
        """Deletes all at once: in a large file, the first removal costs 100 ms, each further one 0.1 ms."""
        self._writer.only_new = self._writer.only_new and not self._deleted
        for found in (self.lookup.scan.objects, *self.lookup.scan.data.values()):
            gone = [found.pop(uuid) for uuid in self._deleted & found.keys()]
            if gone and isinstance(gone[0], bpy.types.Collection):
                collection_values.release(gone)
            if gone:
                bpy.data.batch_remove(gone)


def _sort_key(change: dict) -> bytes:
    """Returns the key by which Blender sorts names: without the case of ASCII letters."""
    return change["components"].get("name", "").encode("utf-8", "replace").lower()


def _named(change: dict) -> set[str]:
    """Returns the entities that must be there for a change: its own if it is an update, and those that it names."""
    components = change["components"]
    found = {components[name]["uuid"] for name in ("parent", "data") if name in components} - {None}
    return found.union(references(components), [change["uuid"]] if change["op"] == "update" else ())


def _sets_data(change: dict) -> bool:
    return "data" in change.get("components", {})
