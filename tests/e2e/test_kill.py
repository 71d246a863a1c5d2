"""SIGKILL of the daemon at random moments under load: nothing acknowledged is lost, everything converges by itself."""

import os
import random
import time

from harness import close, converge

KILLS = int(os.environ.get("VIBESYNC_KILLS", "50"))
SEED = int(os.environ.get("VIBESYNC_SEED", str(random.randrange(1 << 32))))


class Artist:
    """Edits objects of its own in one editor and remembers what they must be in the end."""

    def __init__(self, editor, chance):
        self.editor = editor
        self.chance = chance
        self.expected = {}
        self.deleted = set()

    def edit(self):
        dice = self.chance.random()
        if len(self.expected) < 4 or dice < 0.1:
            place = self.place()
            # An identity is given at once, whether or not a daemon is there.
            made = self.editor.do("create", name="K", shape=self.chance.choice(["cube", "empty"]), translation=place)
            self.expected[made["uuid"]] = place
            return
        uuid = self.chance.choice(sorted(self.expected))
        if dice < 0.15 and len(self.expected) > 6:
            self.editor.do("delete", uuid=uuid)
            del self.expected[uuid]
            self.deleted.add(uuid)
        else:
            self.expected[uuid] = self.place()
            self.editor.do("move", uuid=uuid, translation=self.expected[uuid])

    def place(self):
        return [round(self.chance.uniform(-9, 9), 3) for _ in range(3)]


def test_no_kill_loses_anything(world):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    chance = random.Random(SEED)
    daemon, blender, unity = world
    artists = [Artist(blender, chance), Artist(unity, chance)]
    for _ in range(KILLS):
        end = time.monotonic() + chance.uniform(0.0, 0.6)
        while time.monotonic() < end:
            chance.choice(artists).edit()
        daemon.kill()
        for _ in range(chance.randrange(4)):
            chance.choice(artists).edit()
        daemon.start()
        if chance.random() < 0.7:
            blender.connected()
            unity.connected()
    blender.connected()
    unity.connected()
    scene = converge(daemon, blender, unity)
    for artist in artists:
        for uuid, place in artist.expected.items():
            found = scene[uuid]["components"]["transform"]["translation"]
            assert all(close(a, b) for a, b in zip(found, place, strict=True)), (
                f"seed {SEED}: {uuid} is at {found}, not {place}"
            )
        assert not artist.deleted & scene.keys(), f"seed {SEED}"
    verified = daemon.cli("log", "verify")
    assert verified.returncode == 0, f"seed {SEED}: {verified.stdout}{verified.stderr}"
    records = daemon.log()
    assert len([record for record in records if record["phase"] == "BOOT"]) == KILLS + 1
    begun = {record["operation_id"] for record in records if record["phase"] == "BEGIN"}
    ended = {record["operation_id"] for record in records if record["phase"] in ("FINAL", "COMMIT", "ROLLBACK")}
    assert begun == ended, f"seed {SEED}"
