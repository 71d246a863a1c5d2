# SPDX-License-Identifier: GPL-3.0-or-later
"""The addon's log: Python's logging, and the latest lines for the panel."""

from __future__ import annotations

import logging
from collections import deque

logger = logging.getLogger("vibesync")
recent: deque[str] = deque(maxlen=50)


class _Recent(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        recent.append(record.getMessage())


def start() -> None:
    """Collects lines for the panel, from INFO up."""
    logger.setLevel(logging.INFO)
    if not any(isinstance(handler, _Recent) for handler in logger.handlers):
        logger.addHandler(_Recent())


def stop() -> None:
    """Leaves the logging module as it was."""
    for handler in [handler for handler in logger.handlers if isinstance(handler, _Recent)]:
        logger.removeHandler(handler)
