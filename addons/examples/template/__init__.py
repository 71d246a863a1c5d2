# SPDX-License-Identifier: GPL-3.0-or-later
import bpy

bl_info = {"name": "My Capability", "blender": (4, 2, 0), "category": "Object"}


def raise_object(target, height=1.0):
    item = bpy.data.objects[target]
    item.location.z += height
    return {"status": "success", "message": f"{target} is higher now", "data": {"z": item.location.z}}


AI_COMMAND_HANDLERS = {"raise_object": raise_object}


def register():
    pass


def unregister():
    pass
