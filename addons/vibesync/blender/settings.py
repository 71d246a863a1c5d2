# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's settings, with defaults for runs without preferences (background, tests)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """`budget` is in seconds per tick. `project_folder`: where new files belong until they are saved; "" is nowhere."""

    budget: float = 0.006
    auto_connect: bool = True
    project_folder: str = ""
