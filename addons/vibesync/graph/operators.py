# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for graphs: from the text editor into a node group, and back."""

from __future__ import annotations

import bpy

from ..core.graph import text
from ..core.graph.framing import STRATEGIES
from ..core.sync_error import SyncError
from .auto_frame import auto_frame
from .build import build
from .export import export


def _group(context: bpy.types.Context) -> bpy.types.NodeTree | None:
    """Returns the geometry-node group that is open in this editor."""
    group = getattr(context.space_data, "edit_tree", None)
    return group if group and group.bl_idname == "GeometryNodeTree" else None


class _OfAGroup:
    """Base of operators that need an open geometry-node group."""

    bl_options = {"REGISTER"}  # operators that change the file push their own undo step

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Returns whether the button can be pressed; called by Blender."""
        return _group(context) is not None


class VIBESYNC_OT_graph_export(_OfAGroup, bpy.types.Operator):
    """Write this group as graph_json into a text of the text editor"""

    bl_idname = "vibesync.graph_export"
    bl_label = "Export to Text"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        group = _group(context)
        graph, notes = export(group)
        made = bpy.data.texts.new(f"{group.name}.json")
        made.write(text.write(graph))
        for note in notes:
            self.report({"WARNING"}, note)
        self.report({"INFO"}, f"{group.name} is in the text {made.name}")
        return {"FINISHED"}


class VIBESYNC_OT_graph_build(bpy.types.Operator):
    """Build geometry nodes for the active object from the graph_json in a text. On failure the file does not change"""

    bl_idname = "vibesync.graph_build"
    bl_label = "Build from Text"

    source: bpy.props.StringProperty(name="Text", description="The text of the text editor that holds the graph")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Returns whether the button can be pressed; called by Blender."""
        return bool(bpy.data.texts) and context.mode == "OBJECT"

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Asks for the text."""
        self.source = self.source if self.source in bpy.data.texts else bpy.data.texts[0].name
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, _context: bpy.types.Context) -> None:
        """Draws the dialog; called by Blender."""
        self.layout.prop_search(self, "source", bpy.data, "texts")

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
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
    """Put frames around the nodes that have none"""

    bl_idname = "vibesync.graph_frame"
    bl_label = "Frame Nodes"

    strategy: bpy.props.EnumProperty(
        name="By",
        items=[
            (STRATEGIES[0], "Connectivity", "Nodes that links connect"),
            (STRATEGIES[1], "Type", "Nodes of one kind"),
        ],
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Runs the operator; called by Blender."""
        made = auto_frame(_group(context), self.strategy, apply=True)
        self.report({"INFO"}, f"{len(made)} frames")
        return {"FINISHED"}


class VIBESYNC_PT_graph(bpy.types.Panel):
    """Graphs from text and back, next to the nodes"""

    bl_label = "Graph"
    bl_space_type = "NODE_EDITOR"
    bl_region_type = "UI"
    bl_category = "VibeSync"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Returns whether the panel is shown; called by Blender."""
        return context.space_data.tree_type == "GeometryNodeTree"

    def draw(self, _context: bpy.types.Context) -> None:
        """Draws the panel; called by Blender."""
        column = self.layout.column(align=True)
        column.operator(VIBESYNC_OT_graph_build.bl_idname)
        column.operator(VIBESYNC_OT_graph_export.bl_idname)
        self.layout.operator_menu_enum(VIBESYNC_OT_graph_frame.bl_idname, "strategy")


CLASSES = (VIBESYNC_OT_graph_export, VIBESYNC_OT_graph_build, VIBESYNC_OT_graph_frame, VIBESYNC_PT_graph)
