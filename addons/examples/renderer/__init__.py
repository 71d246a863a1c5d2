# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets up a camera and a light, and renders pictures. A render in a window is a job: its end is waited for."""

import os

import bpy
from mathutils import Vector

bl_info = {
    "name": "Renderer",
    "author": "The VibeSync authors",
    "version": (1, 0, 0),
    "blender": (4, 2, 0),
    "category": "Render",
}


def frame_objects(target, distance=8.0):
    """Places the camera so that it looks at an object, with a sun above it."""
    item, scene = bpy.data.objects[target], bpy.context.scene
    if scene.camera is None:
        scene.camera = _add("Camera", bpy.data.cameras.new("Camera"))
    if not any(each.type == "LIGHT" for each in scene.objects):
        sun = _add("Sun", bpy.data.lights.new("Sun", "SUN"))
        sun.rotation_euler = (0.7, 0.2, 0.4)
    middle = item.matrix_world.translation
    camera = scene.camera
    camera.location = middle + Vector((1.0, -1.0, 0.6)).normalized() * distance
    camera.rotation_euler = (middle - camera.location).to_track_quat("-Z", "Y").to_euler()
    return {"status": "success", "message": f"{camera.name} looks at {target}", "data": {"camera": camera.name}}


def render_image(path, width=640, height=360, samples=16):
    """Renders the scene's camera into a PNG file."""
    scene = bpy.context.scene
    if scene.camera is None:
        return {"status": "error", "message": "the scene has no camera", "error_code": "NO_CAMERA"}
    os.makedirs(os.path.dirname(path), exist_ok=True)
    before = _settings(scene)
    _apply(scene, (width, height, 100, path, "PNG", samples))
    if bpy.app.background:
        try:
            bpy.ops.render.render(write_still=True)
        finally:
            _apply(scene, before)
        return _report(path)
    bpy.ops.render.render("INVOKE_DEFAULT", write_still=True)
    return Rendering(scene.name, path, before)


class Rendering:
    """A render job that runs. VibeSync asks it every tenth of a second."""

    def __init__(self, scene_name, path, before):
        self.scene_name, self.path, self.before = scene_name, path, before

    def check_is_finished(self):
        if bpy.app.is_job_running("RENDER"):
            return None
        _apply(bpy.data.scenes[self.scene_name], self.before)
        return _report(self.path)


def _settings(scene):
    render = scene.render
    size = (render.resolution_x, render.resolution_y, render.resolution_percentage)
    return (*size, render.filepath, render.image_settings.file_format, scene.cycles.samples if _cycles(scene) else 0)


def _apply(scene, settings):
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = settings[:3]
    render.filepath, render.image_settings.file_format = settings[3:5]
    if _cycles(scene):
        scene.cycles.samples = settings[5]


def _cycles(scene):
    return scene.render.engine == "CYCLES" and hasattr(scene, "cycles")


def _report(path):
    if not os.path.isfile(path):
        return {"status": "error", "message": "no picture was written", "error_code": "NO_PICTURE"}
    size = os.path.getsize(path)
    return {"status": "success", "message": f"Wrote {os.path.basename(path)}", "data": {"path": path, "bytes": size}}


def _add(name, data):
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    return item


AI_COMMAND_HANDLERS = {"frame_objects": frame_objects, "render_image": render_image}


def register():
    pass


def unregister():
    pass
