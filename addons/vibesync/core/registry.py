# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered between runs: the project, and for each uuid what the daemon last confirmed.

Kept twice, in the .blend and in a sidecar file, as JSON with a schema version and a checksum.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .check import ABSENT, is_uuid
from .equality import same_component
from .errors import SyncError

# The n-th makes the body of version n + 1 of that of version n. A file is brought up to date when it is read, and
# written so at the next save.
MIGRATIONS: tuple[Callable[[dict], dict], ...] = ()


@dataclass(slots=True)
class Entry:
    """One entity. `acked` is what the daemon confirmed, `seen` what this editor last captured, sent or applied.

    Components are in shadow form: small ones as on the wire, a mesh as its digest.
    """

    kind: str
    version: int = 0
    acked: dict[str, dict] = field(default_factory=dict)
    seen: dict[str, dict] = field(default_factory=dict)
    deleting: bool = False
    overwritten: bool = False  # it may hold something else than its version says: the daemon must send it again
    doubted: int = 0  # likewise, until all of it comes, or something of at least this version

    def held_version(self) -> int:
        """The version that the editor holds for certain; 0 where that is none."""
        return 0 if self.overwritten or self.doubted else self.version

    def changed(self, components: dict[str, dict]) -> list[str]:
        """Names of the components that differ from what was last seen."""
        return [name for name, value in components.items() if not self._has_seen(name, value)]

    def _has_seen(self, name: str, value: dict) -> bool:
        held = self.seen.get(name, ABSENT.get(name))
        return held is not None and same_component(name, held, value)


@dataclass
class Registry:
    """All entries, and the tombstones of those that are gone for good."""

    project_id: str = ""
    last_seq: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    tombstones: dict[str, dict] = field(default_factory=dict)

    def learn_applied(
        self,
        uuid: str,
        kind: str,
        version: int,
        components: dict[str, dict],
        overwrites: bool = False,
        whole: bool = True,
    ) -> None:
        """The daemon's value is in the editor now: it is neither a local change nor unconfirmed.

        `overwrites`: an intent about this entity is still unanswered. `whole`: all of the entity came.
        """
        self.tombstones.pop(uuid, None)  # a create revives what was deleted
        entry = self.entries.setdefault(uuid, Entry(kind))
        entry.acked.update(components)
        entry.seen.update(components)
        entry.version = max(entry.version, version)
        entry.deleting = False
        entry.overwritten = overwrites
        if whole or version >= entry.doubted:
            entry.doubted = 0
        self.last_seq = max(self.last_seq, version)

    def learn_vanished(self, uuid: str, kind: str | None, version: int) -> None:
        """The daemon's value was in the editor, and the user deleted it before it was read back: theirs to tell."""
        if kind:  # of a create
            self.entries.setdefault(uuid, Entry(kind)).version = version

    def learn_acked(self, uuid: str, version: int, components: dict[str, dict]) -> None:
        """The daemon confirmed what this editor sent."""
        entry = self.entries.get(uuid)
        if entry:
            entry.acked.update(components)
            entry.version = max(entry.version, version)
            entry.overwritten = False
        self.tombstones.pop(uuid, None)
        self.last_seq = max(self.last_seq, version)

    def doubt(self, uuids: Iterable[str], since: int = sys.maxsize) -> None:
        """The editor may hold what does not stand, until all of it comes, or a part of version `since` or later.

        A part that is older settles nothing.
        """
        for uuid in uuids:
            if uuid in self.entries:
                self.entries[uuid].doubted = since

    def unsend(self, uuids: Iterable[str]) -> None:
        """Changes were refused only because they traveled with another one: they count as not seen."""
        for uuid in uuids:
            if uuid in self.entries:
                entry = self.entries[uuid]
                entry.seen = dict(entry.acked)
                entry.deleting = False

    def want(self, uuids: Iterable[str]) -> None:
        """The daemon does not know these: they count as new."""
        for uuid in uuids:
            if uuid in self.entries:
                self.entries[uuid].version = 0
                self.entries[uuid].seen.clear()

    def bury(self, uuid: str, version: int) -> None:
        """Archive the mapping of a deleted entity; only a create that follows revives it, as undo does."""
        entry = self.entries.pop(uuid, None)
        if entry:
            name = entry.acked.get("name", "")
            self.tombstones[uuid] = {"kind": entry.kind, "name": name, "version": version}
        self.last_seq = max(self.last_seq, version)

    def dump(self) -> str:
        """As text, checksum included. Unconfirmed values are left out: they are captured again after a load."""
        entries = {
            uuid: {"kind": entry.kind, "version": entry.version, "components": entry.acked}
            for uuid, entry in self.entries.items()
        }
        body = {
            "project_id": self.project_id,
            "last_seq": self.last_seq,
            "entries": entries,
            "tombstones": self.tombstones,
        }
        document = {"schema_version": schema_version(), "checksum": _checksum(body), "body": body}
        return json.dumps(document, allow_nan=False, separators=(",", ":"), sort_keys=True)


def schema_version() -> int:
    """The version that is written."""
    return 1 + len(MIGRATIONS)


def parse(text: str, place: str) -> Registry:
    """Read a registry of this or an older schema version; never half-reads.

    Raises SyncError VS-7001 when it is damaged, VS-5008 when a newer addon wrote it.
    """
    try:
        document = json.loads(text)
        version, checksum, body = document["schema_version"], document["checksum"], document["body"]
        if checksum != _checksum(body):
            raise SyncError("VS-7001", "the registry's checksum is wrong", place)
        if type(version) is not int or version < 1:
            raise SyncError("VS-7001", f"the registry has schema version {version!r}", place)
        if version > schema_version():
            raise SyncError(
                "VS-5008",
                f"the registry has schema version {version}, this addon reads up to {schema_version()}",
                place,
            )
        for migrate in MIGRATIONS[version - 1 :]:
            body = migrate(body)
        entries = {
            uuid: Entry(entry["kind"], entry["version"], entry["components"], dict(entry["components"]))
            for uuid, entry in body["entries"].items()
        }
        registry = Registry(body["project_id"], body["last_seq"], entries, body["tombstones"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SyncError("VS-7001", f"the registry can't be read: {error!r}", place) from error
    if not all(is_uuid(uuid) for uuid in (*registry.entries, *registry.tombstones)):
        raise SyncError("VS-7001", "the registry names something that is not a uuid", place)
    return registry


def load(in_file: str | None, sidecar: str | None) -> tuple[Registry, list[SyncError]]:
    """The registry of the .blend, else of the sidecar, else a new one; and what was wrong with those passed over.

    Raises SyncError VS-7001 when there is something to read but nothing readable; VS-5008 when a newer addon wrote one
    of them: an older copy beside it would be out of date.
    """
    problems: list[SyncError] = []
    for text, place in ((in_file, ".blend"), (sidecar, "sidecar")):
        if text is None:
            continue
        try:
            return parse(text, place), problems
        except SyncError as error:
            if error.code == "VS-5008":
                raise
            problems.append(error)
    if problems:
        raise problems[0]
    return Registry(), problems


def _checksum(body: dict) -> str:
    text = json.dumps(body, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
