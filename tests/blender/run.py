# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs test files in the bpy module with pytest. Ends with a hard exit, because the module may hang in its cleanup."""

import os
import sys
from pathlib import Path

import pytest

root = Path(__file__).parents[2]
sys.path[:0] = [str(root / "addons"), str(root / "tests" / "python")]
code = pytest.main(["-q", "-p", "no:cacheprovider", "--confcutdir", str(Path(__file__).parent), *sys.argv[1:]])
sys.stdout.flush()
sys.stderr.flush()
os._exit(int(code))
