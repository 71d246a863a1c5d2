"""Any commit of the history can be restored in a real Blender and in the compiled package, and reverted again."""

import json
import os
import pty
import re
import select
import signal

import pytest
from harness import converge, difference, kill_group, start_process, wait_for


def commits(daemon):
    """Lists the commits, newest first."""
    return [json.loads(line) for line in daemon.cli("audit", "log", "--json", "-n", "1000").stdout.splitlines()]


def committed(daemon, one, other):
    """Waits until both editors and git hold the same scene; returns scene and commit."""
    scene = converge(daemon, one, other)
    last = [record["seq"] for record in daemon.log() if record["phase"] in ("FINAL", "COMMIT")][-1]
    return scene, wait_for("the commit", lambda: next((c["commit"] for c in commits(daemon) if c["seq"] == last), None))


def restore(daemon, commit, *arguments):
    done = daemon.cli("audit", "restore", commit, "--reason", "the test wants it back", "--yes", "--json", *arguments)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def history(daemon_and_editors):
    """Commits a parent with two children, one with an edited mesh; then changes or deletes all of them."""
    daemon, blender, unity = daemon_and_editors
    parent = blender.do("create", name="Parent", shape="empty", translation=[0, 0, 1])
    child = blender.do("create", name="Child", shape="cube", translation=[1, 2, 3])
    other = unity.do("create", name="Other", shape="cube", translation=[4, 5, 6])
    converge(daemon, blender, unity)
    blender.do("reparent", uuid=child["uuid"], parent=parent["uuid"])
    blender.do("edit_mesh", uuid=child["uuid"], vertex=0, delta=[0.125, 0.25, 0.5])
    then, commit = committed(daemon, blender, unity)
    blender.do("reparent", uuid=child["uuid"], parent=None)
    blender.do("edit_mesh", uuid=child["uuid"], vertex=1, delta=[1, 0, 0])
    converge(daemon, blender, unity)
    unity.do("delete", uuid=other["uuid"])
    blender.do("rename", uuid=parent["uuid"], name="Renamed")
    blender.do("create", name="Later", shape="cube", translation=[7, 8, 9])
    now, latest = committed(daemon, blender, unity)
    return {"then": then, "commit": commit, "now": now, "latest": latest, "child": child, "other": other}


def test_restore_reaches_both_editors_and_can_be_reverted(daemon_and_editors, history):
    daemon, blender, unity = daemon_and_editors
    assert difference(history["then"], history["now"])
    said = restore(daemon, history["commit"])
    assert said["outcome"] == "verified" and said["total"] >= 5, said
    held, restored = committed(daemon, blender, unity)
    assert difference(history["then"], held) == ""
    assert daemon.cli("audit", "diff", history["commit"], restored).stdout == "no difference\n"

    begin = next(r for r in daemon.log() if r["operation_id"] == said["operation_id"])
    assert begin["payload"]["origin"] == "cli" and "the test wants it back" in begin["payload"]["label"]

    restore(daemon, history["latest"])
    held, _ = committed(daemon, blender, unity)
    assert difference(history["now"], held) == ""


def test_deleted_object_can_be_restored_alone(daemon_and_editors, history):
    daemon, blender, unity = daemon_and_editors
    before, _ = committed(daemon, blender, unity)
    other = history["other"]
    said = restore(daemon, history["commit"], "--uuid", other["uuid"])
    gone = {uuid for uuid in (other["uuid"], other["mesh"]) if uuid not in before}
    assert other["uuid"] in gone and {change["uuid"] for change in said["changes"]} == gone
    held, _ = committed(daemon, blender, unity)
    expected = before | {uuid: history["then"][uuid] for uuid in gone}
    assert difference(expected, held) == ""
    # The restored object can be edited like any other.
    blender.do("move", uuid=other["uuid"], translation=[9, 9, 9])
    converge(daemon, blender, unity)


def test_watched_status_redraws_and_restores_the_terminal(daemon_and_editors):
    daemon, blender, _ = daemon_and_editors
    ours, theirs = pty.openpty()
    command = [daemon.binary, "--project", str(daemon.project), "status", "--watch"]
    watch = start_process(command, env=daemon.env, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""

    def shows(pattern):
        nonlocal shown
        while select.select([ours], [], [], 0)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the command has closed the terminal
                break
        return re.search(pattern, shown, re.DOTALL)

    try:
        # Either editor may have connected first.
        first = rb"^\x1b\[\?1049h\x1b\[\?25l\x1b\[1;1H(?=.*blender +[a-z]+ )(?=.*unity +[a-z]+ )"
        wait_for("the first page", lambda: shows(first))
        entities = daemon.status()["entities"]
        blender.do("create", name="Seen", shape="empty", translation=[0, 0, 0])
        wait_for("the page drawn anew", lambda: shows(rb"\x1b\[2;1H[^\x1b]* %d entities" % (entities + 1)))
        watch.send_signal(signal.SIGINT)
        assert watch.wait(timeout=20) == 0
        assert shows(rb"\x1b\[\?25h\x1b\[\?1049lproject [^\x1b]*$"), "the last page stays, without a trace of drawing"
    finally:
        kill_group(watch)
        os.close(ours)
