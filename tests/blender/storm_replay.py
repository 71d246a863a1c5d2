# SPDX-License-Identifier: GPL-3.0-or-later
"""Replays the intents of a storm and returns the state that the daemon holds afterwards."""

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
