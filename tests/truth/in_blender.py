# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds graphs in the Blender that runs this script, and reports whether Blender accepts each: JSON lines in and out.

This script uses no catalogue and no rules. It adds nodes, sets values, links, evaluates, and reads the result back.
"""

import ctypes
import json
import os
import sys
import tempfile
import traceback

import bpy

VALUE_AT_OUTPUT = {"ShaderNodeValue", "ShaderNodeRGB"}
LIBC = ctypes.CDLL(None)  # buffers Blender's log


class Refused(Exception):
    """Blender refused a part of the graph."""


class Failed(Refused):
    """Blender accepted the graph, but nodes reported these errors on evaluation."""


def attempt(what, action, *arguments):
    """Runs an action in Blender; an exception is a refusal."""
    try:
        return action(*arguments)
    except (AttributeError, KeyError, IndexError, RuntimeError, TypeError, ValueError, OverflowError) as error:
        raise Refused(f"{what}: {str(error).strip()}") from None


def is_same(set_, read):
    """Returns whether the value that was read is the one that was set, with floats as 32 bits."""
    if isinstance(set_, list):
        if isinstance(read, set):
            return set(set_) == read
        return hasattr(read, "__len__") and len(read) == len(set_) and all(map(is_same, set_, read))
    if isinstance(set_, bool) or isinstance(read, bool | str) or isinstance(set_, str):
        return set_ == read
    return abs(set_ - read) <= 1e-6 * max(1.0, abs(set_), abs(read))


def item_arguments(item):
    """Returns the arguments for a new item: Blender's name of its type, and its name, if it has them."""
    word = item.get("type", "").removeprefix("NodeSocket").upper()
    values = {"BOOL": "BOOLEAN", "COLOR": "RGBA"}.get(word, word), item.get("name")
    return [one for one in values if one]


def link_key(output, target):
    """Returns a key for a link. Sockets themselves are no keys: a reroute gets new ones when its type changes."""
    return output.node.name, output.identifier, target.node.name, target.identifier


class Build:
    """Builds one graph in Blender."""

    def __init__(self, graph):
        self.graph = graph
        self.group = bpy.data.node_groups.new("Graph", "GeometryNodeTree")
        self.nodes = {}
        self.links = []

    def run(self):
        self.interface()
        for spec in self.graph["nodes"]:
            self.node(spec)
        for spec in self.graph["nodes"]:
            if "pair" in spec:
                self.pair(spec)
        for spec in self.graph["nodes"]:
            self.items(spec)
        for name, values in self.graph.get("node_settings", {}).items():
            self.settings(self.known(name), values)
        for link in self.graph["links"]:
            self.link(link)
        for spec in self.graph.get("inputs", ()):
            if "default" in spec:  # after the links, which define the items of a menu
                item = self.group.interface.items_tree[spec["name"]]
                attempt(spec["name"], setattr, item, "default_value", spec["default"])
        self.check_links()

    def known(self, name):
        if name not in self.nodes:
            raise Refused(f"no node {name}")
        return self.nodes[name]

    def interface(self):
        for side, in_out in (("inputs", "INPUT"), ("outputs", "OUTPUT")):
            for spec in self.graph.get(side, ()):
                new = self.group.interface.new_socket
                item = attempt("interface", lambda: new(spec["name"], in_out=in_out, socket_type=spec["type"]))  # noqa: B023
                for key, attribute in (("min", "min_value"), ("max", "max_value")):
                    if key in spec:
                        attempt(f"{spec['name']} {key}", setattr, item, attribute, spec[key])

    def node(self, spec):
        self.nodes[spec["id"]] = attempt(spec["id"], self.group.nodes.new, spec["type"])

    def pair(self, spec):
        start, end = self.nodes[spec["id"]], self.known(spec["pair"])
        if not attempt(spec["id"], lambda: start.pair_with_output(end)):
            raise Refused(f"{spec['id']} and {spec['pair']} make no zone")

    def items(self, spec):
        """Gives the node exactly these items."""
        if "items" not in spec:
            return
        node = self.nodes[spec["id"]]
        rna = [one.identifier for one in node.bl_rna.properties if one.type == "COLLECTION"]
        lists = {name: getattr(node, name) for name in rna if name.endswith("_items")}
        for one in lists.values():
            one.clear()
        for item in spec["items"]:
            name = item.get("collection", next(iter(lists), None))
            if name not in lists:
                raise Refused(f"{spec['id']} has no list {name}")
            made = attempt(f"{spec['id']} {name}", lists[name].new, *item_arguments(item))
            if made is None or ("name" in item and made.name != item["name"]):
                raise Refused(f"{spec['id']}: no item {item}")

    def settings(self, node, values):
        own = node.bl_rna.properties.keys()
        # Properties first, because they decide about sockets.
        for key in sorted(values, key=lambda key: key not in own):
            value = values[key]
            if key in own:
                attempt(f"{node.name} {key}", setattr, node, key, set(value) if self.is_flag(node, key) else value)
                if not is_same(value, getattr(node, key)):
                    raise Refused(f"{node.name} {key}: {getattr(node, key)!r} instead of {value!r}")
                continue
            sockets = node.outputs if node.bl_idname in VALUE_AT_OUTPUT else node.inputs
            socket = self.socket(node, sockets, key)
            attempt(f"{node.name} {key}", setattr, socket, "default_value", value)
            if not is_same(value, socket.default_value):
                raise Refused(f"{node.name} {key}: {socket.default_value!r} instead of {value!r}")

    @staticmethod
    def is_flag(node, key):
        rna = node.bl_rna.properties[key]
        return rna.type == "ENUM" and rna.is_enum_flag

    @staticmethod
    def socket(node, sockets, name):
        """Returns the socket with this name: an available one, else any, so that Blender judges it."""
        available = [one for one in sockets if one.enabled and not one.is_unavailable and one.type != "CUSTOM"]
        for some in (available, list(sockets)):
            named = [one for one in some if one.name == name]
            if len(named) == 1:
                return named[0]
            for one in named or some:
                if one.identifier == name:
                    return one
        raise Refused(f"{node.name} has no socket {name}")

    def link(self, spec):
        start, end = self.known(spec["from"]), self.known(spec["to"])
        output = self.socket(start, start.outputs, spec["from_socket"])
        target = self.socket(end, end.inputs, spec["to_socket"])
        self.links.append(link_key(output, target))
        if attempt("link", self.group.links.new, output, target) is None:
            raise Refused(f"no link {spec}")

    def check_links(self):
        """Checks that the group has exactly the wanted links, and all are valid."""
        found = {link_key(link.from_socket, link.to_socket): link for link in self.group.links}
        for spec, key in zip(self.graph["links"], self.links, strict=True):
            link = found.pop(key, None)
            if link is None:
                raise Refused(f"link {spec} is gone")
            if not link.is_valid:
                raise Refused(f"link {spec} is invalid")
        if found:
            raise Refused("more links than in the graph")


def evaluate(group, log):
    """Evaluates the group in a modifier. Raises the errors of nodes (since Blender 4.3) and of the log."""
    log.seek(0, os.SEEK_END)
    start = log.tell()
    mesh = bpy.data.meshes.new("Plain")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], [], [(0, 1, 2, 3)])
    item = bpy.data.objects.new("Plain", mesh)
    bpy.context.scene.collection.objects.link(item)
    modifier = item.modifiers.new("Graph", "NODES")
    modifier.node_group = group
    try:
        depsgraph = bpy.context.evaluated_depsgraph_get()
        depsgraph.update()
        item.evaluated_get(depsgraph).to_mesh()
        errors = [one.message for one in getattr(modifier, "node_warnings", ()) if one.type == "ERROR"]
        LIBC.fflush(None)
        log.seek(start)
        errors += [line for line in log.read().splitlines() if 'Modifier: "Graph"' in line]
        if errors:
            raise Failed(errors)
    finally:
        bpy.data.objects.remove(item)
        bpy.data.meshes.remove(mesh)


def verdict(graph, log):
    """Returns {"ok": bool, "why": text} for one graph."""
    build = Build(graph)
    try:
        build.run()
        evaluate(build.group, log)
    except Failed as error:
        return {"ok": False, "why": "evaluation", "errors": error.args[0]}
    except Refused as error:
        return {"ok": False, "why": str(error)}
    finally:
        bpy.data.node_groups.remove(build.group)
    return {"ok": True}


def main(source, target):
    """Writes each verdict at once, so that a crash of Blender loses only one graph."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with tempfile.TemporaryFile("w+", errors="replace") as log, open(source) as graphs, open(target, "a+") as verdicts:
        verdicts.seek(0)
        done = len(verdicts.readlines())
        for stream in (1, 2):  # Blender logs evaluation errors there
            os.dup2(log.fileno(), stream)
        for line in list(graphs)[done:]:
            verdicts.write(json.dumps(verdict(json.loads(line)["graph"], log)) + "\n")
            verdicts.flush()


if __name__ == "__main__":
    shown, code = os.dup(2), 1
    try:
        main(*sys.argv[1:])
        code = 0
    except Exception:
        os.write(shown, traceback.format_exc().encode())
    os._exit(code)
