# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphs by hand: from a text of the text editor into a node group, and back."""

from __future__ import annotations

import bpy

from ..core.errors import SyncError
from ..core.graph import text
from ..core.graph.framing import STRATEGIES
from .auto_frame import auto_frame
from .build import build
from .export import export


def _group(context: bpy.types.Context) -> bpy.types.NodeTree | None:
    """The group of geometry nodes that is open in this editor."""
    group = getattr(context.space_data, "edit_tree", None)
    return group if group and group.bl_idname == "GeometryNodeTree" else None


class _OfAGroup:
    """Only where a group of geometry nodes is open."""

    bl_options = {"REGISTER"}  # what changes anything makes its undo step itself

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Blender asks whether the button can be pressed."""
        return _group(context) is not None


class VIBESYNC_OT_graph_export(_OfAGroup, bpy.types.Operator):
    """Write this group as graph_json into a text of the text editor"""

    bl_idname = "vibesync.graph_export"
    bl_label = "Export to Text"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        group = _group(context)
        graph, notes = export(group)
        made = bpy.data.texts.new(f"{group.name}.json")
        made.write(text.write(graph))
        for note in notes:
            self.report({"WARNING"}, note)
        self.report({"INFO"}, f"{group.name} is in the text {made.name}")
        return {"FINISHED"}


class VIBESYNC_OT_graph_build(bpy.types.Operator):
    """Build the graph_json of a text as geometry nodes of the active object; the file stays as it is if that fails"""

    bl_idname = "vibesync.graph_build"
    bl_label = "Build from Text"

    source: bpy.props.StringProperty(name="Text", description="The text of the text editor that holds the graph")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Blender asks whether the button can be pressed."""
        return bool(bpy.data.texts) and context.mode == "OBJECT"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask which text."""
        self.source = self.source if self.source in bpy.data.texts else bpy.data.texts[0].name
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, _context: bpy.types.Context) -> None:
        """Blender calls this."""
        self.layout.prop_search(self, "source", bpy.data, "texts")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        source = bpy.data.texts.get(self.source)
        if source is None:
            self.report({"ERROR"}, f"There is no text {self.source!r}")
            return {"CANCELLED"}
        try:
            group = build(text.read(source.as_string()), context.object)
        except SyncError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{group.name}: {len(group.nodes)} nodes, {len(group.links)} links")
        return {"FINISHED"}


class VIBESYNC_OT_graph_frame(_OfAGroup, bpy.types.Operator):
    """Put frames around the nodes that are in none"""

    bl_idname = "vibesync.graph_frame"
    bl_label = "Frame Nodes"

    strategy: bpy.props.EnumProperty(
        name="By",
        items=[(STRATEGIES[0], "Connectivity", "What hangs together"), (STRATEGIES[1], "Type", "What is of one kind")],
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Blender calls this."""
        made = auto_frame(_group(context), self.strategy, apply=True)
        self.report({"INFO"}, f"{len(made)} frames")
        return {"FINISHED"}


class VIBESYNC_PT_graph(bpy.types.Panel):
    """Graphs from text and back, beside the nodes"""

    bl_label = "Graph"
    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = "VibeSync"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Blender asks whether there is anything to show."""
        return context.space_data.tree_type == "GeometryNodeTree"

    def draw(self, _context: bpy.types.Context) -> None:
        """Blender calls this."""
        column = self.layout.column(align=True)
        column.operator(VIBESYNC_OT_graph_build.bl_idname)
        column.operator(VIBESYNC_OT_graph_export.bl_idname)
        self.layout.operator_menu_enum(VIBESYNC_OT_graph_frame.bl_idname, "strategy")


CLASSES = (VIBESYNC_OT_graph_export, VIBESYNC_OT_graph_build, VIBESYNC_OT_graph_frame, VIBESYNC_PT_graph)
