# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays the intents of a storm to the state that the daemon holds afterwards, and compares places."""

from mathutils import Matrix, Quaternion
from storm_actions import digest_action
from storm_shapes import digest_shapes
from storm_shown import unpack_shown
from vibesync.core import images
from vibesync.core import mesh as wire_mesh


def apply_change(held, uuid, op, components, attachments):
    """Applies one sent change to the components by uuid, with digests of bulk data."""
    if op == "delete":
        del held[uuid]
        return
    assert op == "create" or uuid in held, f"{uuid} was never told"
    components = dict(components)
    if "mesh" in components:
        components["mesh"] = wire_mesh.unpack(components["mesh"], attachments, uuid).digest()
    digest_shapes(components, attachments)
    digest_action(components, attachments)
    unpack_shown(components, attachments)
    if "image" in components and "sha256" not in components["image"]["buffers"]["file"]:
        described = images.without_buffers(components["image"])
        components["image"] = images.digest(described, images.unpack(components["image"], attachments, uuid))
    held[uuid] = {**(held.get(uuid, {}) if op == "update" else {}), **components}


def replay_intents(harness):
    """Returns the state that follows from all intents, with meshes as digests."""
    held, answered = {}, set()
    for frame in list(harness.daemon.received):
        header = frame.header
        if header["type"] == "intent" and header["operation_id"] not in answered:
            answered.add(header["operation_id"])
            for change in header["changes"]:
                apply_change(held, change["uuid"], change["op"], change.get("components"), frame.attachments)
        elif header["type"] == "applied":
            for result in header["results"]:
                state = result["state"]
                kept = {"shown": it} if (it := held.get(result["uuid"], {}).get("shown")) else {}
                apply_change(
                    held, result["uuid"], "create" if state else "delete", state and state["components"], frame[1]
                )
                held.get(result["uuid"], {}).update(kept)  # Blender is not sent it
    return held


def is_same_place(one, other):
    """Returns whether two transforms place points alike: a mirrored object can be taken apart in several ways."""
    a, b = (
        Matrix.LocRotScale(each["translation"], Quaternion((each["rotation"][3], *each["rotation"][:3])), each["scale"])
        for each in (one, other)
    )
    most = max(1.0, *(abs(value) for row in a for value in row))
    return all(
        abs(x - y) <= 1e-5 * most for left, right in zip(a, b, strict=True) for x, y in zip(left, right, strict=True)
    )
