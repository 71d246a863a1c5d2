# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the catalogue of the Blender that runs this script: nodes.json and socket_compat.csv in the given folder."""

import os
import sys
import traceback
from pathlib import Path

import bpy
from document import write

if __name__ == "__main__":
    code = 1
    try:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        write(Path(sys.argv[1]))
        code = 0
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's module can hang in its cleanup
