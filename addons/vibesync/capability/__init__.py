# SPDX-License-Identifier: GPL-3.0-or-later
"""Capability add-ons in Blender: finds them, tells the daemon, and runs their tools. See docs/capabilities.md."""
