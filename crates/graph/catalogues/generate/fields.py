# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds how fields and grids pass through a node, by linking them. Blender says whether such a link is valid."""

SINGLE, FIELD, GRID = range(3)


class FieldProbe:
    """Nodes whose inputs are linked to single values, and whose outputs are linked to inputs for single values only."""

    def __init__(self, probe, nodes):
        self.probe = probe
        self.tree = probe.tree
        self.inputs = self.field_sockets(nodes, "inputs")
        self.outputs = self.field_sockets(nodes, "outputs")
        self.ends = []
        counts = {}
        for key, idname in self.outputs.items():
            counts[idname] = counts.get(idname, 0) + 1
            self.ends.append((key, probe.sink(idname, counts[idname])))

    def field_sockets(self, nodes, side):
        """Returns {(node, identifier): idname} of the sockets whose type can be a field."""
        return {
            (node.name, socket.identifier): self.probe.idname(socket)
            for node in nodes
            for _, socket in self.probe.sockets(getattr(node, side))
            if self.probe.idname(socket) in self.probe.fields
        }

    def socket(self, side, key):
        sockets = getattr(self.tree.nodes[key[0]], side)
        return next(one for one in sockets if one.identifier == key[1] and self.probe.idname(one))

    def link_input(self, key, kind):
        """Links an input to a SINGLE value, a FIELD or a GRID; returns whether Blender calls the link valid."""
        self.unlink_input(key)
        idname = self.inputs[key]
        if idname == "NodeSocketMenu" and kind == SINGLE:
            return True  # one output cannot serve two menus, and an unlinked menu is no field
        source = self.probe.grids.get(idname) if kind == GRID else self.probe.sources[idname][kind]
        return source is not None and self.probe.link(source, self.socket("inputs", key)).is_valid

    def unlink_input(self, key):
        for link in list(self.socket("inputs", key).links):
            self.tree.links.remove(link)

    def current(self, kind):
        """Returns the outputs that are fields, or grids, with the current links."""
        grids = {key for key, _ in self.ends if self.probe.is_grid(self.socket("outputs", key))}
        if kind == GRID:
            return grids
        return {key for key, sink in self.ends if not sink.links[0].is_valid} - grids

    def start(self):
        """Links every input to a neutral value; returns the inputs that accept only a grid."""
        grids_only = set()
        for key in self.inputs:
            if not self.link_input(key, SINGLE):
                grids_only.add(key)
                if not self.link_input(key, GRID):
                    raise AssertionError(f"{key} accepts neither a single value nor a grid")
        for key, sink in self.ends:
            self.probe.link(self.socket("outputs", key), sink)
        return grids_only

    def implicit_fields(self, rest):
        """Returns the inputs that are fields when they are unlinked: they make an output a field."""
        always, found = self.current(FIELD), set()
        for key, kind in rest.items():
            self.unlink_input(key)
            if self.current(FIELD) - always:
                found.add(key)
            self.link_input(key, kind)
        return found

    def propagate(self, kind, rest):
        """Returns (inputs that accept this kind, {output: True or the inputs that make it one})."""
        always, accepting = self.current(kind), set()
        sources = {key: [] for key in self.outputs}
        for key in self.inputs:
            if self.link_input(key, kind):
                accepting.add(key)
                for output in self.current(kind) - always:
                    sources[output].append(key)
            self.link_input(key, rest[key])
        return accepting, {key: True if key in always else inputs for key, inputs in sources.items()}

    def run(self):
        """Returns ({input: facts}, {output: facts}) for the catalogue; facts name sockets as (node, identifier)."""
        grids_only = self.start()
        rest = {key: GRID if key in grids_only else SINGLE for key in self.inputs}
        implicit = self.implicit_fields(rest)  # first, because a Bake node remembers that it once had a field
        accepts_fields, fields = self.propagate(FIELD, rest)
        accepts_grids, grids = self.propagate(GRID, rest)
        sticky = {key for key in self.current(FIELD) if fields[key] is not True}
        self.unlink()
        inputs = {
            key: {
                name: True
                for name, keys in (
                    ("supports_field", accepts_fields),
                    ("implicit_field", implicit),
                    ("supports_grid", accepts_grids),
                    ("requires_grid", grids_only),
                )
                if key in keys
            }
            for key in self.inputs
        }
        outputs = {}
        for key in self.outputs:
            facts = {"field": fields[key], "grid": grids[key]}
            outputs[key] = {name: value for name, value in facts.items() if value}
            if key in sticky:
                outputs[key]["sticky"] = True
            # Grids nearly always pass where fields pass, if the input accepts a grid. The catalogue omits this case.
            if fields[key] is not True and grids[key] == [one for one in fields[key] if one in accepts_grids]:
                outputs[key].pop("grid", None)
        return inputs, outputs

    def unlink(self):
        for key in self.inputs:
            self.unlink_input(key)
        for _, sink in self.ends:
            self.tree.links.remove(sink.links[0])
