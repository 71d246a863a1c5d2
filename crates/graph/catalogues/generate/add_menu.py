# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the path of each node type in the Add menu, by drawing the menus into a layout that only records."""

from types import SimpleNamespace

import bpy

ROOT = "NODE_MT_geometry_node_add_all"


class EntryProperties:
    """The properties that a menu sets on an entry; accepts any attribute."""

    def __init__(self):
        self.use_transform = False
        self.settings = SimpleNamespace(add=SimpleNamespace)


class RecordingLayout:
    """Records the submenus and operators that a menu draws, and ignores everything else."""

    def __init__(self):
        self.entries = []

    def menu(self, name, **_):
        self.entries.append((name, None))

    def menu_contents(self, name):
        self.entries.append((name, None))

    def operator(self, name, **_):
        properties = EntryProperties()
        self.entries.append((name, properties))
        return properties

    def __getattr__(self, _name):
        return lambda *_, **__: self


class ExperimentalFlags:
    """The experimental features in the preferences: all on, or all off."""

    def __init__(self, is_on):
        self.is_on = is_on

    def __getattr__(self, _name):
        return self.is_on


class MenuStandIn:
    """Replaces the instance of a menu while the menu draws."""

    def __init__(self, kind):
        self.kind = kind
        self.layout = RecordingLayout()

    def __getattr__(self, name):
        return getattr(self.kind, name)


def menu_context(tree, kind, experimental):
    """Returns the context that menus read: a node editor with the tree, for a modifier or for a tool."""
    space = SimpleNamespace(
        type="NODE_EDITOR",
        tree_type=tree.bl_idname,
        edit_tree=tree,
        geometry_nodes_type=kind,
        node_tree_sub_type=kind,
    )
    preferences = SimpleNamespace(
        experimental=ExperimentalFlags(experimental), filepaths=bpy.context.preferences.filepaths
    )
    return SimpleNamespace(space_data=space, blend_data=bpy.data, preferences=preferences, is_menu_search=False)


def node_types(name, properties):
    """Returns the node types that an entry adds: one type, or both types of a zone."""
    if hasattr(properties, "type"):
        return [properties.type]
    kind = getattr(bpy.types, "NODE_OT_" + name.partition(".")[2], None)
    ends = (getattr(properties, end, getattr(kind, end, None)) for end in ("input_node_type", "output_node_type"))
    return [end for end in ends if isinstance(end, str)]


def collect_paths(name, labels, context, paths):
    """Draws a menu and its submenus; adds the first path of each node type to `paths`."""
    kind = getattr(bpy.types, name, None)
    if kind is None:
        return
    menu = MenuStandIn(kind)
    kind.draw(menu, context)
    for entry, properties in menu.layout.entries:
        if properties is None:
            submenu = getattr(bpy.types, entry, None)
            collect_paths(entry, [*labels, getattr(submenu, "bl_label", "")], context, paths)
            continue
        for node_type in node_types(entry, properties):
            paths.setdefault(node_type, " > ".join(filter(None, labels)))


def categories(tree, kind="MODIFIER", experimental=False):
    """Returns {node type: "Mesh > Primitives"} for a modifier or a tool. Leaves out types that no menu offers."""
    paths = {}
    collect_paths(ROOT, [], menu_context(tree, kind, experimental), paths)
    return paths
