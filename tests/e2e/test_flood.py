"""A script floods the daemon with intents: people are not slowed down, memory stays bounded, the rate limit holds."""

import random
import threading
import uuid

import pytest
from agent import Agent
from artist import Artist
from harness import converge, resident_memory, running, wait_for

EDITS = 8
RATE = "[governance]\nchanges_per_s = 20\nburst = 20\n"
SLACK = 48 << 20  # bytes


@pytest.fixture
def daemon_and_editors(binary, tmp_path):
    with running(binary, tmp_path, RATE) as daemon_and_editors:
        yield daemon_and_editors


class Wild(threading.Thread):
    """Sends intents as fast as the socket takes them and ignores refusals."""

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
            self.agent.send_intent(self.agent.head_seq, change)

    def _listen(self):
        try:
            while True:
                self.agent.receive("nothing")
        except OSError:
            pass

    def answers(self):
        acks = [message for message in list(self.agent.received) if message["type"] == "ack"]
        refused = [ack["error"]["code"] for ack in acks if ack["status"] == "refused"]
        return len(acks) - len(refused), refused


def test_flooding_script_slows_nobody(daemon_and_editors):
    daemon, blender, unity = daemon_and_editors
    made = blender.do("create", name="Theirs", shape="cube", translation=[0, 0, 0])
    converge(daemon, blender, unity)
    before = resident_memory(daemon.process.pid)
    wild = Wild(daemon, made["uuid"])
    wild.start()
    for mine, other in [(blender, unity), (unity, blender)] * EDITS:
        artist = Artist(mine, random.Random(EDITS), False)
        artist.create()
        wait_for(
            "it is in the other editor", lambda other=other, artist=artist: artist.parents.keys() <= other.dump().keys()
        )
    most = resident_memory(daemon.process.pid)
    wild.stop.set()
    wild.join()
    accepted, refused = wild.answers()
    wild.agent.close()
    assert 0 < 10 * accepted < len(refused) and set(refused) == {"VS-8005"}
    assert most < before + SLACK
    scene = converge(daemon, blender, unity)
    assert scene[made["uuid"]]["components"]["name"].startswith("Wild")
