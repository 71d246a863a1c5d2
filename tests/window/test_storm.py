"""A thousand random edits in a window, where Blender's own timers run the addon and each edit is drawn."""

import os
import random

from artist import Artist
from harness import converge

EDITS = int(os.environ.get("VIBESYNC_EDITS", "1000"))
SEED = int(os.environ.get("VIBESYNC_SEED", str(random.randrange(1 << 32))))


def test_a_thousand_edits_in_a_window_arrive(empty_scene):
    print(f"VIBESYNC_SEED={SEED} replays these edits")
    daemon, window, unity = empty_scene
    artist = Artist(window, random.Random(SEED))
    artist.learn()
    for _ in range(EDITS):
        artist.edit()
    assert all(artist.made.values()), f"every kind of edit: {artist.made}"
    scene = converge(daemon, window, unity)
    assert not artist.differences_from(scene), f"seed {SEED}"
