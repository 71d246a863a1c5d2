# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs of nodes as data: the half that never imports bpy."""
