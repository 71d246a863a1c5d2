# SPDX-License-Identifier: GPL-3.0-or-later
"""The editor-free half of the addon: standard library (and numpy for meshes) only, never bpy."""
