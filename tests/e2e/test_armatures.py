"""Armatures and poses of a real Blender reach the daemon and a client that knows them, come back changed, and reach a
Blender with an empty file. Unity shows their joints, deforms meshes by them, and sends what people do to them."""

import contextlib
import uuid

import pytest
from harness import Daemon, Editor, converge, wait_for
from plain_editor import PlainEditor


class PlainRigs(PlainEditor):
    """The plain editor, which keeps armatures and poses."""

    components = (*PlainEditor.components, "armature", "pose", "locks")

    def __init__(self, daemon):
        self.seen = 0  # the newest version that it holds
        super().__init__(daemon)

    def _apply(self, change):
        self.seen = max(self.seen, change["version"])
        return super()._apply(change)

    def change(self, *changes):
        """Sends changes as one intent."""
        intent = {"operation_id": str(uuid.uuid4()), "project_id": self.project, "schema_version": 1}
        self.send({"type": "intent", **intent, "base_seq": self.seen, "label": "Rig", "changes": list(changes)})

    def components_of(self, entity):
        return self.entities.get(entity, {"components": {}})["components"]

    def joints_of(self, armature):
        joints = self.components_of(armature).get("armature", {"joints": {}})["joints"]
        return {joint["name"]: (name, joint) for name, joint in joints.items()}

    def close(self):
        self.socket.close()


def update(entity, **components):
    return {"op": "update", "uuid": entity, "components": components}


def assert_fine(daemon):
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], status
    assert not any(record["phase"] == "ROLLBACK" for record in daemon.log())


@pytest.fixture
def daemon(binary, tmp_path):
    one = Daemon(binary, tmp_path / "project")
    one.start()
    yield one
    one.stop()


def test_rig_makes_the_round_trip(daemon):
    blender = Editor("blender-driver", daemon, "blender")
    try:
        blender.wait_until_connected()
        made = blender.do("add_rig", name="Rig")
        item, rig = made["uuid"], made["armature"]
        blender.do("pose_bone", uuid=item, bone="Child", location=[0.5, 0, 0])
        with contextlib.closing(PlainRigs(daemon)) as other:
            wait_for("the pose arrives", lambda: other.components_of(item).get("pose", {"joints": {}})["joints"])
            root, child = other.joints_of(rig)["Root"], other.joints_of(rig)["Child"]
            assert child[1]["parent"] == root[0]
            shown = other.components_of(item)["pose"]["joints"]
            assert shown[child[0]]["translation"] == pytest.approx([0.5, 1, 0], abs=1e-5) and len(shown) == 1
            place = {"translation": [0, 1, 0.25], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}
            longer = {**child[1], "name": "Arm", "rest": {**child[1]["rest"], "translation": [0, 3, 0]}}
            joints = {"joints": {root[0]: root[1], child[0]: longer}}
            other.change(update(rig, armature=joints), update(item, pose={"joints": {child[0]: place}}))
            wait_for("Blender has the bone", lambda: "Arm" in blender.do("read_rig", uuid=item)["rest"])
        shown = blender.do("read_rig", uuid=item)
        assert shown["rest"]["Arm"] == [[0, 0, 3], [0, 0, 4]]
        # The joint's Y is along the bone, so a move along its Z is one along -Y of the armature.
        assert [abs(value) for value in shown["posed"]["Arm"][0]] == [0, 0.25, 1]
        # A constraint decides the pose: it is sent as shown, and is Blender's alone.
        blender.do("constrain_bone", uuid=item, bone="Arm", least=2.0)
        wait_for("the lock is kept", lambda: "locks" in str(daemon.log()))
        shown = blender.do("read_rig", uuid=item)
    finally:
        blender.stop()
    daemon.kill()
    daemon.start()
    fresh = Editor("blender-driver", daemon, "blender")
    try:
        fresh.wait_until_connected()
        wait_for("the rig arrives", lambda: item in fresh.dump())
        held = fresh.do("read_rig", uuid=item)
        assert held["rest"] == shown["rest"]
        for bone, points in shown["posed"].items():
            for a, b in zip(points, held["posed"][bone], strict=True):
                assert a == pytest.approx(b, abs=2e-4)
        with contextlib.closing(PlainRigs(daemon)) as other:
            wait_for("the lock is gone", lambda: item in other.entities and not other.components_of(item).get("locks"))
    finally:
        fresh.stop()
    assert_fine(daemon)


def test_unity_loses_no_armature(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("add_rig", name="Rig")
    item = made["uuid"]
    blender.do("pose_bone", uuid=item, bone="Child", location=[0.5, 0, 0])
    converge(daemon, blender, unity)
    before = blender.do("read_rig", uuid=item)
    unity.do("move", uuid=item, translation=[1, 2, 3])
    unity.do("rename", uuid=item, name="Hero")
    assert item in converge(daemon, blender, unity)
    assert blender.do("read_rig", uuid=item) == before
    unity.do("delete", uuid=item)
    converge(daemon, blender, unity)
    unity.do("undo")
    assert item in converge(daemon, blender, unity)
    assert blender.do("read_rig", uuid=item) == before


HALF = 0.5**0.5


def test_joint_that_unity_turns_poses_blender(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    item = blender.do("add_rig", name="Turned", roll=30)["uuid"]
    blender.do("pose_bone", uuid=item, bone="Child", location=[0.5, 0, 0])
    converge(daemon, blender, unity)
    joints = wait_for("Unity shows the joints", lambda: unity.do("read_joints", uuid=item)["joints"])
    assert joints["Child"]["parent"] == "Root" and joints["Root"]["parent"] == "Turned"
    assert joints["Child"]["translation"] == pytest.approx([0.4330127, 1, -0.25], abs=1e-5)
    assert joints["Child"]["rotation"] == pytest.approx([0, 0.258819, 0, 0.965926], abs=1e-5)
    before = blender.do("read_rig", uuid=item)
    unity.do("turn_joint", uuid=item, joint="Root", rotation=[0, 0, HALF, HALF])
    wait_for("Blender follows", lambda: blender.do("read_rig", uuid=item)["posed"] != before["posed"])
    converge(daemon, blender, unity)
    after = blender.do("read_rig", uuid=item)
    # A quarter about the joint's own Z turns its Y, which was up, against its X.
    assert after["posed"]["Root"] == [[0, 0, 0], [-1, 0, 0]] and after["rest"] == before["rest"]
    unity.do("undo")
    wait_for("Blender is back", lambda: blender.do("read_rig", uuid=item) == before)
    blender.do("pose_bone", uuid=item, bone="Root", location=[0, 0.25, 0])
    moved = pytest.approx([0, 0.25, 0], abs=1e-5)
    wait_for("Unity follows", lambda: unity.do("read_joints", uuid=item)["joints"]["Root"]["translation"] == moved)
    assert_fine(daemon)


def to_blender(vertices):
    return sorted([x, -z, y] for x, y, z in vertices)


def is_deformed_alike(blender, unity, body):
    shown = to_blender(unity.do("read_skin", uuid=body)["vertices"])
    wanted = sorted(blender.do("read_body", uuid=body)["vertices"])
    pairs = zip(shown, wanted, strict=False)
    return len(shown) == len(wanted) and all(a == pytest.approx(b, abs=1e-4) for a, b in pairs)


def test_unity_deforms_a_mesh_as_blender_does(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    rig = blender.do("add_rig", name="Bones", roll=30)["uuid"]
    body = blender.do("add_body", name="Body", rig=rig)["uuid"]
    blender.do("pose_bone", uuid=rig, bone="Child", location=[0.5, 0, 0], rotation_quaternion=[HALF, 0, 0, HALF])
    converge(daemon, blender, unity)
    first = blender.do("read_body", uuid=body)["vertices"][0]
    assert first == pytest.approx([0.57735, 0.33333, 0.83333], abs=1e-5)
    wait_for("Unity deforms it", lambda: is_deformed_alike(blender, unity, body))
    # Bind poses follow the present relation of both objects, in both editors.
    unity.do("move", uuid=body, translation=[0.5, 0.25, -1])
    converge(daemon, blender, unity)
    wait_for("it is deformed from there", lambda: is_deformed_alike(blender, unity, body))
    unity.do("turn_joint", uuid=rig, joint="Root", rotation=[HALF, 0, 0, HALF])
    converge(daemon, blender, unity)
    wait_for("the body follows", lambda: is_deformed_alike(blender, unity, body))
    blender.do("deform_body", uuid=body, rig=None)
    wait_for("nothing deforms it", lambda: unity.do("read_skin", uuid=body)["vertices"] == [])
    blender.do("deform_body", uuid=body, rig=rig)
    wait_for("the bones are back", lambda: is_deformed_alike(blender, unity, body))
    # The deletion takes the armature out of the skin.
    unity.do("delete", uuid=rig)
    wait_for("Unity shows it plainly", lambda: unity.do("read_skin", uuid=body)["vertices"] == [])
    assert rig not in converge(daemon, blender, unity)
    assert_fine(daemon)


def test_locked_pose_is_taken_back_in_unity(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    item = blender.do("add_rig", name="Locked")["uuid"]
    blender.do("constrain_bone", uuid=item, bone="Child", least=2.0)
    converge(daemon, blender, unity)
    before = wait_for("Unity shows the pose", lambda: unity.do("read_joints", uuid=item)["joints"])

    def is_locked():
        return any("locks" in str(record) and item in str(record) for record in daemon.log())

    wait_for("the lock is known", is_locked)
    unity.do("turn_joint", uuid=item, joint="Root", rotation=[0, 0, HALF, HALF])
    wait_for("the edit is refused", lambda: "VS-3015" in str(daemon.log()) or "VS-3015" in str(unity.status()))
    wait_for("Unity has the pose back", lambda: unity.do("read_joints", uuid=item)["joints"] == before)
    converge(daemon, blender, unity)
    assert_fine(daemon)
