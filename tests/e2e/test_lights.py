"""Lights and cameras in both editors: each kind of edit makes the round trip, and both look the same way."""

import contextlib

import pytest
from harness import converge, is_same_component, wait_for
from mcp_client import McpClient

# Blender's fields, and Unity's, by type of light.
LIGHTS = {
    "point": (
        {"energy": 250.0, "color": [1.0, 0.5, 0.25], "shadow_soft_size": 0.25},
        {"intensity": 3.5, "range": 12.5},
    ),
    "sun": ({"energy": 3.0, "angle": 0.1}, {"intensity": 0.75}),
    "spot": ({"energy": 100.0, "spot_size": 1.2, "spot_blend": 0.5}, {"spotAngle": 80.0, "innerSpotAngle": 40.0}),
    "area": ({"energy": 100.0, "shape": "ELLIPSE", "size": 2.0, "size_y": 0.5}, {"intensity": 2.0}),
}
CAMERAS = {
    "perspective": ({"lens": 35.0, "shift_x": 0.1, "clip_end": 250.0}, {"fieldOfView": 40.0, "farClipPlane": 500.0}),
    "orthographic": ({"ortho_scale": 12.0, "clip_start": 0.2}, {"orthographicSize": 4.0}),
}
# x, y, z, w: a turn about several axes, where a formula that is right for one axis fails.
TURN = [0.182574, -0.365148, 0.547723, 0.730297]


@pytest.fixture(params=["blender", "unity"])
def side(daemon_and_editors, request):
    daemon, blender, unity = daemon_and_editors
    return (daemon, blender, unity) if request.param == "blender" else (daemon, unity, blender)


def component(scene, uuid, kind):
    """Returns the component of the light or camera that an object shows."""
    data = scene[uuid]["components"]["data"]["uuid"]
    return scene[data]["components"][kind]


@pytest.mark.parametrize("kind", LIGHTS)
def test_light_and_its_fields_make_the_round_trip(side, kind):
    daemon, mine, other = side
    made = mine.do("create", name=f"Light {kind}", shape="light", type=kind, translation=[1.0, 2.0, 3.0])
    before = component(converge(daemon, mine, other), made["uuid"], "light")
    assert before["type"] == kind
    fields = LIGHTS[kind]
    for editor, values in ((mine, fields[mine.name == "unity"]), (other, fields[other.name == "unity"])):
        for name, value in values.items():
            editor.do("edit_light", uuid=made["uuid"], **{name: value})
            after = component(converge(daemon, mine, other), made["uuid"], "light")
            assert after != before, f"{editor.name} set {name}"
            before = after


def test_shadow_of_a_light_is_one_switch(side):
    daemon, mine, other = side
    made = mine.do("create", name="Lamp", shape="light", type="point", translation=[1.0, 2.0, 3.0])
    for editor, casts in ((mine, True), (other, False), (mine, True), (mine, False), (other, True)):
        field = {"use_shadow": casts} if editor.name == "blender" else {"shadows": "Soft" if casts else "None"}
        editor.do("edit_light", uuid=made["uuid"], **field)
        assert component(converge(daemon, mine, other), made["uuid"], "light")["shadow"] is casts


@pytest.mark.parametrize("kind", CAMERAS)
def test_camera_and_its_fields_make_the_round_trip(side, kind):
    daemon, mine, other = side
    made = mine.do("create", name=f"Camera {kind}", shape="camera", type=kind, translation=[1.0, 2.0, 3.0])
    before = component(converge(daemon, mine, other), made["uuid"], "camera")
    assert before["projection"] == kind
    fields = CAMERAS[kind]
    for editor, values in ((mine, fields[mine.name == "unity"]), (other, fields[other.name == "unity"])):
        for name, value in values.items():
            editor.do("edit_camera", uuid=made["uuid"], **{name: value})
            after = component(converge(daemon, mine, other), made["uuid"], "camera")
            assert after != before, f"{editor.name} set {name}"
            before = after


def test_lights_turn_and_nest_like_other_objects(side):
    daemon, mine, other = side
    names = ("create", "light", "camera")
    lamp = mine.do(names[0], name="Lamp", shape="light", type="spot", translation=[0.0, 1.0, 0.0])["uuid"]
    box = mine.do(names[0], name="Box", shape="cube", translation=[4.0, 0.0, 0.0])["uuid"]
    view = mine.do(names[0], name="View", shape="camera", type="perspective", translation=[0.0, 0.0, 5.0])["uuid"]
    for uuid in (lamp, box, view):
        mine.do("move", uuid=uuid, rotation=TURN, scale=[1.0, 2.0, 0.5])
    scene = converge(daemon, mine, other)
    assert scene[lamp]["components"]["transform"]["rotation"] == pytest.approx(TURN, abs=1e-5)
    # A light below an object, an object below a light, a camera below a light, and back.
    for child, parent in ((lamp, box), (lamp, None), (box, lamp), (view, lamp), (view, None), (box, None)):
        mine.do("reparent", uuid=child, parent=parent, keep=False)
        converge(daemon, mine, other)
    for uuid in (lamp, box, view):
        other.do("move", uuid=uuid, translation=[1.0, 1.0, 1.0], rotation=TURN)
        scene = converge(daemon, mine, other)
        assert scene[uuid]["components"]["transform"]["rotation"] == pytest.approx(TURN, abs=1e-5)


def test_shared_light_is_one_light(side):
    daemon, mine, other = side
    first = mine.do("create", name="First", shape="light", type="point", translation=[0.0, 0.0, 0.0])["uuid"]
    converge(daemon, mine, other)
    _, blender, unity = (daemon, mine, other) if mine.name == "blender" else (daemon, other, mine)
    second = blender.do("duplicate_linked", uuid=first)["uuid"]
    scene = converge(daemon, mine, other)
    shown = [scene[uuid]["components"]["data"]["uuid"] for uuid in (first, second)]
    assert shown[0] == shown[1]
    unity.do("edit_light", uuid=second, intensity=7.0)
    converge(daemon, mine, other)
    third = unity.do("duplicate", uuid=second)["uuid"]
    scene = converge(daemon, mine, other)
    assert scene[third]["components"]["data"]["uuid"] != shown[0], "a copy made in Unity has a light of its own"


def test_agent_reads_lights_and_cameras(side):
    daemon, mine, other = side
    made = [
        mine.do("create", name=shape, shape=shape, type=kind, translation=[0.0, 0.0, 0.0])["uuid"]
        for shape, kind in (("light", "sun"), ("camera", "perspective"))
    ]
    scene = converge(daemon, mine, other)
    shown = [scene[uuid]["components"]["data"]["uuid"] for uuid in made]
    with contextlib.closing(McpClient(daemon, "reader")) as agent:
        rows = {row["uuid"]: row for row in agent.call("scene_describe", uuids=shown)["entities"]}
    assert rows[shown[0]]["light"]["type"] == "sun"
    assert rows[shown[1]]["camera"]["projection"] == "perspective"


def test_deleted_light_comes_back_with_undo(side):
    daemon, mine, other = side
    lamp = mine.do("create", name="Lamp", shape="light", type="sun", translation=[0.0, 0.0, 0.0])["uuid"]
    before = converge(daemon, mine, other)
    mine.do("delete", uuid=lamp)
    assert lamp not in converge(daemon, mine, other)
    mine.do("undo")

    def revived():
        # Undo brings the object back as it was before it had its uuid: the addon finds it again in its next tick.
        scene = converge(daemon, mine, other)
        return scene if lamp in scene else None

    after = wait_for("the light is back", revived)
    assert is_same_component("light", component(after, lamp, "light"), component(before, lamp, "light"))


def test_saved_scene_keeps_lights_and_cameras(side, tmp_path):
    daemon, mine, other = side
    for shape, kind in (("light", "area"), ("camera", "orthographic")):
        mine.do("create", name=shape, shape=shape, type=kind, translation=[0.0, 0.0, 0.0])
    converge(daemon, mine, other)
    records = len(daemon.log())
    path = str(tmp_path / "lights.scene")
    mine.do("save", path=path)
    mine.do("open", path=path)
    converge(daemon, mine, other)
    begun = [record for record in daemon.log()[records:] if record["phase"] == "BEGIN"]
    assert not begun, "opening the file changed nothing"
