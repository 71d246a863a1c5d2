# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the session against a fake daemon over a real socket."""

import contextlib
import itertools
import socket
import struct
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fake_daemon import FakeDaemon, wait_for
from vibesync.core.discovery import list_daemons
from vibesync.core.session import OWN_FEATURES, Client, EditorCallbacks, Session
from vibesync.core.sync_error import SyncError


class Harness:
    """A session, a fake daemon, and the frames for the editor."""

    def __init__(self, folder, **options):
        self.daemon = FakeDaemon(folder, **options)
        self.frames = []
        self.state = "ready"
        self.edited_objects = None
        self.inventory = []
        features = ("agents", *OWN_FEATURES)
        client = Client("blender", "4.5.15", "0.1.0", ("name", "transform"), features)
        self.folder = folder
        self.epochs = []
        self.diverged_after = None
        editor = EditorCallbacks(
            self.locate,
            lambda: 0,
            lambda: self.inventory,
            lambda: self.state,
            lambda: self.edited_objects,
            lambda: {"epochs": self.epochs, "diverged_after": self.diverged_after},
            self.welcomed,
        )
        self.session = Session(client, editor)
        self.session.start()

    def locate(self):
        """Returns the daemon; None if there are several, as for a file of no project."""
        daemons = list_daemons([str(self.folder)])
        return daemons[0] if len(daemons) == 1 else None

    def welcomed(self, epochs, diverged_after):
        self.epochs, self.diverged_after = epochs, diverged_after

    def pump(self):
        self.frames += self.session.pump(time.monotonic())
        self.daemon.pump()

    def wait(self, condition, seconds=10.0):
        return wait_for(condition, self.pump, seconds)

    def submit(self):
        change = {"op": "delete", "uuid": str(uuid.uuid4())}
        return self.session.submit("Delete", [change], [], {change["uuid"]: None})


@pytest.fixture
def harness(tmp_path):
    rigs = []

    def make(**options):
        rigs.append(Harness(tmp_path, **options))
        return rigs[-1]

    yield make
    for each in rigs:
        each.session.stop("the test is over")
        each.daemon.close()


def test_inventory_is_sent_in_parts_after_connecting(harness):
    it = harness()
    it.inventory = [{"uuid": str(uuid.uuid4()), "version": 1} for _ in range(12_000)]
    it.wait(lambda: it.session.is_live)
    parts = [frame.header for frame in it.daemon.of_type("inventory")]
    assert [part["last"] for part in parts] == [False] * 11 + [True]
    assert [each for part in parts for each in part["entities"]] == it.inventory
    assert it.session.state == "connected"
    assert it.frames[0].header["type"] == "sync"


def test_request_for_entities_reaches_the_editor(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.daemon.send({"type": "want", "uuids": ["a"]})
    it.wait(lambda: len(it.frames) > 1)
    assert it.frames[-1].header == {"type": "want", "uuids": ["a"]}
    assert it.daemon.of_type("error") == []


@pytest.mark.parametrize(
    "offered, accepted",
    [(None, None), ([], None), ({}, None), (["dreams", 7], None), (["dreams", "agents"], ["agents"])],
)
def test_offered_features_are_accepted_if_known(harness, offered, accepted):
    it = harness()
    it.daemon.features = offered
    it.wait(lambda: it.session.is_live)
    assert it.daemon.of_type("hello")[0].header.get("features") == accepted
    it.daemon.send({"type": "approvals", "open": []})
    if accepted:
        it.wait(lambda: it.frames[-1].header["type"] == "approvals")
        return
    assert it.wait(lambda: it.daemon.of_type("error"))[0].header["code"] == "VS-1005"


def test_goodbye_is_not_lost_with_unread_bytes(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    daemon = it.daemon._client
    daemon.setblocking(True)
    daemon.sendall(bytes(100_000))  # Blender has not read them when it says goodbye
    it.session.stop("another file is opened")
    it.session.start()
    it.session.pump(time.monotonic())
    received = b"".join(iter(lambda: daemon.recv(65536), b""))  # a reset would raise
    assert b"goodbye" in received
    it.daemon.drop()
    it.wait(lambda: it.session.is_live)
    assert it.daemon.connections == 2


def test_epochs_are_echoed_in_the_next_hello(harness):
    it = harness()
    it.daemon.epochs = [{"id": str(uuid.uuid4()), "first_seq": 1}]
    it.wait(lambda: it.session.is_live)
    it.daemon.drop()
    it.wait(lambda: len(it.daemon.of_type("hello")) == 2)
    assert [frame.header["epochs"] for frame in it.daemon.of_type("hello")] == [[], it.daemon.epochs]


def test_divergence_is_told_before_the_inventory(harness):
    it = harness()
    it.daemon.auto_ack = False
    it.wait(lambda: it.session.is_live)
    it.session.submit("Delete", [{"op": "delete", "uuid": "u"}], [], {})
    it.session.outbox.get(it.submit()).header["base_seq"] = 50
    it.daemon.diverged_after = 40
    it.wait(lambda: len(it.daemon.of_type("intent")) == 2)
    it.daemon.drop()
    told = []
    it.session._editor = replace(it.session._editor, inventory=lambda: told.append(it.diverged_after) or [])
    it.wait(lambda: len(it.daemon.of_type("intent")) == 4)
    assert told == [40]
    assert [frame.header["base_seq"] for frame in it.daemon.of_type("intent")[2:]] == [0, 40]


@pytest.mark.parametrize("field, value", [("diverged_after", -1), ("diverged_after", "1"), ("epochs", {})])
def test_malformed_divergence_is_an_error(harness, field, value):
    it = harness()
    setattr(it.daemon, field, value)
    it.wait(lambda: it.session.last_error)
    assert it.session.last_error["code"] == "VS-1006"


def test_inventory_is_read_part_by_part(harness):
    it, read = harness(), []
    it.inventory = (read.append(1) or {"uuid": str(uuid.uuid4()), "version": 1} for _ in range(2_500))
    most, before = 0, 0
    it.session.start()

    def pump():
        nonlocal most, before
        it.pump()
        most, before = max(most, len(read) - before), len(read)
        return it.session.is_live

    wait_for(pump)
    assert len(read) == 2_500 and most == 1_001, "a part, and the entry that tells that more follow"


def test_empty_inventory_is_sent(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    assert [frame.header for frame in it.daemon.of_type("inventory")] == [
        {"type": "inventory", "entities": [], "last": True}
    ]


def test_unanswered_intent_is_resent_after_reconnect(harness):
    it = harness()
    it.daemon.auto_ack = False
    it.wait(lambda: it.session.is_live)
    operation_id = it.submit()
    it.wait(lambda: it.daemon.of_type("intent"))
    it.daemon.auto_ack = True
    it.daemon.drop()
    it.wait(lambda: len(it.daemon.of_type("intent")) == 2)
    first, second = it.daemon.of_type("intent")
    assert first == second
    assert first.header["operation_id"] == operation_id
    it.wait(lambda: any(frame.header["type"] == "ack" for frame in it.frames))
    assert it.daemon.connections == 2
    assert it.session.outbox.take(operation_id).operation_id == operation_id
    assert len(it.session.outbox) == 0


def test_intent_is_resent_when_the_queue_was_full(harness):
    it = harness()
    it.daemon.auto_ack = False
    it.wait(lambda: it.session.is_live)
    operation_id = it.submit()
    it.wait(lambda: it.daemon.of_type("intent"))
    it.session.retry(operation_id, time.monotonic())
    assert not it.session.outbox.has_room, "a later change must not overtake it"
    started = time.monotonic()
    it.wait(lambda: len(it.daemon.of_type("intent")) == 2)
    assert time.monotonic() - started > 0.3 and it.session.outbox.has_room


def test_connection_is_refused_when_the_proof_is_wrong(harness):
    it = harness()
    it.daemon.wrong_proof = True
    it.wait(lambda: it.session.state == "error")
    assert it.session.last_error["code"] == "VS-2002"
    assert not it.daemon.of_type("inventory")
    assert it.daemon.of_type("hello")


def test_session_reconnects_after_an_oversized_frame(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.daemon.send_bytes(struct.pack(">II", 0xFFFFFFF0, 10))
    it.wait(lambda: it.session.state == "error")
    assert it.session.last_error["code"] == "VS-1002"
    it.wait(lambda: it.session.is_live)
    assert it.session.last_error is None


def test_edited_objects_are_sent_on_change_and_reconnect(harness):
    def sent_states():
        return [(frame.header["state"], frame.header["objects"]) for frame in it.daemon.of_type("editor_state")]

    it = harness()
    it.state, it.edited_objects = "edit", ["a"]
    it.wait(lambda: sent_states() == [("edit", ["a"])])  # `hello` has the state, but no objects
    it.edited_objects = ["a", "b"]
    it.wait(lambda: sent_states()[1:] == [("edit", ["a", "b"])])
    it.state = "ready"
    it.wait(lambda: sent_states()[2:] == [("ready", None)])
    it.edited_objects = ["c"]
    it.state = "modal"
    it.wait(lambda: sent_states()[3:] == [("modal", ["c"])])
    it.wait(lambda: it.session.is_live)
    it.daemon.drop()
    it.wait(lambda: sent_states()[4:] == [("modal", ["c"])])


def test_safe_mode_follows_welcome_and_governance(harness):
    it = harness()
    it.daemon.safe_mode = {"since": 7, "why": "it crashed 3 times"}
    it.wait(lambda: it.session.is_live)
    assert it.session.safe_mode == "it crashed 3 times"
    it.daemon.send({"type": "governance", "safe_mode": None})
    it.wait(lambda: it.session.safe_mode is None)
    it.daemon.send({"type": "governance", "safe_mode": {"since": 9, "why": "again"}})
    it.wait(lambda: it.session.safe_mode == "again")
    it.session.turn_on_automation("Ada")
    it.wait(lambda: it.daemon.of_type("reset"))
    asked = it.daemon.of_type("reset")[0].header
    assert (asked["scope"], asked["who"]) == ("safe-mode", "Ada") and asked["why"] and asked["request_id"]
    it.daemon.safe_mode = None
    it.daemon.drop()
    it.wait(lambda: it.session.safe_mode is None)


def test_session_disconnects_when_the_daemon_is_silent(harness):
    it = harness(heartbeat_ms=50)
    it.wait(lambda: it.session.is_live)
    it.daemon._answer = lambda header: None
    it.wait(lambda: it.session.state == "error")
    assert it.session.last_error["code"] == "VS-2007"


def test_pings_are_answered_and_states_sent(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.daemon.send({"type": "ping", "nonce": 7, "head_seq": 0})
    assert it.wait(lambda: it.daemon.of_type("pong"))[0].header["nonce"] == 7
    it.state = "modal"
    assert it.wait(lambda: it.daemon.of_type("editor_state"))[0].header["state"] == "modal"


def test_news_are_noticed_without_a_poll(harness):
    it = harness(heartbeat_ms=60_000)
    it.wait(lambda: not it.session.has_news())
    it.wait(lambda: it.session.is_live)
    it.wait(lambda: not it.session.has_news())
    it.daemon.send({"type": "ping", "nonce": 7, "head_seq": 0})
    wait_for(it.session.has_news)
    it.wait(lambda: it.daemon.of_type("pong"))
    it.wait(lambda: not it.session.has_news())
    it.daemon.drop()
    wait_for(it.session.has_news)  # the end of the connection is news
    it.session._connection._socket.close()
    assert it.session.has_news(), "a socket that can't be asked is left to the poll"


def test_flushed_intent_arrives_without_another_poll(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.submit()
    it.session.flush()
    wait_for(lambda: it.daemon.of_type("intent"), it.daemon.pump, 2.0)


def test_unknown_message_type_is_answered_with_an_error(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.daemon.send({"type": "teapot"})
    error = it.wait(lambda: it.daemon.of_type("error"))[0].header
    assert (error["code"], error["fatal"]) == ("VS-1005", False)
    assert it.session.is_live


def test_pump_does_not_block_during_a_large_send(harness):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.session.submit("Large", [{"op": "update"}], [bytes(64 * 1024 * 1024)], {})
    pumps = 0
    with ThreadPoolExecutor(1) as reader:  # reads as fast as the session writes, so that no full socket ends a pump
        came = reader.submit(wait_for, lambda: it.daemon.of_type("intent"), it.daemon.pump)
        while not came.done():
            it.session.pump(time.monotonic())
            pumps += 1
        came.result()
    assert pumps >= 16, "at most 4 MiB at a time"
    assert len(it.daemon.of_type("intent")[0].attachments[0]) == 64 * 1024 * 1024


def test_session_is_offline_without_a_daemon(tmp_path):
    def locate():
        raise SyncError("VS-6003", "no daemon runs", "runtime folder")

    session = Session(
        Client("blender", "", "", ()),
        EditorCallbacks(locate, lambda: 0, list, lambda: "ready", lambda: None, list, lambda *_: None),
    )
    session.start()
    assert session.pump(0.0) == []
    assert session.state == "offline"
    assert session.last_error["code"] == "VS-6003"


def test_session_waits_quietly_for_the_choice_of_a_project(harness, tmp_path):
    it = harness()
    it.wait(lambda: it.session.is_live)
    it.daemon.announce(tmp_path / "other.json", project_id="01920000-0000-7000-8000-000000000002")
    it.daemon.drop()
    it.wait(lambda: it.session.state == "unjoined")
    assert it.session.last_error is None and it.session.project_id == ""
    (tmp_path / "other.json").unlink()
    it.wait(lambda: it.session.is_live)


class SleepingDaemon:
    """The supervisor's part: a listener that holds each connection until the daemon has started, then closes it."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.held = []
        self.connections = 0
        daemon.announce(asleep=True, port=self.listener.getsockname()[1])

    def pump(self):
        with contextlib.suppress(BlockingIOError):
            self.held.append(self.listener.accept()[0])
            self.connections += 1

    def release(self):
        for held in self.held:
            held.close()
        self.held.clear()

    def close(self):
        self.release()
        self.listener.close()


@pytest.fixture
def sleeping(harness):
    it = harness()
    asleep = SleepingDaemon(it.daemon)
    yield it, asleep
    asleep.close()


def test_connection_starts_a_sleeping_daemon(sleeping):
    it, asleep = sleeping
    start = time.monotonic()
    assert it.session.pump(start) == []
    wait_for(lambda: asleep.held, lambda: (it.session.pump(start), asleep.pump()))
    it.session.pump(start + 50)  # it reads a long log
    assert it.session.is_starting and it.session.state == "connecting"
    it.daemon.announce()
    asleep.close()
    it.session.pump(start + 50)
    it.session.pump(start + 50)
    assert it.session.is_starting and it.session.last_error is None
    wait_for(lambda: it.session.is_live, lambda: (it.session.pump(start + 51), it.daemon.pump()))
    assert not it.session.is_starting and it.daemon.connections == 1


def test_attempts_stay_frequent_while_the_daemon_starts(sleeping):
    it, asleep = sleeping
    now = time.monotonic()
    attempts = []
    for _ in range(20):
        wait_for(lambda: asleep.held, lambda: (it.session.pump(now), asleep.pump()))  # noqa: B023
        attempts.append(now)
        asleep.release()
        wait_for(lambda: it.session._connection is None, lambda: it.session.pump(now))  # noqa: B023
        assert it.session.is_starting and it.session.last_error is None
        now = it.session._next_try
    waits = [after - before for before, after in itertools.pairwise(attempts)]
    assert all(0.2 <= each <= 1.0 for each in waits)


def test_daemon_that_never_starts_is_given_up(sleeping):
    it, asleep = sleeping
    now = time.monotonic()
    wait_for(lambda: asleep.held, lambda: (it.session.pump(now), asleep.pump()))
    now += 61
    asleep.release()
    wait_for(lambda: it.session.last_error, lambda: it.session.pump(now))
    assert it.session.last_error["code"] == "VS-6003" and not it.session.is_starting
    for _ in range(6):
        now = it.session._next_try
        wait_for(lambda: asleep.held, lambda: (it.session.pump(now), asleep.pump()))  # noqa: B023
        asleep.release()
        wait_for(lambda: it.session._connection is None, lambda: it.session.pump(now))  # noqa: B023
    assert it.session._next_try - now > 4, "the usual growing pauses"


def test_sleeping_daemon_without_supervisor_is_an_error(sleeping):
    it, asleep = sleeping
    asleep.close()
    it.wait(lambda: it.session.last_error)
    assert it.session.last_error["code"] == "VS-6003"
