# SPDX-License-Identifier: GPL-3.0-or-later
"""Recognizes uuids."""

from __future__ import annotations

import re

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def is_uuid(text: object) -> bool:
    """Returns whether the value is a lower-case hyphenated uuid."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None
