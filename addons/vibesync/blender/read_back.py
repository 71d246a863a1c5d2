# SPDX-License-Identifier: GPL-3.0-or-later
"""The read-back: the state of a batch's entities, read from Blender's own data after the batch was applied."""

from __future__ import annotations

from collections.abc import Callable

from ..core import actions, images
from ..core.actions import KeyedAction
from ..core.components import same_component
from ..core.mesh import Mesh, exact_buffers, name_blobs, renumber_attachments, same_mesh
from ..core.outbox import Outbox
from ..core.pace import Steps
from ..core.replica import Replica
from ..core.shapes import Shapes, is_same
from ..core.shapes import name_blobs as name_shape_blobs
from ..core.weights import Weights
from ..core.weights import is_same as is_same_weights
from ..core.weights import name_blobs as name_weight_blobs
from .dirty_set import DirtySet
from .entity import Content, Reader, read_entity, read_now
from .sent_bulk import SentBulk

_MAX_READS = 3


class ReadBack:
    """Reads results of a batch, and confirms them in the replica."""

    def __init__(self, replica: Replica, dirty_set: DirtySet, outbox: Outbox) -> None:
        self._replica = replica
        self._dirty_set = dirty_set
        self._outbox = outbox

    def result(
        self,
        change: dict,
        sent: SentBulk,
        reader: Callable[[], Reader],
        attachments: list[bytes],
        error: dict | None,
    ) -> Steps[dict]:
        """Returns the result of one change. `sent`: the bulk data that the change contains. `reader` returns the reader
        of the current slice."""
        mesh, file = sent.mesh, sent.file
        uuid = change.get("uuid")
        state = content = None
        for _ in range(_MAX_READS):  # again if the entity changed during the read
            content = yield from read_entity(uuid, reader)
            if content or uuid not in reader().scan:
                break
        else:
            content = read_now(uuid, reader())  # in one step, as a missing state means that the entity is gone
        exact: set[str] = set()
        if content:
            kind = reader().scan.kind(uuid)
            if "mesh" in content.wire:
                exact = yield from _add_mesh(change, mesh, content, attachments)
            if "shapes" in content.wire:
                _add_shapes(change, sent.shapes, content, attachments)
            if "weights" in content.wire:
                _add_weights(change, sent.weights, content, attachments)
            if "image" in content.wire:
                _add_image(change, content, file, attachments)
            if "action" in content.wire:
                _add_action(change, sent.action, content, attachments)
            state = {"uuid": uuid, "kind": kind, "components": content.wire}
        if error is None:
            held = (yield from _confirmed(_as_replica(change, file), sent, content, exact)) if content else {}
            if content and sent.kept and (yield from self._has_kept(uuid, sent.kept, content)):
                held["shapes"] = content.replica["shapes"]
            self._confirm(change, reader().scan.kind(uuid), content, held)
        return {"uuid": uuid, "status": "failed" if error else "applied", "state": state, "error": error}

    def _has_kept(self, uuid: str, kept: Shapes, content: Content) -> Steps[bool]:
        """Returns whether a mesh that changed without its shape keys has the synchronized ones: with other vertices,
        their digest is another."""
        last_seen = self._replica.entries[uuid].last_seen if uuid in self._replica.entries else {}
        return last_seen.get("shapes") == kept.digest() and (yield from is_same(kept, content.shapes))

    def _confirm(self, change: dict, kind: str | None, content: Content | None, held: dict[str, dict]) -> None:
        uuid, version = change.get("uuid"), change.get("version")
        if content:
            self._replica.confirm_applied(
                uuid,
                kind,
                version,
                held,
                overwrites=self._outbox.has_changes_of(uuid),
                whole=change["op"] != "update",
            )
            if self._replica.entries[uuid].changed_components(content.replica):  # a person changed it since
                self._dirty_set.add(uuid)
        elif change["op"] == "delete":
            self._replica.tombstone(uuid, version)
        else:  # a person deleted it since
            self._replica.record_vanished(uuid, change.get("kind"), version)
            self._dirty_set.mark_structure()


def _add_mesh(change: dict, sent: Mesh | None, content: Content, attachments: list[bytes]) -> Steps[set[str]]:
    """Adds the buffers of a mesh to the answer; names those by their blobs that are exactly what the daemon sent.

    Returns the names of the exact buffers.
    """
    exact: set[str] = set()
    if sent is not None:
        exact = yield from exact_buffers(sent, content.mesh)
        component = change["components"]["mesh"]
        content.wire["mesh"], content.attachments = name_blobs(
            content.wire["mesh"], content.attachments, component, exact
        )
    renumber_attachments(content.wire["mesh"], len(attachments))
    attachments.extend(content.attachments)
    return exact


def _add_shapes(change: dict, sent: Shapes | None, content: Content, attachments: list[bytes]) -> None:
    """Adds the buffers of shape keys to the answer; names them by their blobs if they are what the daemon sent."""
    if sent is not None:
        component = change["components"]["shapes"]
        content.wire["shapes"], is_named = name_shape_blobs(content.wire["shapes"], component, content.shapes, sent)
        if is_named:
            return
    renumber_attachments(content.wire["shapes"], len(attachments))
    attachments.extend(content.shape_attachments)


def _add_weights(change: dict, sent: Weights | None, content: Content, attachments: list[bytes]) -> None:
    """Adds the buffers of vertex groups to the answer; names them by their blobs if they are what the daemon sent."""
    if sent is not None:
        component = change["components"]["weights"]
        content.wire["weights"], is_named = name_weight_blobs(content.wire["weights"], component, content.weights, sent)
        if is_named:
            return
    renumber_attachments(content.wire["weights"], len(attachments))
    attachments.extend(content.weight_attachments)


def _add_image(change: dict, content: Content, file: bytes | None, attachments: list[bytes]) -> None:
    """Adds the file of an image to the answer; names it by its blob if it is what the daemon sent."""
    sent = change["components"].get("image") if file is not None else None
    buffers = images.digest({}, file)["buffers"] if sent else None
    if sent and sent["buffers"]["file"].get("blob") and content.replica["image"]["buffers"] == buffers:
        content.wire["image"] = images.name_blob(content.replica["image"], sent)
        return
    content.wire["image"] = content.load()
    renumber_attachments(content.wire["image"], len(attachments))
    attachments.extend(content.attachments)


def _add_action(change: dict, sent: KeyedAction | None, content: Content, attachments: list[bytes]) -> None:
    """Adds the buffers of an action to the answer; names them by their blobs if they are what the daemon sent."""
    packed = content.wire["action"]
    is_sent = sent is not None and actions.name_blobs(packed, content.attachments, change["components"]["action"], sent)
    if not is_sent:
        renumber_attachments(packed, len(attachments))
        attachments.extend(content.attachments)


def _as_replica(change: dict, file: bytes | None) -> dict[str, dict]:
    """Returns the components of a change, with the digest of an image instead of its buffers."""
    components = change.get("components", {})
    if file is None:
        return components
    described = images.without_buffers(components["image"])
    return {**components, "image": images.digest(described, file)}


def _confirmed(sent: dict[str, dict], bulk: SentBulk, content: Content, exact: set[str]) -> Steps[dict[str, dict]]:
    """Returns the state to confirm: the value read if it equals the value sent, else the value sent.

    A difference is a local change that a person made since, and capture will find it.
    """
    confirmed = {}
    for name in sent.keys() & content.replica.keys():
        read = content.replica[name]
        if name == "shapes":
            confirmed[name] = read if (yield from is_same(bulk.shapes, content.shapes)) else bulk.shapes.digest()
        elif name == "weights":
            is_held = yield from is_same_weights(bulk.weights, content.weights)
            confirmed[name] = read if is_held else bulk.weights.digest()
        elif name == "action":
            confirmed[name] = read if bulk.action.is_same(content.action) else bulk.action.digest()
        elif name != "mesh":
            confirmed[name] = read if same_component(name, sent[name], read) else sent[name]
        elif (yield from same_mesh(bulk.mesh, content.mesh, exact)):
            confirmed[name] = read
        else:
            confirmed[name] = yield from bulk.mesh.digest_steps()
    return confirmed
