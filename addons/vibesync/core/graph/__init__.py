# SPDX-License-Identifier: GPL-3.0-or-later
"""Node graphs as plain data, without bpy."""
