# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry-node groups from graph_json and back: `build.build`, `export.export`, `auto_frame.auto_frame`."""
