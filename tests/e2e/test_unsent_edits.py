"""A scene of Unity is saved and opened again while the daemon has not read the last edits. A plain client is the other
editor."""

import contextlib
import random
import signal
import struct
import uuid

import pytest
from harness import Daemon, Editor, is_same_component, wait_for
from plain_editor import PlainEditor

ROUNDS = 20
CORNERS = 3_600  # of a mesh that Unity reads at once, and encodes on another thread
NO_PARENT = {"uuid": None}


class PlainBlender(PlainEditor):
    """The plain editor in the place of Blender."""

    role = "blender"

    def make_mesh(self):
        """Creates a large mesh and an object that shows it; returns the uuid of the object."""
        position = struct.pack(f"<{3 * CORNERS}f", *(i % 17 for i in range(3 * CORNERS)))
        index = struct.pack(f"<{CORNERS}I", *range(CORNERS))
        sizes = [len(position), len(index)]
        buffers = {name: {"attachment": i, "bytes": sizes[i]} for i, name in enumerate(("position", "index"))}
        submeshes = [{"slot": 0, "start": 0, "count": CORNERS}]
        mesh = {"vertex_count": CORNERS, "corner_count": CORNERS, "submeshes": submeshes, "buffers": buffers}
        place = {"translation": [0, 0, 0], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}
        data, item = str(uuid.uuid4()), str(uuid.uuid4())
        shown = {"name": "Large", "transform": place, "visibility": {"visible": True}, "parent": NO_PARENT}
        self.create(
            sizes,
            position + index,
            (data, "mesh", {"name": "Large", "mesh": mesh}),
            (item, "object", {**shown, "data": {"uuid": data}}),
        )
        return item

    def create(self, sizes, attachments, *entities):
        changes = []
        for each, kind, components in entities:
            self.entities[each] = {"kind": kind, "components": components}
            changes.append({"op": "create", "uuid": each, "kind": kind, "components": components})
        intent = {"operation_id": str(uuid.uuid4()), "project_id": self.project, "schema_version": 1, "base_seq": 0}
        self.send({"type": "intent", **intent, "label": "Large", "changes": changes, "attachments": sizes}, attachments)


@pytest.fixture
def stage(binary, tmp_path):
    daemon = Daemon(binary, tmp_path)
    daemon.start()
    unity = Editor("unity-driver", daemon, "unity")
    try:
        unity.wait_until_connected()
        with contextlib.closing(PlainBlender(daemon)) as other:
            yield daemon, unity, other
    finally:
        unity.stop()
        daemon.stop()


def find_difference(unity, other):
    """Describes the first object that has another place or parent in Unity."""
    for item, entity in unity.dump().items():
        theirs = other.entities.get(item, {}).get("components", {})
        for name in ("transform", "parent") if entity["kind"] == "object" else ():
            mine = entity["components"][name]
            if not is_same_component(name, mine, theirs.get(name)):
                return f"{item}.{name}: {mine} is not {theirs.get(name)}"
    return ""


def converge(daemon, unity, other):
    def agrees():
        return unity.is_idle() and daemon.is_settled() and not find_difference(unity, other)

    try:
        wait_for("both hold the same", agrees)
    except TimeoutError:
        found = find_difference(unity, other)
        story = "\n".join(daemon.story_of(found[:36]))
        raise AssertionError(f"{found}\nlast records of it:\n{story}") from None


def test_edits_that_the_daemon_had_not_read_reach_it(stage, tmp_path):
    daemon, unity, other = stage
    rng = random.Random(7)
    large = other.make_mesh()
    wait_for("Unity has the mesh", lambda: large in unity.dump())
    items = [unity.do("create", name="Item", shape="empty", translation=[i, 2 * i, 5])["uuid"] for i in range(8)]
    converge(daemon, unity, other)
    path = str(tmp_path / "a.scene")
    unity.do("save", path=path)
    for number in range(ROUNDS):
        item, above, *others = rng.sample(items, 5)
        daemon.process.send_signal(signal.SIGSTOP)
        for each in (item, *others):  # as many intents as Unity sends before it waits
            unity.do("rename", uuid=each, name=f"Item {number}")
            unity.status()
        unity.do("reparent", uuid=item, parent=rng.choice([None, above]), keep=True)
        unity.do("edit_mesh", uuid=large, vertex=0, delta=[0.1, 0, 0])
        unity.do("save", path=path)
        daemon.process.send_signal(signal.SIGCONT)
        unity.do("open", path=path)
        converge(daemon, unity, other)
