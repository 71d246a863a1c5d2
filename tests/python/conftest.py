# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets core tests run without Blender: a stray `import bpy` in the core fails here."""

import sys
import types
from pathlib import Path

# The package's own __init__ needs bpy. The core does not, so it is imported without that file.
_package = types.ModuleType("vibesync")
_package.__path__ = [str(Path(__file__).parents[2] / "addons" / "vibesync")]
sys.modules.setdefault("vibesync", _package)
