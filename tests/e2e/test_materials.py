"""Materials and slots in both editors: edits make the round trip, and a person's own assets stay theirs."""

import contextlib
import hashlib
import os
import random
from pathlib import Path

import pytest
from harness import converge, is_same_component, wait_for
from mcp_client import McpClient
from test_kill import crash

SEED = int(os.environ.get("VIBESYNC_SEED", str(random.randrange(1 << 32))))
# Blender's fields, and Unity's.
BLENDER = {
    "base_color": [0.8, 0.5, 0.18, 1.0],
    "metallic": 0.75,
    "roughness": 0.25,
    "emission_color": [0.5, 0.25, 0.0, 1.0],
    "emission_strength": 4.0,
    "use_backface_culling": True,
    "alpha": 0.5,
    "surface_render_method": "BLENDED",
}
UNITY = {
    "_Color": [0.2, 0.4, 0.6, 1.0],
    "_Metallic": 0.5,
    "_Glossiness": 0.625,
    "_EmissionColor": [0.0, 1.0, 2.0],
    "_Cutoff": 0.25,
    "_BumpScale": 0.5,
    "_OcclusionStrength": 0.5,
    "_Mode": 1,
}


def component(scene, uuid, name):
    return scene[uuid]["components"][name]


def made_in(editor, name="Paint", slot=0):
    """Returns a cube with a new material in a slot."""
    cube = editor.do("create", name=f"Box {name}", shape="cube", translation=[1.0, 2.0, 3.0])["uuid"]
    material = editor.do("create_material", name=name)["uuid"]
    editor.do("assign_material", uuid=cube, slot=slot, material=material)
    return cube, material


def was_refused(daemon, uuid):
    """Returns whether an editor got the values of an entity back.

    The log has one record a minute about refusals of a kind, but one about each delivery that takes an edit back.
    """
    restored = [record for record in daemon.log() if record["payload"].get("reason") == "restore"]
    return any(uuid in record["uuids"] for record in restored)


def mesh_of(scene, cube):
    return component(scene, cube, "data")["uuid"]


def slots_of(scene, cube):
    """Returns the materials of an object's mesh; empty slots at the end need not be there."""
    slots = scene[mesh_of(scene, cube)]["components"].get("slots", {"materials": []})["materials"]
    while slots and slots[-1] is None:
        slots = slots[:-1]
    return slots


def converge_with(daemon, blender, unity, material):
    """Waits until a material is in the scene: Unity's sweep finds it in a tick of its own."""
    scenes = (converge(daemon, blender, unity) for _ in range(100))
    return next(scene for scene in scenes if material in scene)


def test_values_of_blenders_material_make_the_round_trip(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    cube, material = made_in(blender)
    scene = converge(daemon, blender, unity)
    assert slots_of(scene, cube) == [material]
    before = [component(scene, material, name) for name in ("pbr", "emission")]
    for editor, fields in ((blender, BLENDER), (unity, UNITY)):
        for name, value in fields.items():
            editor.do("edit_material", uuid=material, **{name: value})
            scene = converge(daemon, blender, unity)
            after = [component(scene, material, name) for name in ("pbr", "emission")]
            # A color without strength sends nothing out; an alpha below 1 blends in any case.
            if name not in ("emission_color", "surface_render_method"):
                assert after != before, f"{editor.name} set {name}"
            before = after
    assert before[0]["base_color"] == pytest.approx([0.033105, 0.132868, 0.318547, 1.0], abs=1e-5)
    assert before[0]["roughness"] == pytest.approx(0.375)
    assert before[0]["double_sided"] is False, "Unity's Standard has no place for it, and keeps it"


def test_persons_asset_in_unity_is_read_and_never_written(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    cube, material = made_in(unity, "Mine")
    scene = converge_with(daemon, blender, unity, material)
    assert component(scene, cube, "materials") == {"own": {"0": material}}
    for name, value in UNITY.items():
        unity.do("edit_material", uuid=material, **{name: value})
        scene = converge(daemon, blender, unity)
    assert component(scene, material, "pbr")["metallic"] == pytest.approx(0.5)
    assert "metallic" in component(scene, material, "locks")["unity"]["pbr"]
    asset = next(Path(unity.env["VIBESYNC_TEST_UNITY_PROJECT"]).rglob("Mine*.mat"))
    before = hashlib.sha256(asset.read_bytes()).hexdigest()
    blender.do("edit_material", uuid=material, roughness=0.1)
    restored = converge(daemon, blender, unity)
    wait_for("the refusal", lambda: was_refused(daemon, material))
    restored = converge(daemon, blender, unity)
    assert is_same_component("pbr", component(restored, material, "pbr"), component(scene, material, "pbr"))
    assert hashlib.sha256(asset.read_bytes()).hexdigest() == before


def test_what_is_anothers_survives_a_storm_byte_by_byte(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    _, mine = made_in(unity, "Precious")
    _, mixed = made_in(blender, "Mixed")
    blender.do("mix_shader", uuid=mixed)
    converge_with(daemon, blender, unity, mine)
    assets = Path(unity.env["VIBESYNC_TEST_UNITY_PROJECT"])
    asset = next(assets.rglob("Precious*.mat"))
    before = asset.read_bytes(), blender.do("read_nodes", uuid=mixed)
    rng = random.Random(SEED)
    for _ in range(40):
        blender.do("edit_material", uuid=mine, roughness=rng.random(), base_color=[rng.random() for _ in range(4)])
        unity.do("edit_material", uuid=mixed, _Glossiness=rng.random(), _Color=[rng.random() for _ in range(4)])
        if rng.random() < 0.3:
            rng.choice((blender, unity)).do(rng.choice(("undo", "redo")))
    converge(daemon, blender, unity)
    assert (asset.read_bytes(), blender.do("read_nodes", uuid=mixed)) == before, f"VIBESYNC_SEED={SEED}"
    for uuid in (mine, mixed):
        assert was_refused(daemon, uuid), "edits reached the daemon, which refused them"


def test_socket_that_nodes_decide_is_not_written(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    _, material = made_in(blender)
    converge(daemon, blender, unity)
    blender.do("link_socket", uuid=material, socket="Roughness", on=True)
    scene = converge(daemon, blender, unity)
    assert component(scene, material, "locks")["blender"] == {"maps": ["roughness"], "pbr": ["roughness"]}
    unity.do("edit_material", uuid=material, _Glossiness=0.9)
    wait_for("the refusal", lambda: was_refused(daemon, material))
    after = converge(daemon, blender, unity)
    assert is_same_component("pbr", component(after, material, "pbr"), component(scene, material, "pbr"))
    unity.do("edit_material", uuid=material, _Metallic=0.9)
    after = converge(daemon, blender, unity)
    assert component(after, material, "pbr")["metallic"] == pytest.approx(0.9), "other fields are free"
    blender.do("link_socket", uuid=material, socket="Roughness", on=False)
    converge(daemon, blender, unity)
    unity.do("edit_material", uuid=material, _Glossiness=0.9)
    after = converge(daemon, blender, unity)
    assert component(after, material, "pbr")["roughness"] == pytest.approx(0.1)


def test_edit_of_a_users_material_lost_in_a_crash_is_lost_in_both(daemon_and_editors):
    """Nobody but its user writes that material, so what Unity shows of it stands."""
    daemon, blender, unity = daemon_and_editors
    _, material = made_in(unity, "Unsaved")
    before = component(converge_with(daemon, blender, unity, material), material, "pbr")
    unity.do("edit_material", uuid=material, _Glossiness=0.9)
    after = component(converge(daemon, blender, unity), material, "pbr")
    assert after["roughness"] == pytest.approx(0.1)
    crash(daemon, unity)
    unity.start()
    unity.wait_until_connected()
    scene = converge(daemon, blender, unity)
    assert is_same_component("pbr", component(scene, material, "pbr"), before)
    assert not any(record["phase"] == "ROLLBACK" for record in daemon.log())


def test_object_shows_a_material_of_its_own(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    first, wood = made_in(blender, "Wood")
    second = blender.do("duplicate_linked", uuid=first)["uuid"]
    glass = blender.do("create_material", name="Glass")["uuid"]
    converge(daemon, blender, unity)
    # An assignment in Unity concerns one object.
    unity.do("assign_material", uuid=second, slot=0, material=glass)
    scene = converge(daemon, blender, unity)
    assert component(scene, second, "materials") == {"own": {"0": glass}}
    assert "materials" not in scene[first]["components"]
    assert slots_of(scene, first) == [wood]
    # The mesh's slot in Blender concerns all objects without one of their own.
    blender.do("assign_material", uuid=first, slot=0, material=None)
    scene = converge(daemon, blender, unity)
    assert slots_of(scene, first) == []
    assert component(scene, second, "materials") == {"own": {"0": glass}}
    blender.do("assign_material", uuid=first, slot=0, material=wood, link="object")
    scene = converge(daemon, blender, unity)
    assert component(scene, first, "materials") == {"own": {"0": wood}}


@pytest.mark.parametrize("remover", ["blender", "unity"])
def test_deleted_material_leaves_its_slots_empty(daemon_and_editors, remover):
    daemon, blender, unity = daemon_and_editors
    cube, material = made_in(blender)
    converge(daemon, blender, unity)
    editor = blender if remover == "blender" else unity
    editor.do("remove_material", uuid=material)

    def is_gone():
        scene = converge(daemon, blender, unity)
        return scene if material not in scene else None

    scene = wait_for("the deletion", is_gone)
    assert slots_of(scene, cube) == []


def test_undo_takes_an_edit_of_a_material_back(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    _, material = made_in(blender)
    before = converge(daemon, blender, unity)
    for editor, field in ((blender, {"roughness": 0.125}), (unity, {"_Metallic": 0.875})):
        editor.do("edit_material", uuid=material, **field)
        changed = converge(daemon, blender, unity)
        assert component(changed, material, "pbr") != component(before, material, "pbr")
        editor.do("undo")
        after = converge(daemon, blender, unity)
        assert is_same_component("pbr", component(after, material, "pbr"), component(before, material, "pbr"))


def test_agent_reads_materials(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    cube, material = made_in(blender)
    scene = converge(daemon, blender, unity)
    with contextlib.closing(McpClient(daemon, "reader")) as agent:
        uuids = [cube, mesh_of(scene, cube), material]
        rows = {row["uuid"]: row for row in agent.call("scene_describe", uuids=uuids)["entities"]}
    assert rows[material]["pbr"]["roughness"] == pytest.approx(0.5)
    assert rows[material]["emission"]["strength"] == 0
    assert rows[mesh_of(scene, cube)]["slots"] == [material]
