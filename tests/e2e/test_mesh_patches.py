"""Strokes on a large mesh, of which only what differs travels: the mesh arrives, whatever one side loses meanwhile."""

import shutil

import pytest
from harness import converge


@pytest.fixture
def stroke(daemon_and_editors):
    """A function that moves a vertex of a large mesh, which both editors hold."""
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Ground", shape="grid", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    blender.do("edit_mesh", uuid=made["uuid"], vertex=7, delta=[0, 0.25, 0])
    converge(daemon, blender, unity)
    return lambda: blender.do("edit_mesh", uuid=made["uuid"], vertex=4_000, delta=[0, 0.5, 0.25])


def assert_arrives(daemon, blender, unity):
    converge(daemon, blender, unity)
    assert not daemon.status()["quarantined"]
    assert not any(record["phase"] == "ROLLBACK" for record in daemon.log())


def test_stroke_arrives(daemon_and_editors, stroke):
    stroke()
    assert_arrives(*daemon_and_editors)


def test_stroke_arrives_after_unity_began_anew(daemon_and_editors, stroke):
    unity = daemon_and_editors[2]
    unity.kill()
    unity.start()
    unity.wait_until_connected()
    stroke()
    assert_arrives(*daemon_and_editors)


def test_stroke_arrives_although_the_daemon_lost_its_base(daemon_and_editors, stroke):
    daemon, blender, unity = daemon_and_editors
    daemon.kill()
    daemon.start()
    for each in (blender, unity):
        each.wait_until_connected()
    converge(daemon, blender, unity)
    shutil.rmtree(daemon.project / ".vibesync" / "blobs")
    stroke()
    assert_arrives(*daemon_and_editors)


def test_stroke_survives_a_kill_of_the_daemon(daemon_and_editors, stroke):
    daemon, blender, unity = daemon_and_editors
    stroke()
    daemon.kill()
    daemon.start()
    for each in (blender, unity):
        each.wait_until_connected()
    assert_arrives(*daemon_and_editors)
