# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch from the daemon -> the scene: all of it or nothing, in one named undo step. Only changes about what the user
has deleted meanwhile are left out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import bpy

from ..core.errors import SyncError
from ..core.mesh import Mesh, unpack_steps
from ..core.pace import Slice, Steps
from ..graph.nodes import Placing
from . import mesh_write, names, transforms
from .entity import Reader
from .identity import Identity, Scan, is_own
from .marks import Marks
from .replace import replace_object
from .scenes import synced_scene, unit, view_layer
from .snapshot import Snapshot
from .undo import push_undo


class Batch:
    """One batch on its way into the scene, in as many slices as it takes. `held` gets what it has touched so far."""

    def __init__(
        self,
        identity: Identity,
        changes: list[dict],
        attachments: list,
        held: set[str],
        slice_: Slice,
        marks: Marks,
        was_deleted: Callable[[str], bool],
    ):
        self.failed: dict[str, SyncError] = {}
        self.done = 0  # steps, of `whole`
        self.whole = 3 * len(changes) or 1
        self._identity = identity
        self._changes = changes
        self._attachments = attachments
        self._held = held
        self._slice = slice_
        self._marks = marks
        self._was_deleted = was_deleted  # by the user since the batch began, if it is not in the scene
        self._only_new = True  # nothing that was there before has been touched so far
        self._reader: Reader | None = None
        self._read_in = 0
        self._unstepped: str | None = None  # what to call the undo step, as long as the scene holds a part without one
        self._meshes: dict[str, Mesh] = {}
        self._deleted: set[str] = set()
        # Made, but not in the scene yet: each link and each parent costs Blender a rebuild of all that depends on all.
        self._staged: dict[str, str | None] = {}  # with their parents
        self._hidden: list[str] = []  # to be hidden once they are in the scene
        self._placing = Placing(slice_)

    def now(self) -> Reader:
        """A reader of this slice: what belongs to an earlier one is stale."""
        if self._reader is None or self._read_in != self._slice.number:
            self._look_again()
        return self._reader

    def _look_again(self, staged: bool = False) -> None:
        """`staged`: also for what is made and not in the scene yet."""
        scan = self._identity.scan()
        if staged:
            everywhere = self._identity.everywhere()
            scan.objects.update({uuid: everywhere[uuid] for uuid in self._staged if uuid in everywhere})
        scene = synced_scene()
        self._reader = Reader(view_layer(scene), scan, unit(scene), self._identity, self._marks.graphs)
        self._read_in = self._slice.number

    @property
    def _scan(self) -> Scan:
        return self.now().scan

    def run(self, label: str) -> Steps[None]:
        """Apply all changes. Raises SyncError with the scene as it was before."""
        for number, change in enumerate(self._changes):
            component = change.get("components", {}).get("mesh")
            if component is not None:
                place = f"changes[{number}].components.mesh"
                self._meshes[change["uuid"]] = yield from unpack_steps(component, self._attachments, place)
        self._deleted = {change["uuid"] for change in self._changes if change["op"] == "delete"}
        yield from self._find_vanished()
        self._check_deletes()
        snapshot = Snapshot()
        try:
            yield from self._mutate(snapshot, label)
        except Exception as error:
            self._take_back(snapshot)
            if isinstance(error, SyncError):
                raise
            raise SyncError("VS-4005", f"Blender refused the change: {error!r}", "changes") from error
        snapshot.drop()
        self._placing.keep()
        self._delete()  # last: nothing after it can fail
        self.evaluate(self.now().layer)
        self.step()
        self._look_again()

    def evaluate(self, layer: bpy.types.ViewLayer) -> None:
        """Let Blender evaluate what was done. Where something is new it evaluates all anew and names each object of the
        scene; as long as nothing else was touched, none of them is to be looked at."""
        with self._marks.deaf() if self._only_new else nullcontext():
            layer.update()

    def step(self) -> None:
        """Make what was done so far an undo step. To undo one, Blender takes away what was made after it, and keeps
        what it thinks nobody has changed since: that would then point to what is gone, and Blender crash."""
        if self._unstepped is not None:
            push_undo(self._unstepped)
            self._unstepped = None

    def _take_back(self, snapshot: Snapshot) -> None:
        self._placing.take_back()
        self._look_again(staged=True)
        snapshot.restore(self._identity, self._scan, self._reader.layer, self._held)
        self._reader.layer.update()
        self.step()
        self._look_again()

    def _mutate(self, snapshot: Snapshot, label: str) -> Steps[None]:
        for change in self._changes:
            if change["op"] != "delete":
                snapshot.take(change["uuid"], self._scan, self.now().layer, change["uuid"] in self._meshes)
            self.done += 1
            yield
        self._unstepped = label
        for number, change in enumerate(self._changes):
            self._held.add(change["uuid"])
            if change["op"] == "create" and change["uuid"] not in self._scan and self._was_deleted(change["uuid"]):
                self._leave_out(change["uuid"], change["uuid"], number)  # since the batch began
            if change["op"] != "delete" and change["uuid"] not in self.failed:
                yield from self._apply(change, f"changes[{number}]", snapshot)
            self.done += 1
            yield
        self._link_staged()
        for uuid in self._hidden:
            _hide(self._scan.objects[uuid], self.now().layer)
            yield
        yield from self._build_graphs()

    def _build_graphs(self) -> Steps[None]:
        """After all else, as a modifier is tried on the object as it is then; nothing may come between the last step
        and what can't be taken back."""
        asked = [each for each in enumerate(self._changes) if "nodes" in each[1].get("components", {})]
        if not asked:
            return
        try:
            for number, change in asked:
                if change["uuid"] not in self.failed:
                    place = f"changes[{number}].components.nodes"
                    item = self._resolve(change["uuid"], "objects", place)
                    yield from self._placing.make(item, change["components"]["nodes"], place)
        except GeneratorExit:  # the batch begins anew
            self._placing.take_back()
            raise
        self._placing.place()
        self._marks.graphs.forget()  # what is read back is what is there

    def _link_staged(self) -> None:
        """All at once, though it may take longer than a slice: what Blender does after each part takes much longer."""
        self._look_again(staged=True)
        link = synced_scene().collection.objects.link
        for uuid, parent in self._staged.items():
            item = self._scan.objects[uuid]
            if parent is not None:
                item.parent = self._resolve(parent, "objects", f"{uuid}.parent")
            link(item)
        self._staged.clear()

    def _find_vanished(self) -> Steps[None]:
        """Changes whose entity, parent or data the user has deleted meanwhile, by uuid, with the reason. The delete is
        on its way to the daemon; the other changes of the batch have nothing to do with it."""
        made = set()
        for number, change in enumerate(self._changes):
            if change["op"] != "delete":
                components = change["components"]
                needs = {components[name].get("uuid") for name in ("parent", "data") if name in components} - {None}
                needs |= {change["uuid"]} if change["op"] == "update" else set()
                missing = sorted(uuid for uuid in needs if uuid not in made and uuid not in self._scan)
                if missing:
                    self._leave_out(change["uuid"], missing[0], number)
                else:
                    made.add(change["uuid"])
            yield

    def _leave_out(self, uuid: str, missing: str, number: int) -> None:
        self.failed[uuid] = SyncError("VS-7005", f"{missing} was deleted here", f"changes[{number}]")

    def _resolve(self, uuid: str | None, found: str, place: str) -> bpy.types.ID | None:
        """The datablock right before it is used, with one re-scan; None for None. Raises SyncError VS-7005."""
        if uuid is None:
            return None
        for _ in range(2):
            datablock = getattr(self._scan, found).get(uuid)
            try:
                if datablock is not None and datablock.session_uid:
                    if not is_own(datablock):
                        raise SyncError("VS-7003", f"{datablock.name} is linked", place)
                    return datablock
            except ReferenceError:
                pass  # removed under our hands: look again
            self._look_again(staged=True)
        raise SyncError("VS-7005", f"{uuid} is not in the scene", place)

    def _apply(self, change: dict, place: str, snapshot: Snapshot) -> Steps[None]:
        uuid, components = change["uuid"], change["components"]
        kind = change.get("kind") or self._scan.kind(uuid)
        if uuid in self._scan and self._scan.kind(uuid) != kind:
            raise SyncError("VS-3002", f"{uuid} is a {self._scan.kind(uuid)} here", place)
        if change["op"] == "create" and uuid not in self._scan:
            snapshot.created.append(uuid)
            self._create(uuid, kind, components, place)
        else:
            self._only_new = False
        if kind == "mesh":
            if uuid in self._meshes:
                find = partial(self._resolve, uuid, "meshes", place)
                yield from mesh_write.write(find, self._meshes[uuid], self.now().unit)
            if "name" in components:
                names.write(self._resolve(uuid, "meshes", place), components["name"])
        else:
            self._apply_object(uuid, components, place)

    def _create(self, uuid: str, kind: str, components: dict, place: str) -> None:
        name = components.get("name", kind)
        if kind == "mesh":
            mesh = bpy.data.meshes.new(name)
            self._identity.adopt(mesh, uuid)
            self._scan.meshes[uuid] = mesh
            return
        data = self._resolve(components.get("data", {}).get("uuid"), "meshes", f"{place}.components.data")
        item = bpy.data.objects.new(name, data)
        self._identity.adopt(item, uuid)
        self._scan.objects[uuid] = item
        self._staged[uuid] = None

    def _apply_object(self, uuid: str, components: dict, place: str) -> None:
        item = self._resolve(uuid, "objects", place)
        if "data" in components:
            mesh = self._resolve(components["data"]["uuid"], "meshes", f"{place}.components.data")
            item = self._show(uuid, item, mesh, place)
        transform = components.get("transform")
        if uuid in self._staged:
            self._staged[uuid] = components.get("parent", {}).get("uuid")
        elif "parent" in components:
            parent = self._resolve(components["parent"]["uuid"], "objects", f"{place}.components.parent")
            if parent != item.parent:
                before = self.now().read_object(uuid, item)["transform"]
                item.parent = parent
                item.parent_type = "OBJECT"
                transform = transform or before
        if transform:
            transforms.write(item, self.now().synced_parent(item), transform, self.now().unit)
        if "visibility" in components:
            self._show_or_hide(uuid, item, components["visibility"]["visible"])
        if "name" in components:
            names.write(item, components["name"])

    def _show(self, uuid: str, item: bpy.types.Object, mesh: bpy.types.Mesh | None, place: str) -> bpy.types.Object:
        """Let the object show this mesh. Blender fixes an object's type, so an empty is replaced, keeping its uuid."""
        if item.type == "MESH" and mesh:
            if item.data != mesh:  # setting the same again costs Blender the same
                item.data = mesh
            return item
        if mesh is None and item.type != "MESH":
            return item
        if item.type not in ("MESH", "EMPTY"):
            raise SyncError("VS-4005", f"a {item.type.lower()} can't show a mesh", f"{place}.components.data")
        return replace_object(uuid, item, mesh, self._identity, self._scan, self.now().layer)

    def _show_or_hide(self, uuid: str, item: bpy.types.Object, visible: bool) -> None:
        layer = self.now().layer
        if not visible and uuid in self._staged:
            self._hidden.append(uuid)
        elif not visible:
            _hide(item, layer)
        else:
            if item.hide_viewport:
                item.hide_viewport = False
            if item.hide_get(view_layer=layer):
                item.hide_set(False, view_layer=layer)

    def _check_deletes(self) -> None:
        later = {change["uuid"]: change["components"]["data"]["uuid"] for change in self._changes if _sets_data(change)}
        for uuid, item in self._scan.objects.items() if self._deleted & self._scan.meshes.keys() else ():
            mesh = self._identity.uuid_of(item.data) if item.type == "MESH" else None
            if mesh in self._deleted and uuid not in self._deleted and later.get(uuid, mesh) == mesh:
                raise SyncError("VS-4005", f"{item.data.name} is still shown by {item.name}", mesh)

    def _delete(self) -> None:
        """All at once: in a large file Blender takes some 100 ms for the first object that it removes, and a tenth of a
        millisecond for each further one."""
        self._only_new = self._only_new and not self._deleted
        for found in (self._scan.objects, self._scan.meshes):
            gone = [found.pop(uuid) for uuid in self._deleted & found.keys()]
            if gone:
                bpy.data.batch_remove(gone)


def _sets_data(change: dict) -> bool:
    return "data" in change.get("components", {})


def _hide(item: bpy.types.Object, layer: bpy.types.ViewLayer) -> None:
    """By the eye; by the monitor where the view layer does not show the object at all."""
    try:
        if not item.hide_get(view_layer=layer):
            item.hide_set(True, view_layer=layer)
    except RuntimeError:
        item.hide_viewport = True
