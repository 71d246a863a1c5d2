# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user may set; the defaults hold without preferences (background runs, tests)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """`budget` is in seconds per tick; `project_folder` is for files of no project, "" for the one they are in."""

    budget: float = 0.006
    auto_connect: bool = True
    project_folder: str = ""
