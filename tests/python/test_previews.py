# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests which previews count, how often they are sent, and how each of them ends."""

import math

import pytest
from vibesync.core import lights, materials
from vibesync.core.preview_inbox import PreviewInbox
from vibesync.core.preview_outbox import PreviewOutbox

A, B = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"


def at(x, **other):
    value = {"translation": [x, 0.0, 0.0], "rotation": [0.0, 0.0, 0.0, 1.0], "scale": [1.0, 1.0, 1.0], **other}
    return {"transform": value}


def preview(*changes):
    return {"type": "preview", "from": "unity", "changes": list(changes)}


def change(uuid, components):
    return {"uuid": uuid, "components": components}


def uuids(count):
    return [f"00000000-0000-4000-8000-{number:012x}" for number in range(count)]


def sent(messages):
    return [change["uuid"] for message in messages for change in message["changes"]]


def test_newest_value_counts_until_a_second_has_passed():
    inbox = PreviewInbox()
    inbox.take(preview(change(A, at(1.0)), change(B, at(1.0))), 10.0)
    inbox.take(preview(change(A, at(2.0))), 10.5)
    inbox.expire(10.99)
    assert inbox.values == {A: at(2.0), B: at(1.0)}
    inbox.expire(11.0)
    assert inbox.values == {A: at(2.0)}
    inbox.expire(11.5)
    assert not inbox.values


def test_end_and_durable_change_drop_their_entities_alone():
    inbox = PreviewInbox()
    inbox.take(preview(change(A, at(1.0)), change(B, at(1.0))), 10.0)
    inbox.take({"type": "preview_end", "uuids": [A]}, 10.0)
    assert inbox.values.keys() == {B}
    inbox.take(preview(change(A, at(1.0))), 10.0)
    inbox.drop({B})
    assert inbox.values.keys() == {A}


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {},
        change("no uuid", at(1.0)),
        change(A, None),
        change(A, at(math.nan)),
        change(A, at(1.0, scale=[1.0])),
        change(A, at(1.0, rotation=[0.0, 0.0, 0.0, 0.0])),
        {"uuid": A, "components": {"visibility": {"visible": False}}},
        {"uuid": A, "components": []},
        change(A, {"light": {**lights.DEFAULTS, "intensity": -1.0}}),
        change(A, {"pbr": materials.PBR, "emission": {"color": [1.0, 1.0, 1.0]}}),
    ],
)
def test_malformed_change_is_left_out(bad):
    inbox = PreviewInbox()
    inbox.take(preview(bad, change(B, at(1.0))), 10.0)
    assert inbox.values.keys() == {B}


def test_previewed_components_of_the_table_are_taken():
    inbox = PreviewInbox()
    surface = {"pbr": dict(materials.PBR), "emission": dict(materials.EMISSION)}
    lamp = {"light": dict(lights.DEFAULTS)}
    inbox.take(preview(change(A, {**surface, "name": "Shown"}), change(B, lamp)), 10.0)
    assert inbox.values == {A: surface, B: lamp}, "a name is not in previews"


def test_malformed_message_is_left_out():
    inbox = PreviewInbox()
    for header in (preview() | {"changes": 3}, {"type": "preview"}, {"type": "preview_end", "uuids": [[], None]}):
        inbox.take(header, 10.0)
    assert not inbox.values


def test_number_of_shown_entities_is_bounded():
    inbox = PreviewInbox()
    inbox.take(preview(*(change(uuid, at(1.0)) for uuid in uuids(5_000))), 10.0)
    assert len(inbox.values) == 4_096
    inbox.take(preview(change(uuids(1)[0], at(2.0))), 10.0)
    assert inbox.values[uuids(1)[0]] == at(2.0), "what is known goes on"


def test_held_values_are_sent_sixty_times_a_second_and_repeated():
    outbox = PreviewOutbox()
    now, times = 10.0, []
    for step in range(1_000):  # a second of ticks
        now = 10.0 + step / 1_000
        if outbox.is_due(now) and outbox.update({A: at(float(step))}, now, 0.0):
            times.append(now)
    assert len(times) == 60, "a tick that comes a little late does not delay the next one"
    repeated = [now + step / 100 for step in range(1, 101) if outbox.update({}, now + step / 100, 0.0)]
    assert 2 <= len(repeated) <= 3, "nothing moves"


def test_slow_reading_takes_a_quarter_of_the_time():
    outbox = PreviewOutbox()
    outbox.update({A: at(1.0)}, 10.0, 0.05)
    assert not outbox.is_due(10.19) and outbox.is_due(10.2)


def test_one_slow_round_of_reading_delays_no_other():
    outbox = PreviewOutbox()
    outbox.update({A: at(1.0)}, 10.0, 0.001)
    outbox.update({A: at(2.0)}, 10.02, 0.2)
    assert outbox.is_due(10.04), "another program had the processor"
    outbox.update({A: at(3.0), B: at(3.0)}, 10.04, 0.2, 100)
    assert not outbox.is_due(10.2), "a hundred objects cost a hundred times as much"
    for step in range(8):
        outbox.update({A: at(float(step))}, 11.0 + step, 0.2)
    assert not outbox.is_due(18.79) and outbox.is_due(18.8)


def test_only_news_is_sent_in_messages_of_512_with_a_growing_seq():
    outbox = PreviewOutbox()
    assert not outbox.is_news(A, at(1.0), at(1.0)) and outbox.is_news(A, at(2.0), at(1.0))
    many = {uuid: at(1.0) for uuid in uuids(1_100)}
    messages = outbox.update(many, 10.0, 0.0)
    assert [len(message["changes"]) for message in messages] == [512, 512, 76]
    assert [message["seq"] for message in messages] == [1, 2, 3]
    assert not outbox.is_due(10.029), "the daemon takes 120 messages a second"
    first = next(iter(many))
    assert not outbox.is_news(first, at(1.0), at(0.0)) and outbox.is_news(first, at(0.0), at(0.0)), "sent last"
    (message,) = outbox.update({first: at(3.0)}, 10.1, 0.0)
    assert message == {"type": "preview", "seq": 4, "changes": [change(first, at(3.0))]}


def test_material_is_news_if_one_of_its_components_differs():
    outbox = PreviewOutbox()
    agreed = {"name": "Paint", "pbr": dict(materials.PBR), "emission": dict(materials.EMISSION)}
    same = {name: agreed[name] for name in ("pbr", "emission")}
    glowing = {**same, "emission": {**materials.EMISSION, "strength": 4.0}}
    assert not outbox.is_news(A, same, agreed) and outbox.is_news(A, glowing, agreed)


def test_number_of_held_entities_is_bounded():
    outbox = PreviewOutbox()
    assert len(sent(outbox.update({uuid: at(1.0) for uuid in uuids(5_000)}, 10.0, 0.0))) == 4_096
    late = uuids(5_000)[-1]
    assert not sent(outbox.update({late: at(2.0)}, 10.2, 0.0))


def test_preview_without_a_durable_change_is_ended():
    outbox = PreviewOutbox()
    outbox.update({A: at(1.0), B: at(1.0)}, 10.0, 0.0)
    assert not outbox.take_ends(unread=set()), "still held"
    outbox.release()
    assert not outbox.take_ends(unread={A, B}), "not compared yet"
    assert outbox.take_ends(unread={B}) == [{"type": "preview_end", "uuids": [A]}]
    assert outbox.take_ends(unread=set()) == [{"type": "preview_end", "uuids": [B]}]
    assert not outbox.take_ends(unread=set())


@pytest.mark.parametrize(
    ("status", "is_ended"), [("accepted", False), ("duplicate", False), ("unchanged", True), ("refused", True)]
)
def test_answer_to_the_intent_ends_what_no_apply_ends(status, is_ended):
    outbox = PreviewOutbox()
    outbox.update({A: at(1.0)}, 10.0, 0.0)
    outbox.record_intent("op", [A, B])
    outbox.release()
    assert not outbox.take_ends(unread=set()), "the daemon decides"
    outbox.record_answer("another", "refused")
    outbox.record_answer("op", status)
    assert bool(outbox.take_ends(unread=set())) is is_ended


def test_next_hold_goes_on_although_the_last_one_is_refused():
    outbox = PreviewOutbox()
    outbox.update({A: at(1.0)}, 10.0, 0.0)
    outbox.release()
    outbox.record_intent("op", [A])
    outbox.update({A: at(2.0)}, 11.0, 0.0)
    outbox.record_answer("op", "refused")
    assert not outbox.take_ends(unread=set())


def test_new_connection_starts_over():
    outbox = PreviewOutbox()
    outbox.update({A: at(1.0)}, 10.0, 0.0)
    outbox.reset()
    outbox.release()
    assert not outbox.take_ends(unread=set())
    (message,) = outbox.update({A: at(1.0)}, 10.0, 0.0)
    assert message["seq"] == 1
