"""SIGKILL of the daemon and of the editors at random moments under load loses nothing that was acknowledged."""

import os
import random
import time

import pytest
from artist import Artist
from harness import converge, wait_for

KILLS = int(os.environ.get("VIBESYNC_KILLS", "50"))
EDITOR_KILLS = int(os.environ.get("VIBESYNC_EDITOR_KILLS", "6"))
ALL_KILLS = int(os.environ.get("VIBESYNC_ALL_KILLS", "4"))
# Many objects are created and deleted: an object that was deleted offline must stay deleted.
CHURN = {"create": 40, "delete": 25}
SEED = int(os.environ.get("VIBESYNC_SEED", str(random.randrange(1 << 32))))


def test_daemon_kills_lose_nothing(daemon_and_editors):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    rng = random.Random(SEED)
    daemon, blender, unity = daemon_and_editors
    artists = [Artist(editor, rng, False, CHURN) for editor in (blender, unity)]
    for _ in range(KILLS):
        end = time.monotonic() + rng.uniform(0.0, 0.6)
        while time.monotonic() < end:
            rng.choice(artists).edit()
        daemon.kill()
        for _ in range(rng.randrange(4)):
            rng.choice(artists).edit()
        daemon.start()
        if rng.random() < 0.7:
            blender.wait_until_connected()
            unity.wait_until_connected()
    blender.wait_until_connected()
    unity.wait_until_connected()
    scene = converge(daemon, blender, unity)
    assert not artists[0].differences_from(scene) + artists[1].differences_from(scene), f"seed {SEED}"
    check_log(daemon, KILLS + 1)


@pytest.mark.parametrize("name", ["blender", "unity"])
def test_editor_kills_lose_nothing_acknowledged(daemon_and_editors, name, tmp_path):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    rng = random.Random(f"{SEED} {name}")
    daemon, blender, unity = daemon_and_editors
    mine, other = (blender, unity) if name == "blender" else (unity, blender)
    boots = sum(record["payload"]["type"] == "boot" for record in daemon.log())
    artist, colleague = (Artist(editor, rng, False, CHURN) for editor in (mine, other))
    there = mine.dump().keys()
    path = str(tmp_path / f"{name}.scene")
    for _ in range(EDITOR_KILLS):
        saved = rng.random() < 0.5
        if saved:
            converge(daemon, mine, other)
            mine.do("save", path=path)
        for _ in range(rng.randrange(5, 60)):
            rng.choice([artist, artist, colleague]).edit()
        crash(daemon, mine)
        colleague.edit()
        others = there | colleague.parents.keys() | colleague.deleted
        artist.expected, artist.deleted = durable(daemon, others)
        mine.start()
        if saved:  # the file is older than the log
            mine.do("open", path=path)
        mine.wait_until_connected()
        scene = converge(daemon, mine, other)
        assert not artist.differences_from(scene) + colleague.differences_from(scene), f"seed {SEED}"
        artist.learn(others)
    check_log(daemon, boots)


def test_killing_all_three_loses_nothing_durable(daemon_and_editors):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    rng = random.Random(f"{SEED} all")
    daemon, *both = daemon_and_editors
    artists = [Artist(editor, rng, False, CHURN) for editor in both]
    boots = sum(record["payload"]["type"] == "boot" for record in daemon.log())
    for _ in range(ALL_KILLS):
        for _ in range(rng.randrange(5, 80)):
            rng.choice(artists).edit()
        for victim in rng.sample([daemon, *both], 3):
            victim.kill()
        daemon.start()
        for editor in both:
            editor.start()
        for editor in both:
            editor.wait_until_connected()
        scene = converge(daemon, *both)
        artists[0].expected, artists[0].deleted = durable(daemon, set())
        assert not artists[0].differences_from(scene), f"seed {SEED}"
        theirs = artists[1].parents.keys()
        artists[0].learn(theirs)
        artists[1].learn(artists[0].parents.keys())
    check_log(daemon, boots + ALL_KILLS)


def crash(daemon, editor):
    """Kills an editor and waits until everything that it had sent is in the log."""
    editor.kill()
    wait_for("the daemon notices", lambda: editor.name not in [each["role"] for each in daemon.status()["sessions"]])


def durable(daemon, others):
    """Replays the log: position of each object, and deleted objects; without the objects that others edit."""
    places, deleted = {}, set()
    records = daemon.log()
    # Identified by BEGIN: an interrupted operation is sent again with the same id.
    undone = {record["payload"]["begin"] for record in records if record["phase"] == "ROLLBACK"}
    begin = 0
    for record in records:
        if record["phase"] == "BEGIN":
            begin = record["seq"]
        if record["phase"] == "STEP" and begin not in undone:
            change = record["payload"]["change"]
            uuid = change["uuid"]
            if change["op"] == "delete":
                places.pop(uuid, None)
                deleted.add(uuid)
            elif transform := change["components"].get("transform"):
                places[uuid] = transform["translation"]
            if change["op"] == "create":
                deleted.discard(uuid)
    return {uuid: place for uuid, place in places.items() if uuid not in others}, deleted - others


def check_log(daemon, boots):
    verified = daemon.cli("log", "verify")
    assert verified.returncode == 0, f"seed {SEED}: {verified.stdout}{verified.stderr}"
    records = daemon.log()
    # A daemon that has run for a while says so in another record of this phase.
    assert sum(record["payload"]["type"] == "boot" for record in records) == boots
    begun = {record["operation_id"] for record in records if record["phase"] == "BEGIN"}
    ended = {record["operation_id"] for record in records if record["phase"] in ("FINAL", "COMMIT", "ROLLBACK")}
    assert begun == ended, f"seed {SEED}"
