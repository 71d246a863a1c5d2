"""Runs the demonstration: verified edits in both directions, a SIGKILL of the daemon, the log and the git history."""

import sys
import tempfile
import time
from pathlib import Path

from harness import Daemon, converge, editors, git


class Demonstration:
    """Prints each step and checks its result."""

    def __init__(self, daemon, blender, unity):
        self.daemon, self.editors = daemon, {"Blender": blender, "Unity": unity}

    def edit(self, where, sentence, action, **arguments):
        """Makes one edit, waits until both editors hold it, and prints the end of its transaction."""
        seen = len(self.daemon.log())
        start = time.monotonic()
        answer = self.editors[where].do(action, **arguments)
        scene = converge(self.daemon, *self.editors.values())
        took = (time.monotonic() - start) * 1000
        new = self.daemon.log()[seen:]
        ends = [f"{r['phase']} {r['outcome']}" for r in new if r["phase"] in ("FINAL", "COMMIT", "ROLLBACK")]
        expect(ends and all(end in ("FINAL verified", "COMMIT verified") for end in ends), f"{sentence}: {ends}")
        print(f"  {where:8} {sentence:44} -> both hold it, {ends[-1]} ({took:.0f} ms)")
        return answer, scene


def expect(held, sentence):
    if not held:
        raise AssertionError(sentence)


def heading(text):
    print(f"\n{text}")


def edits(demonstration):
    heading("An artist edits in Blender, another in Unity; each change is read back from the other editor.")
    made, _ = demonstration.edit(
        "Blender", "creates a cube", "create", name="Robot", shape="cube", translation=[1, 0, 2]
    )
    robot = made["uuid"]
    turned = [0.182574, -0.365148, 0.547723, 0.730297]
    demonstration.edit(
        "Blender", "moves, turns and scales it", "move", uuid=robot, translation=[3, 1, 0], rotation=turned
    )
    demonstration.edit("Blender", "edits its mesh", "edit_mesh", uuid=robot, vertex=0, delta=[0.5, 0.25, 0])
    above, _ = demonstration.edit(
        "Unity", "creates an empty object", "create", name="Rig", shape="empty", translation=[0, 5, 0]
    )
    demonstration.edit("Unity", "parents the cube to it", "reparent", uuid=robot, parent=above["uuid"])
    demonstration.edit("Unity", "renames the cube", "rename", uuid=robot, name="Roboter")
    demonstration.edit(
        "Unity", "edits the mesh that Blender made", "edit_mesh", uuid=robot, vertex=3, delta=[0, -0.25, 0]
    )
    spare, _ = demonstration.edit(
        "Unity", "creates a cube of its own", "create", name="Spare", shape="cube", translation=[9, 9, 9]
    )
    demonstration.edit("Blender", "deletes that cube", "delete", uuid=spare["uuid"])
    return robot


def crash(demonstration, robot):
    heading("The daemon is killed with SIGKILL in the middle of the work. Both artists go on.")
    blender, unity = demonstration.editors.values()
    for step in range(10):
        blender.do("move", uuid=robot, translation=[step, 0, 0])
    before = len(demonstration.daemon.log())
    demonstration.daemon.kill()
    print(f"  killed at about log sequence {before}")
    blender.do("move", uuid=robot, translation=[42, 0, 0])
    offline = unity.do("create", name="Made offline", shape="empty", translation=[0, 0, 7])["uuid"]
    print("  Blender  moves the cube, Unity creates an object: nobody is there to hear it")
    demonstration.daemon.start()
    blender.wait_until_connected()
    unity.wait_until_connected()
    print("  restarted; both editors have reconnected by themselves")
    scene = converge(demonstration.daemon, blender, unity)
    expect(scene[robot]["components"]["transform"]["translation"][0] == 42, "the move made while it was down is lost")
    expect(offline in scene, "the object created while it was down is lost")
    print("  both editors hold both changes: nothing was lost, nothing came twice")


def history(daemon, robot):
    heading("The log checks out, and tells the story of the last change to the cube:")
    verified = daemon.cli("log", "verify")
    expect(verified.returncode == 0, verified.stderr)
    print(indent(verified.stdout))
    last = [r["operation_id"] for r in daemon.log() if robot in r["uuids"] and r["operation_id"]][-1]
    shown = daemon.cli("log", "show", last)
    expect(shown.returncode == 0, shown.stderr)
    print(indent(shown.stdout))
    heading("And the history of the scene is an ordinary git repository, one commit for each finished transaction:")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if last in git(daemon, "log", "--format=%(trailers:key=Operation)"):
            break
        time.sleep(0.2)
    expect(last in git(daemon, "log", "--format=%(trailers:key=Operation)"), "the last transaction has no commit")
    print(indent(git(daemon, "log", "--oneline", "--stat=90", "-5")))


def indent(text):
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines())


def main():
    with tempfile.TemporaryDirectory(prefix="vibesync-demo-", ignore_cleanup_errors=True) as folder:
        daemon = Daemon(Path(sys.argv[1]).resolve(), folder)
        both = []
        try:
            daemon.start()
            heading("The daemon runs; a real Blender and the Unity package (on a faked editor) connect by themselves.")
            both = editors(daemon)
            print(f"  Blender {both[0].version}\n  Unity   {both[1].version}")
            demonstration = Demonstration(daemon, *both)
            robot = edits(demonstration)
            crash(demonstration, robot)
            history(daemon, robot)
        finally:
            for editor in both:
                editor.stop()
            daemon.stop()
    heading("All of it held.")


if __name__ == "__main__":
    main()
