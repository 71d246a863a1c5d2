# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a headless Blender for the end-to-end tests: JSON lines in, JSON lines out, the addon pumped in between.

Edits go into the native scene as a user's would, so the addon must notice them by Blender's own events.
"""

from __future__ import annotations

import json
import logging
import os
import pathlib
import select
import shutil
import sys
import traceback

import blender_edits as edits
import bpy
import plain_scene
import vibesync
from action_commands import ActionCommands
from character_commands import CharacterCommands
from collection_commands import CollectionCommands
from import_commands import ImportCommands
from rig_commands import RigCommands
from vibesync.blender import handlers, names, scenes
from vibesync.blender.undo import push_undo
from vibesync.graph.nodes import NodesComponent, modifier_of

# isort: split
import addon_utils  # bpy makes it available

_ROOT = pathlib.Path(__file__).resolve().parents[2]
_PUMP_SECONDS = 0.01
_CUBE = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
_CUBE_FACES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


class Driver(ActionCommands, CharacterCommands, CollectionCommands, ImportCommands, RigCommands):
    """Each public method is one command."""

    def __init__(self) -> None:
        vibesync.register()
        # The person's choice: files of the tests are in the folder of no project.
        handlers.bridge.settings.project_folder = os.environ.get("VIBESYNC_TEST_PROJECT", "")
        bpy.ops.wm.read_factory_settings(use_empty=True)
        vibesync.pump()
        self.edited("Original")  # a window makes this first undo step by itself

    @property
    def bridge(self):
        """The addon's running instance."""
        return handlers.bridge

    def scan(self):
        """All synchronized datablocks, as of now."""
        return self.bridge.identity.scan()

    def item(self, uuid: str) -> bpy.types.Object:
        """The object with this uuid."""
        return self.scan().objects[uuid]

    def edited(self, label: str) -> dict:
        """Evaluate the scene and push an undo step, as Blender does at the end of an operator."""
        bpy.context.view_layer.update()
        push_undo(label)
        return {}

    def made(self, item: bpy.types.Object, label: str) -> dict:
        """Like `edited`; also return the uuids of the object and its mesh, light or camera."""
        self.edited(label)
        self.scan()
        uuid_of = self.bridge.identity.uuid_of  # undo may have removed the property
        shown = {item.type.lower(): uuid_of(item.data)} if item.type in ("MESH", "LIGHT", "CAMERA", "ARMATURE") else {}
        return {"uuid": uuid_of(item), **shown}

    def create(self, name: str, shape: str, translation: list, type: str = "") -> dict:
        """Add an object with a cube, its name as a text, a plane of 90 x 90 vertices (`grid`), a light or camera of a
        type, or nothing."""
        data = None
        if shape in ("light", "camera"):
            data = edits.new_data(name, shape, type or {"light": "POINT", "camera": "PERSP"}[shape])
        if shape == "cube":
            data = bpy.data.meshes.new(name)
            data.from_pydata(_CUBE, [], _CUBE_FACES)
        if shape == "grid":
            data = bpy.data.meshes.new(name)
            places = [(x, y, 0) for x in range(90) for y in range(90)]
            data.from_pydata(places, [], [(at, at + 90, at + 91, at + 1) for at in range(8009) if at % 90 < 89])
        if shape == "text":
            data = bpy.data.curves.new(name, "FONT")
            data.body = name
        item = bpy.data.objects.new(name, data)
        item.location = plain_scene.to_blender(translation)
        scenes.synced_scene().collection.objects.link(item)
        return self.made(item, "Add")

    def move(self, uuid: str, **parts: list) -> dict:
        """Set some of translation, rotation, scale."""
        plain_scene.move(self.item(uuid), parts)
        return self.edited("Move")

    def hold(self, on: bool) -> dict:
        """Tell the addon that a tool holds the selected objects, or no longer: without a window no operator runs."""
        activity = self.bridge.activity
        if on:
            activity.state = lambda: "modal"
        else:
            del activity.state
        return {}

    def drag(self, uuid: str, **parts: list) -> dict:
        """Move as a tool does while it is held: evaluated, without an undo step."""
        plain_scene.move(self.item(uuid), parts)
        bpy.context.view_layer.update()
        return {}

    def rename(self, uuid: str, name: str) -> dict:
        """Rename an object."""
        names.write(self.item(uuid), name)
        return self.edited("Rename")

    def reparent(self, uuid: str, parent: str | None, keep: bool = False) -> dict:
        """Parent an object; its channels stay, or with `keep` its place in the world."""
        edits.parent(self.item(uuid), self.item(parent) if parent else None, keep)
        return self.edited("Parent")

    def duplicate(self, uuid: str, linked: bool = False) -> dict:
        """Shift+D: a copy with a mesh of its own."""
        return self.made(edits.duplicate(self.item(uuid), linked), "Duplicate")

    def duplicate_linked(self, uuid: str) -> dict:
        """Alt+D: a copy that shares the mesh."""
        return self.duplicate(uuid, linked=True)

    def join(self, uuids: list[str]) -> dict:
        """Ctrl+J: the first object takes the meshes of the others."""
        edits.join([self.item(uuid) for uuid in uuids])
        return self.edited("Join")

    def separate(self, uuid: str, polygon: int = 0) -> dict:
        """P: one polygon becomes an object of its own; nothing where the mesh has no other."""
        if len(self.item(uuid).data.polygons) < 2:
            return {}
        return self.made(edits.separate(self.item(uuid), polygon), "Separate")

    def apply_modifier(self, uuid: str, kind: str = "TRIANGULATE") -> dict:
        """Add a modifier of Blender's (SUBSURF, MIRROR, TRIANGULATE ...) and apply it."""
        edits.apply_modifier(self.item(uuid), kind)
        return self.made(self.item(uuid), "Apply modifier")

    def colors(self, uuid: str, seed: int) -> dict:
        """Random vertex colors."""
        edits.paint(self.item(uuid).data, seed)
        return self.edited("Paint")

    def uvs(self, uuid: str, layers: int, seed: int) -> dict:
        """Set the number of uv layers and give them random coordinates."""
        edits.unwrap(self.item(uuid).data, layers, seed)
        return self.edited("Unwrap")

    def unit_scale(self, scale: float) -> dict:
        """Meters per Blender unit; numbers in the scene stay, so every place and size changes."""
        scenes.synced_scene().unit_settings.scale_length = scale
        return self.edited("Unit scale")

    def selection(self) -> dict:
        """Report the selected objects."""
        return {"selected": [item.get("uuid") for item in bpy.context.view_layer.objects.selected]}

    def visible(self, uuid: str, visible: bool) -> dict:
        """Show or hide in the viewport."""
        self.item(uuid).hide_set(not visible)
        return self.edited("Hide")

    def edit_mesh(self, uuid: str, vertex: int, delta: list) -> dict:
        """Move one vertex, and that of the basis if there are shape keys, as Edit Mode does."""
        mesh = self.item(uuid).data
        offset = plain_scene.to_blender(delta)
        moved = [a + b for a, b in zip(mesh.vertices[vertex].co, offset, strict=True)]
        mesh.vertices[vertex].co = moved
        if mesh.shape_keys:
            mesh.shape_keys.reference_key.data[vertex].co = moved
        mesh.update()
        return self.edited("Edit mesh")

    def edit_shape_keys(self, uuid: str, edit: str, **values: object) -> dict:
        """Add a shape key, sculpt one, or set weights."""
        getattr(edits, edit)(self.item(uuid), **values)
        return self.edited("Edit shape keys")

    def read_shape_keys(self, uuid: str) -> dict:
        """Return the weights of all shape keys, their moves, and how far vertices are shown along Z."""
        return edits.read_shape_keys(self.item(uuid))

    def edit_light(self, uuid: str, **values: object) -> dict:
        """Set properties of the light that an object shows, by Blender's names."""
        edits.edit_light(self.item(uuid).data, values)
        return self.edited("Edit light")

    def edit_camera(self, uuid: str, **values: object) -> dict:
        """Set properties of the camera that an object shows, or of its depth of field, by Blender's names."""
        edits.edit_camera(self.item(uuid).data, values)
        return self.edited("Edit camera")

    def create_material(self, name: str, **values: object) -> dict:
        """Make a material, which is synchronized from now on, and set sockets and properties by Blender's names."""
        material = edits.new_material(name)
        edits.edit_material(material, values)
        uuid = self.bridge.identity.identify(material)
        self.edited("New material")
        return {"uuid": uuid}

    def edit_material(self, uuid: str, **values: object) -> dict:
        """Set sockets of a material's Principled BSDF, or properties of the material, by Blender's names."""
        edits.edit_material(self.scan().data["material"][uuid], values)
        return self.edited("Edit material")

    def remove_material(self, uuid: str) -> dict:
        """Delete a material from the file."""
        bpy.data.materials.remove(self.scan().data["material"][uuid])
        return self.edited("Delete material")

    def assign_material(self, uuid: str, slot: int, material: str | None, link: str = "data") -> dict:
        """Show a material in a slot of the mesh, or with link "object" in a slot of this object alone."""
        shown = self.scan().data["material"][material] if material else None
        edits.assign_material(self.item(uuid), slot, shown, link)
        return self.edited("Assign material")

    def link_image(self, uuid: str, path: str, socket: str = "Base Color") -> dict:
        """Let an image decide a socket of a material's Principled BSDF."""
        image = edits.link_image(self.scan().data["material"][uuid], path, socket)
        self.bridge.identity.identify(image)
        self.edited("Link")
        return {"uuid": image["uuid"]}

    def read_image(self, uuid: str) -> dict:
        """Returns the first pixel of an image, and whether its file is in the .blend."""
        image = self.scan().data["image"][uuid]
        return {"pixel": list(image.pixels[:4]), "is_packed": image.packed_file is not None}

    def link_socket(self, uuid: str, socket: str, on: bool = True) -> dict:
        """Let a noise decide a socket of a material's Principled BSDF, or cut its links."""
        edits.link_socket(self.scan().data["material"][uuid], socket, on)
        return self.edited("Link")

    def edit_mode(self, uuid: str) -> dict:
        """Tab: enter Edit Mode."""
        with edits.selected(self.item(uuid)):
            bpy.ops.object.mode_set(mode="EDIT")
        return {}

    def move_vertex(self, uuid: str, vertex: int, x: float) -> dict:
        """Move one vertex in Edit Mode, in Blender's axes, as a tool does in one of its steps."""
        edits.move_vertex(self.item(uuid).data, vertex, x)
        return {}

    def object_mode(self) -> dict:
        """Tab again: leave Edit Mode."""
        bpy.ops.object.mode_set(mode="OBJECT")
        return self.edited("Edit")

    def delete(self, uuid: str) -> dict:
        """Delete an object; Blender frees its children."""
        bpy.data.objects.remove(self.item(uuid))
        return self.edited("Delete")

    def enable_addon(self, name: str, folder: str = "addons/examples") -> dict:
        """Install an add-on from a folder of the source tree and enable it."""
        target = pathlib.Path(bpy.utils.user_resource("SCRIPTS", path="addons", create=True))
        shutil.copytree(_ROOT / folder / name, target / name)
        if str(target) not in sys.path:  # Blender adds the folder at its start only if it exists
            sys.path.append(str(target))
        if not addon_utils.enable(name, default_set=True):
            raise RuntimeError(f"{name} cannot be enabled")
        return {}

    def disable_addon(self, name: str) -> dict:
        """Disable an add-on."""
        addon_utils.disable(name, default_set=True)
        return {}

    def questions(self) -> dict:
        """The questions of agents that the panel shows."""
        shown = self.bridge.agents.section.questions
        return {"open": [{"lines": it.lines, "buttons": [each._asdict() for each in it.buttons]} for it in shown]}

    def decide(self, approval_id: str, allow: bool, remember: str) -> dict:
        """Click an answer to an agent's question."""
        if bpy.ops.vibesync.decide(approval_id=approval_id, allow=allow, remember=remember) != {"FINISHED"}:
            raise RuntimeError("nobody asks this")
        return {}

    def set_agent(self, agent: str, mode: str) -> dict:
        """Click what an agent may do from now on."""
        if bpy.ops.vibesync.set_agent(agent=agent, mode=mode) != {"FINISHED"}:
            raise RuntimeError("the agent is not known")
        return {}

    def undo(self) -> dict:
        """Ctrl+Z, which does nothing where there is nothing to undo."""
        if bpy.ops.ed.undo.poll():
            bpy.ops.ed.undo()
        return {}

    def redo(self) -> dict:
        """Ctrl+Shift+Z, which does nothing where there is nothing to redo."""
        if bpy.ops.ed.redo.poll():
            bpy.ops.ed.redo()
        return {}

    def save(self, path: str) -> dict:
        """Save the file."""
        bpy.ops.wm.save_as_mainfile(filepath=path)
        return {}

    def open(self, path: str) -> dict:
        """Open a file."""
        bpy.ops.wm.open_mainfile(filepath=path)
        return self.edited("Original")  # a window makes this first undo step by itself

    def auto_save(self, path: str) -> dict:
        """Write the file of an auto-save: Blender writes it without calling a handler."""
        active, handlers.bridge = handlers.bridge, None
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
        handlers.bridge = active
        return {}

    def recover(self, path: str) -> dict:
        """File > Recover > Auto Save."""
        bpy.ops.wm.recover_auto_save(filepath=path)
        return self.edited("Original")

    def dump(self) -> dict:
        """All entities but for their graphs, which Unity does not know: the command `graph` returns them."""
        return {"entities": plain_scene.dump()}

    def shown(self) -> dict:
        """The evaluated meshes of objects, by uuid."""
        return {"shown": plain_scene.shown()}

    def modify(self, uuid: str, kind: str = "", **values: object) -> dict:
        """Add a modifier, or change the one of this kind; without a kind, remove all."""
        edits.modify(self.item(uuid), kind, values)
        return self.edited("Modify")

    def graph(self, uuid: str) -> dict:
        """The object's graph, read from its modifier now, and how many vertices it shows with it."""
        item = self.item(uuid)
        shown = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
        vertices = len(shown.to_mesh().vertices)
        shown.to_mesh_clear()
        return {"graph": NodesComponent().read(item)["graph"], "vertices": vertices}

    def node_input(self, uuid: str, node: str, name: str, value: float) -> dict:
        """Set a value in the node editor."""
        modifier_of(self.item(uuid)).node_group.nodes[node].inputs[name].default_value = value
        return self.edited("Change Value")

    def unlink_nodes(self, uuid: str) -> dict:
        """Cut all links in the node editor."""
        modifier_of(self.item(uuid)).node_group.links.clear()
        return self.edited("Cut Links")

    def status(self) -> dict:
        """Report the state of the addon."""
        session, bridge = self.bridge.session, self.bridge
        return {
            "state": "error" if bridge.paused else session.state,
            "pending": len(session.outbox),
            "head_seq": session.head_seq,
            "last_error": session.last_error or bridge.last_error,
            "applied": bridge.batches.applied,
            "sent": session.sent,
        }


_HELPERS = {"bridge", "scan", "item", "edited", "made"}


def answer(driver: Driver, line: str | bytes) -> dict:
    """Run the command of one line."""
    try:
        command = json.loads(line)
        name = command.pop("do")
        if name.startswith("_") or name in _HELPERS or name not in dir(type(driver)):
            return {"ok": False, "error": f"unknown command {name}"}
        return {"ok": True, **getattr(driver, name)(**command)}
    except Exception as error:  # the test reports it
        traceback.print_exc()
        return {"ok": False, "error": repr(error)}


class Lines:
    """Lines of the standard input, without a thread: Blender crashes when one of Python runs beside an operator."""

    def __init__(self) -> None:
        self._waiting = b""
        self._ended = False

    def take(self, timeout: float) -> bytes | None:
        """Return the next line; None if it has not come yet; an empty one at the end of the input."""
        if b"\n" not in self._waiting and not self._ended and select.select([sys.stdin], [], [], timeout)[0]:
            data = os.read(sys.stdin.fileno(), 1 << 20)
            self._ended = not data
            self._waiting += data
        line, end, rest = self._waiting.partition(b"\n")
        if not end:
            return b"" if self._ended else None
        self._waiting = rest
        return line + end


def main() -> None:
    """Serve until `quit` or the end of the input."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)  # what Blender prints goes to stderr
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")

    def reply(message: dict) -> None:
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    driver = Driver()
    lines = Lines()
    reply({"ok": True, "ready": True, "version": bpy.app.version_string})
    while True:
        vibesync.pump()
        line = lines.take(0.001 if driver.bridge.is_busy else _PUMP_SECONDS)
        if line is None:
            continue
        if not line or (line.strip() and json.loads(line).get("do") == "quit"):
            break
        reply(answer(driver, line))
    vibesync.unregister()
    reply({"ok": True})
    os._exit(0)  # Blender's module may hang or crash in its own cleanup


if __name__ == "__main__":
    main()
