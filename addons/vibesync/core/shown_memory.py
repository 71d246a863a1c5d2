# SPDX-License-Identifier: GPL-3.0-or-later
"""Remembers evaluated meshes as they were sent last: some modifiers make other last bits each time."""

from __future__ import annotations

from .mesh import Mesh, same_mesh
from .pace import Steps

_MAX_BYTES = 128 * 1024 * 1024


class ShownMemory:
    """Evaluated meshes by uuid, with their digests, within a limit of memory."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Mesh, dict]] = {}  # the one that was used last is at the end

    def digest_steps(self, uuid: str, mesh: Mesh | None) -> Steps[dict | None]:
        """Returns the digest of an object's mesh; the former one if the former mesh is equal within epsilon."""
        former = self._known.pop(uuid, None)
        if mesh is None:
            return None
        digest = yield from mesh.digest_steps()
        if former and former[1] != digest and (yield from same_mesh(former[0], mesh)):
            mesh, digest = former
        self._known[uuid] = (mesh, digest)
        while sum(map(_bytes, self._known.values())) > _MAX_BYTES:
            del self._known[next(iter(self._known))]
        return digest


def _bytes(known: tuple[Mesh, dict]) -> int:
    return sum(values.nbytes for values in known[0].buffers().values())
