# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports what of a scene is not synchronized: to the panel, and in the log the first time of each kind."""

from __future__ import annotations

from collections.abc import Callable

from ..core.notices import SENTENCES, Notices
from .log import logger


class UnsyncedReport:
    """Collects unsupported content."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self.listener: Callable[[str, str], None] | None = None  # gets kind and name while a call is read

    def add(self, kind: str, uuid: str, name: str) -> None:
        """Adds one entity or datablock. `kind` is a key of `SENTENCES`."""
        if self.listener:
            self.listener(kind, name)
        if self._notices.record(kind, uuid, name):
            logger.warning("VS-7004: %s" if kind == "shear" else "%s", SENTENCES[kind] + f" ({name})")
