"""Random edits of characters in Blender arrive and survive kills of the daemon, of Blender, and older files.

A character has an armature, poses, a skin, shape keys with actions, and materials.
"""

import os
import random

from agent import Agent
from artist import Artist
from character_difference import characters_difference
from harness import converge
from test_kill import crash

SEED = int(os.environ.get("VIBESYNC_SEED", str(random.randrange(1 << 32))))
ROUNDS = int(os.environ.get("VIBESYNC_ROUNDS", "6"))
EDITS = 60
# Blender applies no modifier to a mesh with shape keys, and joins none without making their keys common.
WEIGHTS = {"edit_characters": 150, "edit_collections": 5, "apply_modifier": 0, "join": 0}


def check(daemon, blender, unity):
    """Both editors and the daemon hold the same."""
    converge(daemon, blender, unity)
    agent = Agent(daemon)
    known = agent.query_entities()
    agent.close()
    found = characters_difference(blender.do("dump_characters")["entities"], known)
    assert not found, f"seed {SEED}: {found}"
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], f"seed {SEED}: {status}"
    assert not any(record["phase"] == "ROLLBACK" for record in daemon.log()), f"seed {SEED}"
    return known


def test_characters_survive_kills_and_older_files(daemon_and_editors, tmp_path):
    print(f"VIBESYNC_SEED={SEED} replays these edits and kills")
    daemon, blender, unity = daemon_and_editors
    rng = random.Random(SEED)
    artist = Artist(blender, rng, weights=WEIGHTS)
    cube = blender.do("create", name="Cube", shape="cube", translation=[0, 0, 0])["uuid"]
    for kind in ("bind", "add_key", "animate_key", "color"):  # at least one of each, whatever the seed
        blender.do("edit_characters", uuid=cube, seed=SEED, kind=kind)
    kinds = {entity["kind"] for entity in check(daemon, blender, unity).values()}
    assert {"armature", "action", "material", "mesh"} <= kinds
    artist.learn()
    path = str(tmp_path / "blender.scene")
    for number in range(ROUNDS):
        for _ in range(EDITS):
            artist.edit()
        check(daemon, blender, unity)
        if number == 0:
            blender.do("save", path=path)
        elif number % 3 == 1:
            artist.edit()
            daemon.kill()
            artist.edit()
            daemon.start()
            blender.wait_until_connected()
            unity.wait_until_connected()
        elif number % 3 == 2:
            crash(daemon, blender)
            blender.start()
            blender.do("open", path=path)  # older than the log
            blender.wait_until_connected()
        check(daemon, blender, unity)
        artist.learn()
