# SPDX-License-Identifier: GPL-3.0-or-later
bl_info = {"name": "Empty Capability", "blender": (4, 2, 0), "category": "Object"}


def nothing():
    return {"status": "success", "message": "Nothing was done.", "data": {}}


AI_COMMAND_HANDLERS = {"nothing": nothing}


def register():
    pass


def unregister():
    pass
