# SPDX-License-Identifier: GPL-3.0-or-later
"""Advice for each error code, as in section 6 of docs/protocol.md."""

from __future__ import annotations

HELP = {
    "VS-1001": "Reconnect; if it happens again, the other program does not speak this protocol.",
    "VS-1002": "Split the change, or reduce the size of the mesh.",
    "VS-1003": "Update the addon and the daemon to the same release.",
    "VS-1004": "Update the addon and the daemon to the same release.",
    "VS-1006": "Update the addon and the daemon to the same release.",
    "VS-2001": "Update the addon and the daemon to the same release.",
    "VS-2002": "Another program answers on this port, or the token file is old: restart the daemon.",
    "VS-2003": "Open the file that belongs to this project, or start the daemon in this file's project.",
    "VS-2004": "The daemon is busy or stopped: look at its log.",
    "VS-2007": "The daemon is busy or stopped: look at its log.",
    "VS-3001": "Use Resync: the two sides disagree about which objects exist.",
    "VS-3002": "Use Resync: the two sides disagree about what this is.",
    "VS-3003": "The sender holds a broken number: repair the object there.",
    "VS-3004": "Update the addon and the daemon to the same release.",
    "VS-3005": "Check the mesh in the editor that it came from.",
    "VS-3008": "Change the parenting in one of the editors.",
    "VS-3010": "Use Resync.",
    "VS-4001": "Blender holds something else than was asked for, and the scene is as it was before: see the message.",
    "VS-4005": "The message says why; the scene is as it was before.",
    "VS-5008": "Install the newer VibeSync again; the file is left as it is.",
    "VS-6003": "Start the daemon in the project's folder: vibesync run.",
    "VS-6005": "Check that you own the runtime folder and the token file.",
    "VS-7001": "Restore the file from a backup, or rebuild the registry in the VibeSync panel.",
    "VS-7002": "Nothing to do: the copy has an identity of its own now.",
    "VS-7003": "Make the data local to synchronize it.",
    "VS-7004": "Apply the scale of the parent, or remove the rotation under a non-uniform scale.",
    "VS-7005": "Nothing to do, unless it happens again: then use Resync.",
}
