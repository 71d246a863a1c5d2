# SPDX-License-Identifier: GPL-3.0-or-later
"""The previews that the other editor shows for this one: what is sent, how often, and how each of them ends."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Mapping

from .components import same_component

_PER_SECOND = 60
_MESSAGES_PER_SECOND = 100  # the daemon takes 120
_REPEAT_SECONDS = 0.4  # the receiver forgets after a second, and wants a repetition at least each half
_SHARE = 4  # a round of reading may take a quarter of the time
_ROUNDS = 8
_PER_MESSAGE = 512
_MOST = 4_096  # entities at a time; the daemon drops more


class PreviewOutbox:
    """The previews of one hold after the other, over one connection."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, dict]] = {}  # held entities, each with the components that were sent last
        self._released: dict[str, str] = {}  # uuid -> the operation that decides; "" before anything was captured
        self._ended: set[str] = set()
        self._costs: deque[float] = deque(maxlen=_ROUNDS)  # seconds of one object
        self.reset()

    def reset(self) -> None:
        """Starts over with a new connection: the daemon has ended what was shown."""
        self._values.clear()
        self._released.clear()
        self._ended.clear()
        self._seq = 0
        self._due = 0.0
        self._repeated = 0.0

    @property
    def is_idle(self) -> bool:
        """Returns whether nothing is held, released or ended that the receiver still shows."""
        return not (self._values or self._released or self._ended)

    @property
    def held(self) -> set[str]:
        """Returns the held entities."""
        return set(self._values)

    def take_seq(self) -> int:
        """Returns the number of the next message of this connection."""
        self._seq += 1
        return self._seq

    def is_due(self, now: float) -> bool:
        """Returns whether values may be read and sent now."""
        return now >= self._due

    def is_news(self, uuid: str, components: dict[str, dict], agreed: dict[str, dict]) -> bool:
        """Returns whether components must be sent: they differ from those sent last, or else from the agreed ones."""
        known = self._values.get(uuid, agreed)
        return not all(same_component(name, known[name], value) for name, value in components.items())

    def update(self, values: Mapping[str, dict[str, dict]], now: float, cost: float, read: int = 1) -> list[dict]:
        """Takes components of held entities that changed; returns the messages to send. `cost` is the seconds of the
        reading of so many entities."""
        room = _MOST - len(self._values)
        fresh = [uuid for uuid in values if uuid not in self._values][:room]
        news = {uuid: value for uuid, value in values.items() if uuid in self._values}
        news.update((uuid, values[uuid]) for uuid in fresh)
        for uuid in news:
            self._released.pop(uuid, None)
        self._values.update(news)
        if now - self._repeated >= _REPEAT_SECONDS:
            self._repeated, news = now, self._values
        messages = []
        for part in _parts(news):
            changes = [{"uuid": uuid, "components": news[uuid]} for uuid in part]
            messages.append({"type": "preview", "seq": self.take_seq(), "changes": changes})
        if messages or cost:
            pause = max(1 / _PER_SECOND, len(messages) / _MESSAGES_PER_SECOND, _SHARE * self._usual_cost(cost, read))
            # A round that comes a little late does not delay the next one.
            is_in_step = now - self._due < 1 / _PER_SECOND
            self._due = (self._due if is_in_step else now) + pause
        return messages

    def _usual_cost(self, cost: float, read: int) -> float:
        # The quickest round counts: others may contain the time of other programs.
        if not cost:
            return 0.0
        self._costs.append(cost / read)
        return min(self._costs) * read

    def release(self) -> None:
        """Lets go of all that was held. From now on the durable changes decide."""
        self._released.update(dict.fromkeys(self._values, ""))
        self._values.clear()

    def record_intent(self, operation_id: str, uuids: Iterable[str]) -> None:
        """Records that an intent with these entities was sent. Nothing is held then."""
        self.release()
        for uuid in uuids:
            if uuid in self._released:
                self._released[uuid] = operation_id

    def record_answer(self, operation_id: str, status: str) -> None:
        """Takes the answer to an intent: without an `apply` for the receiver, the preview ends by a message."""
        for uuid in [uuid for uuid, operation in self._released.items() if operation == operation_id]:
            del self._released[uuid]
            if status in ("refused", "unchanged"):
                self._ended.add(uuid)

    def take_ends(self, unread: Container[str]) -> list[dict]:
        """Returns the messages for previews that no durable change ends. `unread`: entities that are still to be
        compared with what was agreed."""
        for uuid in [uuid for uuid, operation in self._released.items() if not operation and uuid not in unread]:
            del self._released[uuid]
            self._ended.add(uuid)
        ended = sorted(self._ended - self._values.keys())
        self._ended.clear()
        return [{"type": "preview_end", "uuids": part} for part in _parts(ended)]


def _parts(uuids: Iterable[str]) -> list[list[str]]:
    listed = list(uuids)
    return [listed[start : start + _PER_MESSAGE] for start in range(0, len(listed), _PER_MESSAGE)]
