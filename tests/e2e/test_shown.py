"""Unity shows the evaluated meshes of modifiers and texts of a real Blender; both editors still edit the base mesh."""

from harness import converge, is_same_component, wait_for


def show(daemon, blender, unity, count):
    """Waits until Unity shows what Blender shows of so many objects; returns it."""

    def agree():
        converge(daemon, blender, unity)
        mine, theirs = blender.do("shown")["shown"], unity.do("shown")["shown"]
        is_same = mine.keys() == theirs.keys() and all(is_same_component("mesh", mine[it], theirs[it]) for it in mine)
        return (mine,) if is_same and len(mine) == count else None

    return wait_for("Unity to show the evaluated meshes", agree)[0]


def test_unity_shows_what_blenders_modifiers_show(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Part", shape="cube", translation=[1, 2, 3])
    part = made["uuid"]
    blender.do("assign_material", uuid=part, slot=0, material=blender.do("create_material", name="Paint")["uuid"])
    assert show(daemon, blender, unity, 0) == {}
    blender.do("modify", uuid=part, kind="ARRAY", count=3)
    assert len(show(daemon, blender, unity, 1)[part]["corners"]) == 3 * 36
    blender.do("modify", uuid=part, kind="BEVEL", segments=2)
    assert len(show(daemon, blender, unity, 1)[part]["corners"]) > 3 * 36
    blender.do("modify", uuid=part, kind="SUBSURF")
    shown = show(daemon, blender, unity, 1)[part]
    # The base mesh travels as before, both ways, and what the modifiers make of it follows.
    copy = unity.do("duplicate_linked", uuid=part)["uuid"]
    scene = converge(daemon, blender, unity)
    assert scene[copy]["components"]["data"] == {"uuid": made["mesh"]}
    unity.do("edit_mesh", uuid=copy, vertex=0, delta=[0, 5, 0])
    moved = show(daemon, blender, unity, 1)[part]
    assert moved != shown
    blender.do("undo")
    assert len(show(daemon, blender, unity, 1)[part]["corners"]) != len(moved["corners"])
    blender.do("edit_mesh", uuid=part, vertex=0, delta=[0, 5, 0])
    unity.do("move", uuid=part, translation=[4, 5, 6])
    show(daemon, blender, unity, 1)
    unity.do("domain_reload")
    unity.wait_until_connected()
    blender.do("apply_modifier", uuid=part, kind="TRIANGULATE")
    show(daemon, blender, unity, 1)
    blender.do("modify", uuid=part)
    show(daemon, blender, unity, 0)
    text = blender.do("create", name="Hi", shape="text", translation=[0, 0, 0])["uuid"]
    assert show(daemon, blender, unity, 1)[text]["corners"]
    blender.do("modify", uuid=part, kind="MIRROR")
    assert copy not in show(daemon, blender, unity, 2)
    blender.do("delete", uuid=text)
    unity.do("delete", uuid=part)
    assert show(daemon, blender, unity, 0) == {}
    findings = daemon.run("doctor")
    assert findings.returncode == 0, findings.stdout
