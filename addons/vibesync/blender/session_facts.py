# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the session what the daemon asks for at the start of a connection. Sends again what the daemon lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..core.check import is_uuid
from ..core.replica import Replica
from .batch_queue import BatchQueue
from .dirty_set import DirtySet
from .log import logger


class SessionFacts:
    """Answers the questions of the session."""

    def __init__(self, replica: Replica, dirty_set: DirtySet, batches: Callable[[], BatchQueue]) -> None:
        self._replica = replica
        self._dirty_set = dirty_set
        self._batches = batches

    def last_seq(self) -> int:
        """Returns the position in the log that the replica has reached."""
        return self._replica.last_seq

    def history(self) -> dict:
        """Returns what the daemon needs to find a divergence."""
        return {"epochs": self._replica.epochs, "diverged_after": self._replica.diverged_after}

    def take_welcome(self, epochs: list[dict], diverged_after: int | None) -> None:
        """Stores the epochs. If the daemon's log lost records, forgets what they acknowledged, to send it again."""
        if diverged_after is not None:
            self._batches().restart()  # the versions in a batch of the connection before are of the lost records
            forgotten = self._replica.forget_after(diverged_after)
            logger.warning("VS-5010: the daemon lost changes; %d entities are sent again", len(forgotten))
            for uuid in forgotten:
                self._dirty_set.add(uuid)
            self._dirty_set.mark_structure()  # deleted entities have no datablock to be marked by
        self._replica.epochs = epochs

    def send_again(self, uuids: Iterable[str], forget: Callable[[list[str]], None]) -> None:
        """Sends whole entities again, because the daemon does not have them or has lost their bulk data."""
        wanted = [uuid for uuid in uuids if uuid in self._replica.entries]
        forget(wanted)
        for uuid in wanted:
            self._dirty_set.add(uuid)

    def inventory(self) -> Iterator[dict]:
        """Yields a version for each entity; 0 for those of the running batch, whose state is uncertain."""
        entries, running = self._replica.entries, frozenset(filter(is_uuid, self._batches().running_uuids))
        for uuid in [*entries, *(running - entries.keys())]:
            is_certain = uuid in entries and uuid not in running
            yield {"uuid": uuid, "version": entries[uuid].trusted_version() if is_certain else 0}
