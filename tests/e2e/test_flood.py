"""An agent's script runs wild beside two people: they go on, nobody's memory grows, and what it did is in the log."""

import random
import threading
import uuid

import pytest
from agent import Agent
from artist import Artist
from harness import converge, resident, running, wait_for

EDITS = 8
RATE = "[governance]\nchanges_per_s = 20\nburst = 20\n"
SLACK = 48 << 20  # bytes


@pytest.fixture
def world(binary, tmp_path):
    with running(binary, tmp_path, RATE) as world:
        yield world


class Wild(threading.Thread):
    """Asks as fast as the socket takes it, whatever it is told."""

    def __init__(self, daemon, uuid):
        super().__init__(daemon=True)
        self.agent = Agent(daemon)
        self.stop = threading.Event()
        self._uuid = uuid

    def run(self):
        listener = threading.Thread(target=self._listen, daemon=True)
        listener.start()
        while not self.stop.is_set():
            change = {"op": "update", "uuid": self._uuid, "components": {"name": f"Wild {uuid.uuid4()}"}}
            self.agent.ask(self.agent.head_seq, change)

    def _listen(self):
        try:
            while True:
                self.agent.hear("nothing")
        except OSError:
            pass

    def answers(self):
        acks = [message for message in list(self.agent.said) if message["type"] == "ack"]
        refused = [ack["error"]["code"] for ack in acks if ack["status"] == "refused"]
        return len(acks) - len(refused), refused


def test_a_script_that_runs_wild_slows_nobody(world):
    daemon, blender, unity = world
    made = blender.do("create", name="Theirs", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    before = resident(daemon.process.pid)
    wild = Wild(daemon, made["uuid"])
    wild.start()
    for mine, other in [(blender, unity), (unity, blender)] * EDITS:
        artist = Artist(mine, random.Random(EDITS), False)
        artist.create()
        wait_for(
            "it is in the other editor", lambda other=other, artist=artist: artist.parents.keys() <= other.dump().keys()
        )
    most = resident(daemon.process.pid)
    wild.stop.set()
    wild.join()
    accepted, refused = wild.answers()
    wild.agent.close()
    assert 0 < 10 * accepted < len(refused) and set(refused) == {"VS-8005"}
    assert most < before + SLACK
    scene = converge(daemon, blender, unity)
    assert scene[made["uuid"]]["components"]["name"].startswith("Wild")
