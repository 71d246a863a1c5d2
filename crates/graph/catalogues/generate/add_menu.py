# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a node stands in the Add menu: the menus are drawn into a layout that only takes notes."""

from types import SimpleNamespace

import bpy

ROOT = "NODE_MT_geometry_node_add_all"


class Properties:
    """What a menu says about an entry: takes any attribute."""

    def __init__(self):
        self.use_transform = False
        self.settings = SimpleNamespace(add=SimpleNamespace)


class Layout:
    """Notes down the submenus and the operators that a menu draws, and lets everything else pass."""

    def __init__(self):
        self.entries = []

    def menu(self, name, **_):
        self.entries.append((name, None))

    def menu_contents(self, name):
        self.entries.append((name, None))

    def operator(self, name, **_):
        properties = Properties()
        self.entries.append((name, properties))
        return properties

    def __getattr__(self, _name):
        return lambda *_, **__: self


class Flags:
    """The preferences' experimental features, all on or all off."""

    def __init__(self, on):
        self.on = on

    def __getattr__(self, _name):
        return self.on


class Drawn:
    """Stands in for the instance of a menu while it draws."""

    def __init__(self, kind):
        self.kind = kind
        self.layout = Layout()

    def __getattr__(self, name):
        return getattr(self.kind, name)


def context(tree, kind, experimental):
    """What menus look at: a node editor that shows the tree, for a modifier or for a tool."""
    space = SimpleNamespace(
        type="NODE_EDITOR",
        tree_type=tree.bl_idname,
        edit_tree=tree,
        geometry_nodes_type=kind,
        node_tree_sub_type=kind,
    )
    preferences = SimpleNamespace(experimental=Flags(experimental), filepaths=bpy.context.preferences.filepaths)
    return SimpleNamespace(space_data=space, blend_data=bpy.data, preferences=preferences, is_menu_search=False)


def node_types(name, properties):
    """The node types that an entry adds: one, or the two ends of a zone."""
    if hasattr(properties, "type"):
        return [properties.type]
    kind = getattr(bpy.types, "NODE_OT_" + name.partition(".")[2], None)
    ends = (getattr(properties, end, getattr(kind, end, None)) for end in ("input_node_type", "output_node_type"))
    return [end for end in ends if isinstance(end, str)]


def walk(name, labels, where, paths):
    """Draw one menu and those below it; `paths` learns each node type's first place."""
    kind = getattr(bpy.types, name, None)
    if kind is None:
        return
    drawn = Drawn(kind)
    kind.draw(drawn, where)
    for entry, properties in drawn.layout.entries:
        if properties is None:
            below = getattr(bpy.types, entry, None)
            walk(entry, [*labels, getattr(below, "bl_label", "")], where, paths)
            continue
        for node_type in node_types(entry, properties):
            paths.setdefault(node_type, " > ".join(filter(None, labels)))


def categories(tree, kind="MODIFIER", experimental=False):
    """{node type: "Mesh > Primitives"} for a modifier or a tool; node types that no menu offers are missing."""
    paths = {}
    walk(ROOT, [], context(tree, kind, experimental), paths)
    return paths
