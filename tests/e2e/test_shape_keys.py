"""Shape keys of a real Blender reach the daemon, a client that knows them, and Unity, and come back changed."""

import contextlib
import struct
import uuid

import pytest
from harness import Daemon, Editor, converge, wait_for
from plain_editor import PlainEditor

KEYS = [
    {"name": "A", "relative_to": None, "min": 0.0, "max": 1.0},
    {"name": "B", "relative_to": "A", "min": 0.0, "max": 1.0},
]


class PlainKeys(PlainEditor):
    """The plain editor, which keeps the shape keys of meshes."""

    components = (*PlainEditor.components, "shapes", "shape_values")

    def __init__(self, daemon):
        self.deltas = {}  # uuid -> [key][vertex] -> (x, y, z)
        super().__init__(daemon)

    def _apply(self, change):
        component = change.get("components", {}).get("shapes")
        if component and component["keys"]:
            self.deltas[change["uuid"]] = self._unpack(component)
        return super()._apply(change)

    def _unpack(self, component):
        sizes = self.received[-1]["attachments"]
        buffer = component["buffers"]["delta"]
        start = sum(sizes[: buffer["attachment"]])
        numbers = struct.unpack(f"<{buffer['bytes'] // 4}f", self.bulk[start : start + buffer["bytes"]])
        places = [numbers[at : at + 3] for at in range(0, len(numbers), 3)]
        count = component["vertex_count"]
        return [places[at : at + count] for at in range(0, len(places), count)]

    def weigh(self, mesh, **weights):
        """Sends weights of a mesh."""
        change = {"op": "update", "uuid": mesh, "components": {"shape_values": {"values": weights}}}
        intent = {"operation_id": str(uuid.uuid4()), "project_id": self.project, "schema_version": 1}
        intent |= {"base_seq": self.head_seq, "label": "Weigh", "changes": [change]}
        self.send({"type": "intent", **intent})

    def components_of(self, mesh):
        return self.entities.get(mesh, {"components": {}})["components"]

    def close(self):
        self.socket.close()


@pytest.fixture
def blender_alone(binary, tmp_path):
    """Yields a daemon and a Blender with nothing else."""
    daemon = Daemon(binary, tmp_path / "project")
    daemon.start()
    blender = Editor("blender-driver", daemon, "blender")
    try:
        blender.wait_until_connected()
        yield daemon, blender
    finally:
        blender.stop()
        daemon.stop()


def keyed(blender, shape="cube"):
    """Makes an object whose key A moves vertex 1 by 1. B, relative to A, moves vertex 2 by 2, and takes that back."""
    made = blender.do("create", name="Face", shape=shape, translation=[0, 0, 0])
    blender.do("edit_shape_keys", edit="add_shape_key", uuid=made["uuid"], name="A", vertex=1, delta=[0, 0, 1])
    blender.do(
        "edit_shape_keys", edit="add_shape_key", uuid=made["uuid"], name="B", vertex=2, delta=[0, 0, 2], base="A"
    )
    return made["uuid"], made["mesh"]


def moves(deltas):
    """Returns the moves that are none of zero, by key and vertex."""
    return {
        (key, vertex): [round(part, 5) for part in delta]
        for key, vertices in enumerate(deltas)
        for vertex, delta in enumerate(vertices)
        if any(delta)
    }


def assert_fine(daemon):
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], status
    assert not any(record["phase"] == "ROLLBACK" for record in daemon.log())


def test_keys_make_the_round_trip(blender_alone):
    daemon, blender = blender_alone
    item, mesh = keyed(blender)
    blender.do("edit_shape_keys", edit="set_weights", uuid=item, A=0.5, B=0.25)
    with contextlib.closing(PlainKeys(daemon)) as other:
        weights = {"values": {"A": 0.5, "B": 0.25}}
        wait_for("the weights arrive", lambda: other.components_of(mesh).get("shape_values") == weights)
        assert other.components_of(mesh)["shapes"]["keys"] == KEYS
        assert moves(other.deltas[mesh]) == {(0, 1): [0, 1, 0], (1, 1): [0, -1, 0], (1, 2): [0, 2, 0]}
    # An accepted key survives the death of the daemon.
    daemon.kill()
    daemon.start()
    blender.wait_until_connected()
    with contextlib.closing(PlainKeys(daemon)) as other:
        wait_for("the keys arrive again", lambda: mesh in other.deltas)
        other.weigh(mesh, A=1.0, B=0.75)
        weights = {"A": 1, "B": 0.75}
        wait_for("Blender shows them", lambda: blender.do("read_shape_keys", uuid=item)["weights"] == weights)
        # B relative to A holds vertex 1 where the mesh has it, so it takes a part of A back.
        shown = blender.do("read_shape_keys", uuid=item)["moved"]
        assert shown[-2:] == [0.25, 1.5]
    assert_fine(daemon)


def test_stroke_on_a_key_of_a_large_mesh_arrives(blender_alone):
    daemon, blender = blender_alone
    item, mesh = keyed(blender, "grid")
    with contextlib.closing(PlainKeys(daemon)) as other:
        wait_for("the keys arrive", lambda: len(other.deltas.get(mesh, ())) == 2)
        for vertex in (7, 4_000):
            blender.do("edit_shape_keys", edit="sculpt_shape_key", uuid=item, name="A", vertex=vertex, delta=[0, 0, 1])
            wait_for("the stroke arrives", lambda at=vertex: (0, at) in moves(other.deltas[mesh]))
    assert_fine(daemon)


def test_unity_shows_keys_and_sends_weights(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    item, _ = keyed(blender)
    blender.do("edit_shape_keys", edit="set_weights", uuid=item, A=0.5, B=0.25)
    converge(daemon, blender, unity)
    before = blender.do("read_shape_keys", uuid=item)
    moves_shown = {"A": ["0 1 0"], "B": ["0 -1 0", "0 2 0"]}
    shown = unity.do("read_shapes", uuid=item)
    assert (shown["weights"], shown["moves"]) == ({"A": 50, "B": 25}, moves_shown)
    unity.do("weigh", uuid=item, shape=0, weight=100)
    converge(daemon, blender, unity)
    assert blender.do("read_shape_keys", uuid=item)["weights"] == {"A": 1, "B": 0.25}
    unity.do("undo")
    wait_for("Blender follows", lambda: blender.do("read_shape_keys", uuid=item)["weights"] == before["weights"])
    unity.do("edit_mesh", uuid=item, vertex=0, delta=[0, 0.5, 0])
    unity.do("rename", uuid=item, name="Head")
    converge(daemon, blender, unity)
    after = blender.do("read_shape_keys", uuid=item)
    assert after["weights"] == before["weights"] and after["deltas"] == before["deltas"]
    assert after["moved"][-2:] == before["moved"][-2:] == [0.25, 0.5]
    unity.do("delete", uuid=item)
    converge(daemon, blender, unity)
    unity.do("undo")
    assert item in converge(daemon, blender, unity)
    assert blender.do("read_shape_keys", uuid=item)["deltas"] == before["deltas"]
    shown = unity.do("read_shapes", uuid=item)
    assert (shown["weights"], shown["moves"]) == ({"A": 50, "B": 25}, moves_shown)
    unity.do("delete", uuid=item)
    converge(daemon, blender, unity)
