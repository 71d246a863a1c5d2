# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests registry, sidecar, equality, checks, discovery and Euler angles of the core."""

import json
import math
import pathlib
import random

import pytest
from vibesync.core import registry, sidecar, space
from vibesync.core.check import check_batch
from vibesync.core.components import same_component
from vibesync.core.discovery import list_daemons, parse_discovery
from vibesync.core.equality import close, same_rotation
from vibesync.core.frame import MAX_FRAME, MAX_HEADER, FrameDecoder, Listed, encode
from vibesync.core.pace import finish
from vibesync.core.replica import Replica, ReplicaEntry
from vibesync.core.sync_error import SyncError

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
U1 = "0191aaaa-0000-7000-8000-000000000001"
U2 = "0191aaaa-0000-7000-8000-000000000002"
U3, U4, U5 = (f"0191aaaa-0000-7000-8000-00000000000{number}" for number in (3, 4, 5))


def code_of(action, *arguments):
    with pytest.raises(SyncError) as caught:
        action(*arguments)
    return caught.value.code


def filled():
    one = Replica("p", 0)
    one.confirm_applied(U1, "object", 7, {"name": "A", "visibility": {"visible": True}})
    return one


class TestRegistry:
    def test_round_trip(self):
        one = filled()
        one.confirm_applied(U2, "mesh", 8, {"name": "M"})
        one.tombstone(U2, 9)
        again = registry.parse(registry.dump(one), "x")
        assert again == one
        assert again.tombstones == {U2: {"kind": "mesh", "name": "M", "version": 9}}
        assert again.last_seq == 9

    def test_registry_is_refused_when_one_character_is_flipped(self):
        text = registry.dump(filled())
        for position in range(len(text)):
            damaged = text[:position] + chr(ord(text[position]) ^ 1) + text[position + 1 :]
            assert code_of(registry.parse, damaged, "x") == "VS-7001", damaged

    def test_unconfirmed_values_are_not_saved(self):
        one = filled()
        one.entries[U1].last_seen["name"] = "B"
        again = registry.parse(registry.dump(one), "x")
        assert again.entries[U1].changed_components({"name": "B"}) == ["name"]

    def test_refused_entity_is_invalid_until_the_whole_arrives(self):
        one = filled()
        one.invalidate([U1, U2])
        assert one.entries[U1].trusted_version() == 0 and U2 not in one.entries
        one.confirm_applied(U1, "object", 8, {"name": "A"}, whole=False)
        assert one.entries[U1].trusted_version() == 0, "a part settles nothing"
        one.confirm_applied(U1, "object", 8, {"name": "A"})
        assert one.entries[U1].trusted_version() == 8

    def test_entity_behind_is_invalid_until_its_version_arrives(self):
        one = filled()
        one.invalidate([U1], 20)
        one.confirm_applied(U1, "object", 19, {"name": "A"}, whole=False)
        assert one.entries[U1].trusted_version() == 0, "it is older than what was promised"
        one.confirm_applied(U1, "object", 20, {"name": "A"}, whole=False)
        assert one.entries[U1].trusted_version() == 20

    def test_what_the_daemon_lost_is_forgotten(self):
        one = Replica(last_seq=30)
        for uuid, version in ((U1, 10), (U2, 30), (U3, 10), (U4, 20)):
            one.confirm_applied(uuid, "object", version, {"name": "A"})
        one.confirm_applied(U5, "mesh", 5, {"name": "M"})
        one.tombstone(U5, 25)
        one.tombstone(U4, 20)
        one.invalidate([U3], 21)  # behind an ack of 21
        assert sorted(one.forget_after(20)) == sorted([U2, U3, U5])
        assert one.last_seq == 20
        assert one.entries[U1].version == 10 and one.entries[U1].confirmed
        lost = one.entries[U2]
        assert (lost.version, lost.confirmed, lost.last_seen) == (0, {}, {}), "captured whole and created"
        assert one.entries[U3].trusted_version() == 0 and not one.entries[U3].last_seen
        assert U5 in one.entries and U5 not in one.tombstones, "deleted again"
        assert U4 in one.tombstones

    def test_load_prefers_the_file_then_the_sidecar(self):
        good = registry.dump(filled())
        assert registry.load(good, "broken")[1] == []
        found, problems = registry.load("broken", good)
        assert U1 in found.entries
        assert [problem.location for problem in problems] == [".blend"]
        assert U1 in registry.load(None, good)[0].entries
        assert registry.load(None, None)[0] == Replica()
        assert code_of(registry.load, "broken", None) == "VS-7001"
        assert code_of(registry.load, None, "") == "VS-7001"

    def test_load_is_refused_when_one_copy_has_a_newer_schema(self):
        document = json.loads(registry.dump(filled()))
        document["schema_version"] = document["body"]["schema_version"] = 99
        document["checksum"] = registry._checksum(document["body"])
        newer = json.dumps(document)
        assert code_of(registry.parse, newer, "x") == "VS-5008"
        assert code_of(registry.load, newer, registry.dump(filled())) == "VS-5008"
        assert code_of(registry.load, "broken", newer) == "VS-5008"

    @pytest.mark.parametrize("version", [0, -1, True, "1", None, 1.0])
    def test_registry_is_damaged_when_its_version_is_no_number(self, version):
        document = json.loads(registry.dump(filled()))
        document["schema_version"] = version
        assert code_of(registry.parse, json.dumps(document), "x") == "VS-7001"

    def test_registry_of_the_first_version_is_read(self):
        text = (FIXTURES / "registry-v1.json").read_text(encoding="utf-8")
        found = registry.parse(text, "x")
        assert (found.last_seq, found.entries[U1].confirmed["name"]) == (9, "Würfel")
        assert found.tombstones == {U2: {"kind": "mesh", "name": "M", "version": 9}}
        assert (found.epochs, found.diverged_after) == ([], None), "it had none"

    def test_registry_keeps_the_epochs_of_the_daemon(self):
        one = filled()
        one.epochs = [{"id": U2, "first_seq": 3}]
        assert registry.parse(registry.dump(one), "x").epochs == one.epochs

    def test_divergence_ends_when_each_entity_is_accepted_or_refused(self):
        one = filled()
        forgotten = one.forget_after(0)
        one.end_divergence()
        assert forgotten and one.diverged_after == 0
        one.entries[forgotten[0]].is_refused = True
        for uuid in forgotten[1:]:
            one.entries[uuid].version = 1
        one.end_divergence()
        assert one.diverged_after is None

    def test_older_registry_is_migrated_step_by_step(self, monkeypatch):
        def rename(body):
            return {**body, "tombstones": {U1: {"kind": "mesh", "name": "old", "version": 1}}}

        def count(body):
            return {**body, "last_seq": body["last_seq"] + len(body["tombstones"])}

        text = (FIXTURES / "registry-v1.json").read_text(encoding="utf-8")
        monkeypatch.setattr(registry, "MIGRATIONS", (*registry.MIGRATIONS, rename, count))
        found = registry.parse(text, "x")
        assert (found.last_seq, list(found.tombstones)) == (10, [U1])
        assert json.loads(registry.dump(found))["schema_version"] == registry.schema_version() == 5
        assert registry.parse(registry.dump(found), "x") == found


class TestSidecar:
    def test_write_replaces_the_file_and_leaves_no_other(self, tmp_path):
        path = sidecar.path_of(str(tmp_path / "a.blend"))
        assert sidecar.read(path) is None
        sidecar.write(path, "one\n")
        sidecar.write(path, "two ü\r\n")
        assert sidecar.read(path) == "two ü\r\n"
        assert [each.name for each in tmp_path.iterdir()] == ["a.blend.vibesync.json"]

    def test_old_file_stays_when_a_write_fails(self, tmp_path, monkeypatch):
        path = str(tmp_path / "a.json")
        sidecar.write(path, "old")
        monkeypatch.setattr(sidecar.os, "fsync", lambda handle: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            sidecar.write(path, "new")
        assert sidecar.read(path) == "old"
        assert len(list(tmp_path.iterdir())) == 1


class TestEquality:
    def test_numbers_are_close_within_epsilon(self):
        assert close(1.0, 1.000009)
        assert not close(1.0, 1.00002)
        assert close(1_000_000.0, 1_000_000.4)
        assert not close(1_000_000.0, 1_000_000.6)

    @pytest.mark.parametrize(("angle", "same"), [(0.0, True), (1.9e-5, True), (2.2e-5, False), (3.0, False)])
    def test_rotations_are_compared_by_angle(self, angle, same):
        turned = [0.0, math.sin(angle / 2), 0.0, math.cos(angle / 2)]
        assert same_rotation([0.0, 0.0, 0.0, 1.0], turned) is same
        assert same_rotation([0.0, 0.0, 0.0, -1.0], turned) is same

    def test_names_are_compared_exactly(self):
        assert not same_component("name", "a", "A")


def test_euler_angles_are_exact_at_gimbal_lock():
    generator = random.Random(1)
    axes = {"X": (1, 0, 0), "Y": (0, 1, 0), "Z": (0, 0, 1)}

    def product(a, b):
        x, y, z, w = a
        p, q, r, s = b
        return (
            w * p + x * s + y * r - z * q,
            w * q - x * r + y * s + z * p,
            w * r + x * q - y * p + z * s,
            w * s - x * p - y * q - z * r,
        )

    def quaternion(angles, order):
        result = (0.0, 0.0, 0.0, 1.0)
        for axis in order:
            half = angles["XYZ".index(axis)] / 2
            turn = (*(math.sin(half) * part for part in axes[axis]), math.cos(half))
            result = product(turn, result)
        return result

    for order in ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"):
        for number in range(500):
            angles = [generator.uniform(-math.pi, math.pi) for _ in range(3)]
            if number % 3 == 0:
                angles["XYZ".index(order[1])] = math.copysign(math.pi / 2, angles[0]) + (number % 2) * 1e-5
            wanted = quaternion(angles, order)
            assert same_rotation(wanted, quaternion(space.euler_from_quaternion(wanted, order), order)), (order, angles)


class TestFrame:
    def test_brackets_in_strings_do_not_count_as_nesting(self):
        def through(header):
            decoder = FrameDecoder()
            decoder.feed(b"".join(encode(header)))
            return decoder.next().header

        deep = []
        for _ in range(62):
            deep = [deep]
        assert through({"type": "x", "deep": deep})
        assert code_of(through, {"type": "x", "deep": [deep]}) == "VS-1003"
        assert through({"type": "x", "text": '[\\"{' * 100, "list": [{}] * 100})
        names = ["[", "]", "", "}{", "[" * 100]
        assert through({"type": "x", "names": names * 20, "list": [{}] * 100})
        assert code_of(through, {"type": "x", "names": names * 20, "deep": [deep]}) == "VS-1003"

    def test_frames_beyond_the_limits_are_refused(self):
        decoder = FrameDecoder()
        decoder.feed((65_537).to_bytes(4, "big"))
        assert code_of(decoder.next) == "VS-1002"
        assert code_of(encode, {"type": "x"}, [b""] * 1025) == "VS-1004"
        assert code_of(encode, {"type": "x", "n": math.nan}) == "VS-3003"

    def test_random_bytes_yield_error_codes(self):
        generator = random.Random(2)
        good = b"".join(encode({"type": "x", "list": [1, "two"]}, [b"abc"]))
        for _ in range(3_000):
            data = bytearray(good)
            for _ in range(generator.randint(1, 4)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            decoder = FrameDecoder()
            decoder.max_frame = MAX_FRAME
            decoder.feed(bytes(data))
            try:
                decoder.next()
            except SyncError as error:
                assert error.code.startswith("VS-1")


class TestDiscovery:
    def test_discovery_is_refused_unless_loopback(self):
        found = {"schema_version": 1, "project_id": U1, "project_root": "/", "host": "127.0.0.1", "port": 1}
        found["token_path"] = "/t"
        assert parse_discovery(json.dumps(found)).port == 1
        assert not parse_discovery(json.dumps(found)).asleep
        assert parse_discovery(json.dumps({**found, "asleep": True})).asleep
        for key, value in (
            ("host", "10.0.0.1"),
            ("host", "evil.example"),
            ("port", 0),
            ("port", "1"),
            ("token_path", 1),
        ):
            assert code_of(parse_discovery, json.dumps({**found, key: value})) == "VS-6005"

    def test_partial_discovery_files_are_skipped(self, tmp_path):
        (tmp_path / "half.json").write_text('{"schema_version":1,"proj')
        assert list_daemons([str(tmp_path)]) == []

    def test_first_folder_with_a_readable_token_wins(self, tmp_path):
        places = [tmp_path / "session", tmp_path / "home"]
        for port, place in enumerate(places, 1):
            place.mkdir()
            (place / "token").write_text("0" * 64)
            found = {"schema_version": 1, "project_id": U1, "project_root": "/", "host": "127.0.0.1", "port": port}
            (place / f"{U1}.json").write_text(json.dumps({**found, "token_path": str(place / "token")}))
        folders = [str(place) for place in places]
        assert [daemon.port for daemon in list_daemons(folders)] == [1]
        (places[0] / "token").unlink()
        assert [daemon.port for daemon in list_daemons(folders)] == [2]
        (places[1] / "token").unlink()
        assert [daemon.port for daemon in list_daemons(folders)] == [1]
        assert [daemon.port for daemon in list_daemons(["/missing", folders[1]])] == [2]


def batch(**change):
    full = {"op": "update", "uuid": U1, "version": 1, "components": {}, **change}
    return {"batch_id": U2, "project_id": "p", "schema_version": 1, "changes": [full]}


def checked(header, project):
    return finish(check_batch(header, project))


GOOD = {"translation": [0, 0, 0], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"op": "explode"}, "VS-1006"),
        ({"uuid": "X"}, "VS-1006"),
        ({"uuid": U1.upper()}, "VS-1006"),
        ({"uuid": f"{U1}0"}, "VS-1006"),
        ({"version": True}, "VS-1006"),
        ({"op": "create", "kind": "teapot"}, "VS-3004"),
        ({"op": "create", "kind": "mesh", "components": {"transform": GOOD}}, "VS-3004"),
        ({"components": {"name": "a\nb"}}, "VS-1006"),
        ({"components": {"name": ""}}, "VS-1006"),
        ({"components": {"transform": {**GOOD, "scale": [1, 1]}}}, "VS-1006"),
        ({"components": {"transform": {**GOOD, "scale": [1, 1, True]}}}, "VS-3003"),
        ({"components": {"transform": {**GOOD, "translation": [math.inf, 0, 0]}}}, "VS-3003"),
        ({"components": {"transform": {**GOOD, "translation": [math.nan, 0, 0]}}}, "VS-3003"),
        ({"components": {"transform": {**GOOD, "translation": [1e39, 0, 0]}}}, "VS-3003"),
        ({"components": {"transform": {**GOOD, "rotation": [0, 0, 0, 2]}}}, "VS-3003"),
        ({"components": {"parent": {}}}, "VS-1006"),
        ({"components": {"visibility": {"visible": 1}}}, "VS-1006"),
        ({"components": {"nodes": {}}}, "VS-1006"),
        ({"components": {"nodes": {"graph": {"nodes": []}}}}, "VS-1006"),
        ({"op": "create", "kind": "mesh", "components": {"nodes": {"graph": None}}}, "VS-3004"),
        ({"components": {"teapot": {}}}, "VS-3004"),
    ],
)
def test_malformed_batches_are_refused(change, code):
    checked(batch(components={"transform": GOOD}), "p")
    assert code_of(checked, batch(**change), "p") == code


def test_graph_error_has_the_full_location():
    graph = {"nodes": [{"id": "a", "type": "X"}], "links": [{}]}
    with pytest.raises(SyncError) as caught:
        checked(batch(components={"nodes": {"graph": graph}}), "p")
    assert caught.value.location == "changes[0].components.nodes.graph.links[0]"


def test_missing_component_equals_its_default():
    entry = ReplicaEntry("object", last_seen={"name": "A"})
    assert entry.changed_components({"name": "A", "nodes": {"graph": None}}) == []
    one, other = ({"nodes": {"graph": {"node_settings": {"n": {"X": value}}}}} for value in (0.1, 0.2))
    assert entry.changed_components(one) == ["nodes"]
    entry.last_seen |= one
    single = {"nodes": {"graph": {"node_settings": {"n": {"X": 0.10000000149011612}}}}}
    assert entry.changed_components(single) == [] and entry.changed_components(other) == ["nodes"]
    assert entry.changed_components({"nodes": {"graph": None}}) == ["nodes"]
    seeds = [{"nodes": {"graph": {"Seed": seed}}} for seed in (2**24, 2**24 + 1)]
    assert not same_component("nodes", *seeds), "integers are no floats"


def test_batch_is_refused_for_other_project_or_repeated_uuid():
    assert code_of(checked, batch(), "q") == "VS-2003"
    twice = batch()
    twice["changes"] *= 2
    assert code_of(checked, twice, "p") == "VS-3007"


@pytest.mark.parametrize("count", [0, 1, 499, 500, 1_203])
def test_long_list_is_encoded_like_any_other(count):
    values = [{"n": number, "name": "\u00fc"} for number in range(count)]
    listed = Listed("results")
    for value in values:
        listed.add(value)
    decoder = FrameDecoder()
    decoder.max_frame = MAX_FRAME
    decoder.feed(b"".join(encode({"type": "applied"}, [b"abc"], listed)))
    header, attachments = decoder.next()
    assert (header["results"], attachments) == (values, [b"abc"])


def test_long_list_counts_against_the_limit_of_a_header():
    listed = Listed("results")
    listed.add("x" * MAX_HEADER)
    with pytest.raises(SyncError) as caught:
        encode({"type": "applied"}, [], listed)
    assert caught.value.code == "VS-1003"
    assert encode({"type": "applied"}, [], listed, 2 * MAX_HEADER)


def test_batch_may_have_50000_changes():
    def changes(count):
        named = (f"00000000-0000-4000-8000-{number:012}" for number in range(count))
        return [{"op": "delete", "uuid": name, "version": 1} for name in named]

    checked({**batch(), "changes": changes(50_000)}, "p")
    with pytest.raises(SyncError) as caught:
        checked({**batch(), "changes": changes(50_001)}, "p")
    assert (caught.value.code, caught.value.location) == ("VS-3007", "changes")
