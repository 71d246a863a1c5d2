# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry document: the replica as text, kept in the .blend and in a sidecar file.

The document is JSON with a schema version and a checksum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from .check import is_uuid
from .replica import Replica, ReplicaEntry
from .sync_error import SyncError

# The n-th function converts a body of version n to version n + 1. Reading migrates a document in memory, and the next
# save writes it in the new version.
MIGRATIONS: tuple[Callable[[dict], dict], ...] = (
    lambda body: {**body, "epochs": []},
    lambda body: {**body, "diverged_after": None},
)


def schema_version() -> int:
    """Returns the version that `dump` writes."""
    return 1 + len(MIGRATIONS)


def dump(replica: Replica) -> str:
    """Returns the document. It leaves out unconfirmed values, because capture finds them again after a load."""
    entries = {
        uuid: {"kind": entry.kind, "version": entry.version, "components": entry.confirmed}
        for uuid, entry in replica.entries.items()
    }
    body = {
        "schema_version": schema_version(),  # Here too, because the checksum is that of the body.
        "project_id": replica.project_id,
        "last_seq": replica.last_seq,
        "epochs": replica.epochs,
        "diverged_after": replica.diverged_after,
        "entries": entries,
        "tombstones": replica.tombstones,
    }
    document = {"schema_version": schema_version(), "checksum": _checksum(body), "body": body}
    return json.dumps(document, allow_nan=False, separators=(",", ":"), sort_keys=True)


def parse(text: str, location: str) -> Replica:
    """Reads a document of this or an older schema version, completely or not at all.

    Raises SyncError VS-7001 if it is damaged, VS-5008 if a newer addon wrote it.
    """
    try:
        document = json.loads(text)
        version, checksum, body = document["schema_version"], document["checksum"], document["body"]
        if checksum != _checksum(body):
            raise SyncError("VS-7001", "the registry's checksum is wrong", location)
        if type(version) is not int or version < 1:
            raise SyncError("VS-7001", f"the registry has schema version {version!r}", location)
        if version > 1 and body["schema_version"] != version:
            raise SyncError("VS-7001", "the registry's schema version is damaged", location)
        if version > schema_version():
            raise SyncError(
                "VS-5008",
                f"the registry has schema version {version}, this addon reads up to {schema_version()}",
                location,
            )
        for migrate in MIGRATIONS[version - 1 :]:
            body = migrate(body)
        entries = {
            uuid: ReplicaEntry(entry["kind"], entry["version"], entry["components"], dict(entry["components"]))
            for uuid, entry in body["entries"].items()
        }
        replica = Replica(
            body["project_id"],
            body["last_seq"],
            body["epochs"],
            entries,
            body["tombstones"],
            body["diverged_after"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SyncError("VS-7001", f"the registry can't be read: {error!r}", location) from error
    if not all(is_uuid(uuid) for uuid in (*replica.entries, *replica.tombstones)):
        raise SyncError("VS-7001", "the registry names something that is not a uuid", location)
    return replica


def load(in_file: str | None, sidecar: str | None) -> tuple[Replica, list[SyncError]]:
    """Returns the replica from the .blend, else from the sidecar, else an empty one; and the errors on the way.

    Raises SyncError VS-7001 if documents exist but none is readable. Raises VS-5008 if a newer addon wrote one of them,
    because an older copy next to it would be outdated.
    """
    problems: list[SyncError] = []
    for text, location in ((in_file, ".blend"), (sidecar, "sidecar")):
        if text is None:
            continue
        try:
            return parse(text, location), problems
        except SyncError as error:
            if error.code == "VS-5008":
                raise
            problems.append(error)
    if problems:
        raise problems[0]
    return Replica(), problems


def _checksum(body: dict) -> str:
    text = json.dumps(body, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
