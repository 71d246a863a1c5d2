# SPDX-License-Identifier: GPL-3.0-or-later
"""The half of the addon that touches Blender. All of it runs on Blender's main thread."""
