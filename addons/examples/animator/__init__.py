# SPDX-License-Identifier: GPL-3.0-or-later
"""Animates objects with keyframes. The daemon keeps the keyframes; Unity shows the transforms of before them."""

import math

import bpy

bl_info = {
    "name": "Animator",
    "author": "The VibeSync authors",
    "version": (1, 0, 0),
    "blender": (4, 2, 0),
    "category": "Animation",
}

AXES = {"x": 0, "y": 1, "z": 2}


def move_to(target, location, start=1, end=24):
    if problem := _frames_are_wrong(start, end):
        return problem
    item = bpy.data.objects[target]
    item.keyframe_insert("location", frame=start)
    item.location = location
    item.keyframe_insert("location", frame=end)
    _show_current_frame()
    return _report(item, start, end)


def turntable(target, axis="z", start=1, end=120):
    if problem := _frames_are_wrong(start, end):
        return problem
    item = bpy.data.objects[target]
    if item.rotation_mode in ("QUATERNION", "AXIS_ANGLE"):
        item.rotation_mode = "XYZ"
    index = AXES[axis]
    item.keyframe_insert("rotation_euler", index=index, frame=start)
    item.rotation_euler[index] += 2 * math.pi
    item.keyframe_insert("rotation_euler", index=index, frame=end)
    _show_current_frame()
    return _report(item, start, end)


def clear_animation(target):
    item = bpy.data.objects[target]
    had = bool(item.animation_data and item.animation_data.action)
    item.animation_data_clear()
    message = f"{target} is not animated any more" if had else f"{target} was not animated"
    return {"status": "success" if had else "warning", "message": message, "data": {"had_animation": had}}


def _show_current_frame():
    scene = bpy.context.scene
    scene.frame_set(scene.frame_current)


def _frames_are_wrong(start, end):
    if start < end:
        return None
    return {"status": "error", "message": "start must be before end", "error_code": "FRAMES_CROSSED"}


def _report(item, start, end):
    message = f"{item.name} moves from frame {start} to {end}"
    return {"status": "success", "message": message, "data": {"start": start, "end": end}}


AI_COMMAND_HANDLERS = {"move_to": move_to, "turntable": turntable, "clear_animation": clear_animation}


def register():
    pass


def unregister():
    pass
