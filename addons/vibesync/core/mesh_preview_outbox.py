# SPDX-License-Identifier: GPL-3.0-or-later
"""The vertices of edited meshes that the other editor shows for this one: what is sent, and how each of them ends."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass

_PER_SECOND = 60
_REPEAT_SECONDS = 0.4  # the receiver forgets after a second.
_PAUSES = 3  # times the duration of a reading: it takes a quarter of the time
MAX_PATCH = 1024 * 1024  # bytes; a mesh with more differences is not previewed

Message = tuple[dict, list]


@dataclass(frozen=True)
class MovedVertices:
    """All positions of a mesh that differ from those at an address, which have so many bytes."""

    base: str
    bytes: int
    patch: bytes


class MeshPreviewOutbox:
    """The previews of meshes over one connection. `take_seq` numbers the messages."""

    def __init__(self, take_seq: Callable[[], int]) -> None:
        self._take_seq = take_seq
        self._held: dict[str, MovedVertices] = {}  # what was sent last
        self._released: dict[str, str] = {}  # uuid -> the operation that decides; "" before anything was captured
        self._ended: set[str] = set()
        self.reset()

    def reset(self) -> None:
        """Starts over with a new connection: the daemon has ended what was shown."""
        self._held.clear()
        self._released.clear()
        self._ended.clear()
        self._due = self._repeated = 0.0

    @property
    def is_idle(self) -> bool:
        """Returns whether nothing is held, released or ended that the receiver still shows."""
        return not (self._held or self._released or self._ended)

    def is_due(self, now: float) -> bool:
        """Returns whether meshes may be read and sent now."""
        return now >= self._due

    def must_repeat(self, now: float) -> bool:
        """Returns whether the receiver must get again what it shows."""
        return bool(self._held) and now - self._repeated >= _REPEAT_SECONDS

    def is_waiting(self, uuid: str) -> bool:
        """Returns whether an intent with the mesh is not answered: the next base is not known yet."""
        return bool(self._released.get(uuid))

    def update(self, values: Mapping[str, MovedVertices | None], now: float, cost: float) -> list[Message]:
        """Takes meshes that were read, in so many seconds; None for one that has nothing to show. Returns the messages
        to send."""
        if values:
            self._due = now + max(1 / _PER_SECOND, cost + _PAUSES * cost)
        news = {uuid: value for uuid, value in values.items() if value and value != self._held.get(uuid)}
        self._ended.update(uuid for uuid, value in values.items() if value is None and self._held.pop(uuid, None))
        for uuid in news:
            self._released.pop(uuid, None)
            self._ended.discard(uuid)
        self._held.update(news)
        if self.must_repeat(now):
            self._repeated, news = now, self._held
        return [self._message(uuid, value) for uuid, value in news.items()]

    def _message(self, uuid: str, value: MovedVertices) -> Message:
        positions = {"base": value.base, "bytes": value.bytes, "attachment": 0}
        change = {"uuid": uuid, "components": {}, "positions": positions}
        return {"type": "preview", "seq": self._take_seq(), "changes": [change]}, [value.patch]

    def release(self) -> None:
        """Lets go of all that was held. From now on the durable changes decide."""
        self._released.update(dict.fromkeys(self._held, ""))
        self._held.clear()

    def record_intent(self, operation_id: str, uuids: Iterable[str]) -> None:
        """Records that an intent with these entities was sent: it decides about them."""
        for uuid in uuids:
            if self._held.pop(uuid, None) or uuid in self._released:
                self._released[uuid] = operation_id

    def record_answer(self, operation_id: str, status: str) -> None:
        """Takes the answer to an intent: without an `apply` for the receiver, the preview ends by a message."""
        if status == "waiting":
            return
        for uuid in [uuid for uuid, operation in self._released.items() if operation == operation_id]:
            del self._released[uuid]
            if status in ("refused", "unchanged"):
                self._ended.add(uuid)

    def take_ends(self, unread: Container[str]) -> list[Message]:
        """Returns the messages for previews that no durable change ends. `unread`: entities that are still to be
        compared with what was agreed."""
        for uuid in [uuid for uuid, operation in self._released.items() if not operation and uuid not in unread]:
            del self._released[uuid]
            self._ended.add(uuid)
        ended = sorted(self._ended - self._held.keys())
        self._ended.clear()
        return [({"type": "preview_end", "uuids": ended}, [])] if ended else []
