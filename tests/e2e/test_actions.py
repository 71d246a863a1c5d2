"""Actions of a real Blender are clips in Unity. Edits of their curves go both ways."""

import math

import pytest
from harness import running, wait_for

HANDLES = [[[-2, 0], [4, 0.7]], [[9, 0.2], [14, 1]]]
RATE = 24


@pytest.fixture
def both(binary, tmp_path):
    with running(binary, tmp_path / "project") as (daemon, blender, unity):
        yield daemon, blender, unity


def assert_fine(daemon):
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], status
    assert not any(record["phase"] == "ROLLBACK" for record in daemon.log())


def moving(blender, unity):
    """Makes an object that moves along Blender's Z by one, with handles of its own."""
    item = blender.do("create", name="Ball", shape="cube", translation=[0, 0, 0])["uuid"]
    blender.do("insert_keys", uuid=item, path="location", keys=[[1, [3, 5, 0]], [11, [3, 5, 1]]])
    blender.do("set_handles", uuid=item, path="location", index=2, handles=HANDLES)
    wait_for("the object is there", lambda: item in unity.dump())
    return item


def curves_of(unity, item):
    return unity.do("clip", act="read", uuid=item)["curves"]


def weights(unity, item):
    """Returns the weights of the handles between the keys that move the object upwards; none before they are there."""
    keys = curves_of(unity, item).get("m_LocalPosition.y", [])
    return [keys[0][5], keys[1][4]] if len(keys) == 2 else []


def heights(blender, item):
    return [key[0][1] for key in blender.do("read_curve", uuid=item, path="location", index=2)["keys"]]


def test_keys_of_blender_are_a_clip(both):
    daemon, blender, unity = both
    item = moving(blender, unity)
    wait_for("the clip has the handles", lambda: weights(unity, item) == pytest.approx([0.3, 0.2], abs=1e-4))
    clip = unity.do("clip", act="read", uuid=item)
    assert clip["rate"] == RATE and sorted(clip["curves"]) == [f"m_LocalPosition.{axis}" for axis in "xyz"]
    first, last = clip["curves"]["m_LocalPosition.y"]
    assert first[:2] == pytest.approx([1 / RATE, 0]) and last[:2] == pytest.approx([11 / RATE, 1])
    assert (first[3], last[2]) == pytest.approx((5.6, 9.6), abs=1e-4)
    assert [key[1] for key in clip["curves"]["m_LocalPosition.x"]] == [-3, -3]
    assert [key[1] for key in clip["curves"]["m_LocalPosition.z"]] == [-5, -5]
    assert_fine(daemon)


def test_edit_in_unity_reaches_the_curve_of_blender(both):
    daemon, blender, unity = both
    item = moving(blender, unity)
    wait_for("the clip has the handles", lambda: weights(unity, item) == pytest.approx([0.3, 0.2], abs=1e-4))
    unity.do("clip", act="edit", uuid=item, property="m_LocalPosition.y", key=1, value=4)
    wait_for("Blender has it", lambda: heights(blender, item) == [0, 4])
    keys = blender.do("read_curve", uuid=item, path="location", index=2)["keys"]
    assert [key[0][0] for key in keys] == [1, 11]
    # The handle moves with its key.
    assert keys[1][1] == pytest.approx([9, 3.2], abs=1e-4) and keys[0][2] == pytest.approx([4, 0.7], abs=1e-4)
    assert_fine(daemon)


def test_restart_of_blender_loses_no_action(both):
    daemon, blender, unity = both
    item = moving(blender, unity)
    wait_for("the clip has the handles", lambda: weights(unity, item) == pytest.approx([0.3, 0.2], abs=1e-4))
    wait_for("all is settled", lambda: blender.is_idle() and unity.is_idle() and daemon.is_settled())
    blender.kill()
    unity.do("clip", act="edit", uuid=item, property="m_LocalPosition.y", key=0, value=-2)
    shown = curves_of(unity, item)
    blender.start()
    blender.wait_until_connected()
    wait_for("Blender has the object", lambda: item in blender.dump())
    wait_for("Blender has the action and the edit", lambda: heights(blender, item) == [-2, 1])
    assert curves_of(unity, item) == shown
    assert_fine(daemon)


def test_sampled_rotation_is_taken_back(both):
    daemon, blender, unity = both
    item = blender.do("create", name="Top", shape="cube", translation=[0, 0, 0])["uuid"]
    blender.do("insert_keys", uuid=item, path="rotation_euler", keys=[[1, [0, 0, 0]], [4, [0.3, 0.2, 0.1]]])
    wait_for("the object is there", lambda: item in unity.dump())
    turned = lambda: len(curves_of(unity, item).get("m_LocalRotation.w", [])) == 4  # noqa: E731
    wait_for("the turn is there, frame by frame", turned)
    before = curves_of(unity, item)
    unity.do("clip", act="edit", uuid=item, property="m_LocalRotation.x", key=2, value=9)
    wait_for("Unity has it back", lambda: curves_of(unity, item) == before)
    assert_fine(daemon)


def test_deleted_clip_that_an_object_plays_comes_back(both):
    daemon, blender, unity = both
    item = moving(blender, unity)
    wait_for("the clip has the handles", lambda: weights(unity, item) == pytest.approx([0.3, 0.2], abs=1e-4))
    shown = curves_of(unity, item)
    unity.do("clip", act="delete", uuid=item)
    assert curves_of(unity, item) == {}
    wait_for("the clip is back", lambda: curves_of(unity, item) == shown)
    assert heights(blender, item) == [0, 1]
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], status


def test_light_and_shape_keys_are_animated_in_unitys_units(both):
    daemon, blender, unity = both
    lamp = blender.do("create", name="Lamp", shape="light", type="point", translation=[0, 0, 0])["uuid"]
    blender.do("insert_keys", uuid=lamp, of="data", path="energy", keys=[[1, 100], [11, 200]])
    face = blender.do("create", name="Face", shape="cube", translation=[0, 0, 0])["uuid"]
    blender.do("edit_shape_keys", edit="add_shape_key", uuid=face, name="Smile", vertex=1, delta=[0, 0, 1])
    blender.do("insert_keys", uuid=face, of="Smile", path="value", keys=[[1, 0], [11, 0.5]])
    wait_for("both are there", lambda: {lamp, face} <= unity.dump().keys())

    def values(item, name):
        return [key[1] for key in curves_of(unity, item).get(name, [])]

    # 100 W are 5435 candela, which are 2.533 in Unity, in sRGB.
    ends = [1.055 * light ** (1 / 2.4) - 0.055 for light in (2.5330296, 5.0660592)]
    wait_for("the light", lambda: values(lamp, "m_Intensity")[::10] == pytest.approx(ends, rel=1e-5))
    wait_for("the weight", lambda: values(face, "blendShape.Smile") == pytest.approx([0, 50]))
    assert_fine(daemon)


def test_curve_that_unity_adds_turns_the_object_in_blender(both):
    daemon, blender, unity = both
    item = moving(blender, unity)
    wait_for("the clip has the handles", lambda: weights(unity, item) == pytest.approx([0.3, 0.2], abs=1e-4))
    unity.do("clip", act="add", uuid=item, property="localEulerAnglesRaw.y", keys=[[0, 0], [1, 90]])

    def turns():
        keys = blender.do("read_curve", uuid=item, path="rotation_euler", index=2)["keys"]
        return [number for key in keys for number in key[0]]

    wait_for("Blender has it", lambda: turns() == pytest.approx([0, 0, RATE, -math.pi / 2], abs=1e-5))
    assert heights(blender, item) == [0, 1]
    assert_fine(daemon)


def test_copy_in_unity_plays_the_same_action(both):
    daemon, blender, unity = both
    item = moving(blender, unity)
    wait_for("the clip has the handles", lambda: weights(unity, item) == pytest.approx([0.3, 0.2], abs=1e-4))
    copy = unity.do("duplicate", uuid=item)["uuid"]
    wait_for("Blender has the copy", lambda: copy in blender.dump())
    wait_for("it moves as the other one", lambda: heights(blender, copy) == [0, 1])
    names = {blender.do("read_curve", uuid=one, path="location", index=2)["action"] for one in (item, copy)}
    assert len(names) == 1 and weights(unity, copy) == weights(unity, item)
    assert_fine(daemon)
