# SPDX-License-Identifier: GPL-3.0-or-later
"""Provides an empty scene with the addon registered, and a fake daemon, for each test."""

import uuid

import bpy
import pytest
import vibesync
from capability_addons import Addons
from fake_daemon import FakeDaemon, wait_for
from vibesync.blender import handlers, scenes
from vibesync.blender.undo import push_undo
from vibesync.core import mesh as wire_mesh

IDENTITY = {"translation": [0.0, 0.0, 0.0], "rotation": [0.0, 0.0, 0.0, 1.0], "scale": [1.0, 1.0, 1.0]}


class Harness:
    """The addon in its Blender, and its fake daemon."""

    def __init__(self, folder):
        self.folder = folder
        self.daemon = FakeDaemon(folder)

    @property
    def bridge(self):
        return handlers.bridge

    def wait(self, condition, seconds=10.0):
        return wait_for(condition, self.pump, seconds)

    def pump(self):
        """Runs one tick of the addon, then one pump of the daemon."""
        vibesync.pump()
        self.daemon.pump()

    def connect(self):
        self.wait(lambda: self.bridge.session.is_live)
        self.settle()
        return self

    def settle(self):
        """Pumps until no entity is dirty and no intent is unanswered."""
        quiet = [0]

        def still():
            bridge = self.bridge
            busy = bridge.dirty_set.marks or bridge.capture.has_work or len(bridge.session.outbox)
            quiet[0] = 0 if busy else quiet[0] + 1
            return quiet[0] > 30

        self.wait(still)
        assert self.bridge.paused is None

    def edited(self, label="Edit"):
        """Does Blender's work after a user's operator: evaluates and pushes an undo step."""
        bpy.context.view_layer.update()
        push_undo(label)

    def changes(self, start=0):
        """Returns all changes of all intents from number `start` on."""
        intents = self.daemon.of_type("intent")[start:]
        return [change for frame in intents for change in frame.header["changes"]]

    def intents(self):
        return len(self.daemon.of_type("intent"))

    def mesh_of(self, number, change=0):
        frame = self.daemon.of_type("intent")[number]
        return wire_mesh.unpack(frame.header["changes"][change]["components"]["mesh"], frame.attachments, "x")

    def apply(self, *changes, attachments=()):
        """Sends a batch and waits for the answer; returns its results and attachments."""
        answers = len(self.daemon.of_type("applied"))
        self.daemon.apply(list(changes), list(attachments))
        frame = self.wait(lambda: self.daemon.of_type("applied")[answers:])[0]
        return frame.header["results"], frame.attachments

    def add(self, name="A", shape="empty"):
        """Adds an object like a user."""
        data = None
        if shape == "cube":
            data = cube(name)
        item = bpy.data.objects.new(name, data)
        scenes.synced_scene().collection.objects.link(item)
        self.edited("Add")
        self.settle()
        return item

    def find(self, uuid):
        return self.bridge.identity.scan().get(uuid)


def cube(name="Cube"):
    """Returns a cube of six quads."""
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(corners, [], faces)
    return mesh


def new_object(name="Remote", **components):
    """Returns a create change for an object."""
    full = {
        "name": name,
        "transform": dict(IDENTITY),
        "visibility": {"visible": True},
        "parent": {"uuid": None},
        "data": {"uuid": None},
        **components,
    }
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "object", "components": full}


def new_mesh(content, attachments, name="RemoteMesh"):
    """Returns a create change for a mesh."""
    components = {"name": name, "mesh": wire_mesh.pack(content, attachments)}
    return {"op": "create", "uuid": str(uuid.uuid4()), "kind": "mesh", "components": components}


def update(uuid, **components):
    """Returns an update of some components."""
    return {"op": "update", "uuid": uuid, "components": components}


@pytest.fixture
def harness(tmp_path, monkeypatch):
    monkeypatch.setenv("VIBESYNC_RUNTIME_DIR", str(tmp_path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    vibesync.register()
    handlers.bridge.settings.project_folder = str(tmp_path)  # the file is not saved
    handlers.bridge.settings.budget_at_rest = 0.0  # nobody uses this Blender, and tests choose the slices
    one = Harness(tmp_path)
    yield one
    vibesync.unregister()
    one.daemon.close()


@pytest.fixture
def addons(harness, tmp_path):
    one = Addons(harness, tmp_path / "addons")
    harness.connect()
    yield one
    one.close()
