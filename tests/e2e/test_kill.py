"""SIGKILL of the daemon and of either editor at random moments under load: what was acknowledged stays."""

import os
import random
import time

import pytest
from artist import Artist
from harness import converge, wait_for

KILLS = int(os.environ.get("VIBESYNC_KILLS", "50"))
EDITOR_KILLS = int(os.environ.get("VIBESYNC_EDITOR_KILLS", "6"))
ALL_KILLS = int(os.environ.get("VIBESYNC_ALL_KILLS", "4"))
# Much comes and goes: what is deleted while nobody hears of it must stay so.
CHURN = {"create": 40, "delete": 25}
SEED = int(os.environ.get("VIBESYNC_SEED", str(random.randrange(1 << 32))))


def test_no_kill_of_the_daemon_loses_anything(world):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    chance = random.Random(SEED)
    daemon, blender, unity = world
    artists = [Artist(editor, chance, False, CHURN) for editor in (blender, unity)]
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
    assert not artists[0].missed(scene) + artists[1].missed(scene), f"seed {SEED}"
    check_log(daemon, KILLS + 1)


@pytest.mark.parametrize("name", ["blender", "unity"])
def test_no_kill_of_an_editor_loses_what_was_acknowledged(world, name, tmp_path):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    chance = random.Random(f"{SEED} {name}")
    daemon, blender, unity = world
    mine, other = (blender, unity) if name == "blender" else (unity, blender)
    boots = sum(record["phase"] == "BOOT" for record in daemon.log())
    artist, colleague = (Artist(editor, chance, False, CHURN) for editor in (mine, other))
    there = mine.dump().keys()
    path = str(tmp_path / f"{name}.scene")
    for _ in range(EDITOR_KILLS):
        saved = chance.random() < 0.5
        if saved:
            converge(daemon, mine, other)
            mine.do("save", path=path)
        for _ in range(chance.randrange(5, 60)):
            chance.choice([artist, artist, colleague]).edit()
        crash(daemon, mine)
        colleague.edit()
        others = there | colleague.parents.keys() | colleague.deleted
        artist.expected, artist.deleted = durable(daemon, others)
        mine.start()
        if saved:  # what the file holds is older than what the log does
            mine.do("open", path=path)
        mine.connected()
        scene = converge(daemon, mine, other)
        assert not artist.missed(scene) + colleague.missed(scene), f"seed {SEED}"
        artist.learn(others)
    check_log(daemon, boots)


def test_no_kill_of_all_three_loses_what_was_durable(world):
    print(f"VIBESYNC_SEED={SEED} replays this run's edits and kills")
    chance = random.Random(f"{SEED} all")
    daemon, *both = world
    artists = [Artist(editor, chance, False, CHURN) for editor in both]
    boots = sum(record["phase"] == "BOOT" for record in daemon.log())
    for _ in range(ALL_KILLS):
        for _ in range(chance.randrange(5, 80)):
            chance.choice(artists).edit()
        for victim in chance.sample([daemon, *both], 3):
            victim.kill()
        daemon.start()
        for editor in both:
            editor.start()
        for editor in both:
            editor.connected()
        scene = converge(daemon, *both)
        artists[0].expected, artists[0].deleted = durable(daemon, set())
        assert not artists[0].missed(scene), f"seed {SEED}"
        theirs = artists[1].parents.keys()
        artists[0].learn(theirs)
        artists[1].learn(artists[0].parents.keys())
    check_log(daemon, boots + ALL_KILLS)


def crash(daemon, editor):
    """Kills an editor, and waits until all that it had sent is in the log."""
    editor.kill()
    wait_for("the daemon notices", lambda: editor.name not in [each["role"] for each in daemon.status()["sessions"]])


def durable(daemon, others):
    """Where the log has left each object, and which are deleted; without those that somebody else edits."""
    places, deleted = {}, set()
    records = daemon.log()
    # By BEGIN: an operation that was cut off is asked for again by the same id.
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
    assert len([record for record in records if record["phase"] == "BOOT"]) == boots
    begun = {record["operation_id"] for record in records if record["phase"] == "BEGIN"}
    ended = {record["operation_id"] for record in records if record["phase"] in ("FINAL", "COMMIT", "ROLLBACK")}
    assert begun == ended, f"seed {SEED}"
