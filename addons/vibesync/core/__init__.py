# SPDX-License-Identifier: GPL-3.0-or-later
"""The editor-independent half of the addon: imports the standard library and numpy, never bpy."""
