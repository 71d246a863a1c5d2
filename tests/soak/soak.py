"""Runs two editors for a given time with random faults; memory must stay flat and both must stay equal."""

import argparse
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
from agent import Agent
from artist import Artist
from harness import Daemon, converge, editors, resident_memory

# Relative frequency of each event between two checks that both editors are equal.
FAULTS = {"nothing": 6, "kill the daemon": 2, "kill blender": 1, "kill unity": 1, "undo": 2, "agent": 1}
EDITS = (40, 160)
# The first minutes fill caches. After them memory may grow by this factor, and by the operations that are remembered
# to answer repeated intents: up to 65,536 of about a kilobyte each. The benchmark `growth` measures longer runs.
WARM_UP = 0.25
GROWTH, SLACK = 1.25, 64 << 20


class Soak:
    """A daemon, two editors and two artists, with random faults."""

    def __init__(self, folder, seed):
        self.rng = random.Random(seed)
        self.folder = folder
        self.daemon = Daemon(os.environ["VIBESYNC_BINARY"], folder).start()
        self.editors = editors(self.daemon)
        self.artists = [Artist(editor, self.rng, False) for editor in self.editors]
        self.counts = dict.fromkeys(FAULTS, 0)
        self.edits = 0
        self.refused = 0

    def work(self):
        """Makes some edits in both editors with one fault among them; then both must hold the same scene."""
        (fault,) = self.rng.choices(list(FAULTS), list(FAULTS.values()))
        edits = self.rng.randrange(*EDITS)
        when = self.rng.randrange(edits)
        for number in range(edits):
            if number == when:
                self.go_wrong(fault)
            self.edit(self.rng.choice(self.artists))
            self.edits += 1
        self.counts[fault] += 1
        for editor in self.editors:
            editor.wait_until_connected()
        converge(self.daemon, *self.editors)

    def edit(self, artist):
        """Makes one edit. If its object is gone, with a parent or by an undo, the artists read the scene again."""
        try:
            artist.edit()
            self.refused = 0
        except RuntimeError:
            self.refused += 1
            if self.refused > 3:
                raise
            self.read_scene_again()

    def go_wrong(self, fault):
        blender, unity = self.editors
        if fault == "kill the daemon":
            self.daemon.kill()
            self.daemon.start()
        elif fault in ("kill blender", "kill unity"):
            self.replace(blender if fault == "kill blender" else unity)
        elif fault == "undo":
            self.undo(self.rng.choice(self.artists))
        elif fault == "agent":
            self.automate()

    def automate(self):
        """Lets an agent rename some objects and waits for each answer."""
        with contextlib.closing(Agent(self.daemon)) as agent:
            for uuid in list(self.editors[0].dump())[:20]:
                agent.send_intent(agent.head_seq, {"op": "update", "uuid": uuid, "components": {"name": "by an agent"}})
                agent.receive("ack")

    def undo(self, artist):
        for _ in range(self.rng.randrange(1, 5)):
            artist.editor.do("undo" if self.rng.random() < 0.6 else "redo")
        self.read_scene_again()

    def replace(self, editor):
        """Saves, kills the editor, starts it again and opens the file."""
        converge(self.daemon, *self.editors)
        path = str(Path(self.folder) / f"{editor.name}.scene")
        editor.do("save", path=path)
        editor.kill()
        editor.start()
        editor.do("open", path=path)
        editor.wait_until_connected()
        self.read_scene_again()

    def read_scene_again(self):
        """Reads the scene again after a large change; each artist gets half of the object trees."""
        converge(self.daemon, *self.editors)
        scene = {uuid: each["components"] for uuid, each in self.editors[0].dump().items() if each["kind"] == "object"}

        def root(uuid):
            while parent := scene[uuid]["parent"]["uuid"]:
                uuid = parent
            return uuid

        mine = set(sorted(uuid for uuid in scene if root(uuid) == uuid)[::2])
        self.artists[0].learn({uuid for uuid in scene if root(uuid) not in mine})
        self.artists[1].learn({uuid for uuid in scene if root(uuid) in mine})

    def memory(self):
        return [resident_memory(process.pid) for process in (self.daemon.process, *(it.process for it in self.editors))]

    def close(self):
        for editor in self.editors:
            editor.stop()
        self.daemon.stop()


def run(minutes, seed):
    """Prints measurements each minute; compares the highest memory after the warm-up with the highest before."""
    folder = tempfile.mkdtemp(prefix="vibesync-soak-")
    print(f"in {folder}, which stays where something fails")
    soak = Soak(folder, seed)
    try:
        begin, said, first, later = time.monotonic(), 0.0, 0, 0
        while (gone := time.monotonic() - begin) < minutes * 60:
            soak.work()
            daemon, blender, unity = (each >> 20 for each in soak.memory())
            used = soak.memory()[0]
            first, later = (max(first, used), later) if gone < minutes * 60 * WARM_UP else (first, max(later, used))
            if gone - said >= 60 or not said:
                said = gone
                print(
                    f"{gone / 60:5.1f} min, {soak.edits} edits, log at {soak.daemon.status()['head_seq']}, "
                    f"MiB: daemon {daemon}, blender {blender}, unity {unity}, {soak.counts}",
                    flush=True,
                )
        verified = soak.daemon.cli("log", "verify")
        doctor = soak.daemon.cli("doctor")
        assert verified.returncode == 0, verified.stdout
        assert doctor.returncode == 0, doctor.stdout
        assert later <= first * GROWTH + SLACK, f"the daemon grew from {first >> 20} to {later >> 20} MiB"
    finally:
        soak.close()
    shutil.rmtree(folder)
    print(f"no divergence in {soak.edits} edits, {soak.counts}; daemon at most {first >> 20}, then {later >> 20} MiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    run(asked.minutes, asked.seed)
