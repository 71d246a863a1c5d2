# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's settings, with defaults for runs without preferences (background, tests)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """`budget` and `budget_at_rest` are in seconds per tick. The second one counts while nobody uses Blender.

    `sends_shown`: evaluated meshes are sent, up to `shown_triangles` triangles each.
    `project_folder`: where new files belong until they are saved; "" is nowhere.
    """

    budget: float = 0.006
    budget_at_rest: float = 0.1
    auto_connect: bool = True
    project_folder: str = ""
    sends_shown: bool = True
    shown_triangles: int = 200_000
