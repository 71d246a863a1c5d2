# SPDX-License-Identifier: GPL-3.0-or-later
"""What fields do at a node's sockets, found by linking them: Blender itself says whether such a link is valid."""

SINGLE, FIELD, GRID = range(3)


class Trial:
    """Some nodes of the rig, all inputs fed with single values and all outputs led to where only single values go."""

    def __init__(self, rig, nodes):
        self.rig = rig
        self.tree = rig.tree
        self.inputs = self.of_fields(nodes, "inputs")
        self.outputs = self.of_fields(nodes, "outputs")
        self.ends = []
        counts = {}
        for key, idname in self.outputs.items():
            counts[idname] = counts.get(idname, 0) + 1
            self.ends.append((key, rig.sink(idname, counts[idname])))

    def of_fields(self, nodes, side):
        """{(node, identifier): idname} of the sockets whose type can be a field."""
        return {
            (node.name, socket.identifier): self.rig.idname(socket)
            for node in nodes
            for _, socket in self.rig.sockets(getattr(node, side))
            if self.rig.idname(socket) in self.rig.fields
        }

    def socket(self, side, key):
        sockets = getattr(self.tree.nodes[key[0]], side)
        return next(one for one in sockets if one.identifier == key[1] and self.rig.idname(one))

    def feed(self, key, kind):
        """Link an input to what gives a SINGLE value, a FIELD or a GRID; whether Blender calls the link valid."""
        self.cut(key)
        idname = self.inputs[key]
        if idname == "NodeSocketMenu" and kind == SINGLE:
            return True  # one output cannot serve two menus, and no menu is a field when unlinked
        source = self.rig.grids.get(idname) if kind == GRID else self.rig.sources[idname][kind]
        return source is not None and self.rig.link(source, self.socket("inputs", key)).is_valid

    def cut(self, key):
        for link in list(self.socket("inputs", key).links):
            self.tree.links.remove(link)

    def now(self, kind):
        """The outputs that are fields, or grids, as the links are now."""
        grids = {key for key, _ in self.ends if self.rig.is_grid(self.socket("outputs", key))}
        if kind == GRID:
            return grids
        return {key for key, sink in self.ends if not sink.links[0].is_valid} - grids

    def start(self):
        """Feed every input with what changes nothing; the inputs that take nothing but a grid."""
        grids_alone = set()
        for key in self.inputs:
            if not self.feed(key, SINGLE):
                grids_alone.add(key)
                if not self.feed(key, GRID):
                    raise AssertionError(f"neither a single value nor a grid is taken at {key}")
        for key, sink in self.ends:
            self.rig.link(self.socket("outputs", key), sink)
        return grids_alone

    def implicit(self, rest):
        """The inputs that are fields when they are unlinked: some output then is one."""
        always, found = self.now(FIELD), set()
        for key, kind in rest.items():
            self.cut(key)
            if self.now(FIELD) - always:
                found.add(key)
            self.feed(key, kind)
        return found

    def follow(self, kind, rest):
        """(inputs that take this kind, {output: True or the inputs that make it one})"""
        always, takes = self.now(kind), set()
        follows = {key: [] for key in self.outputs}
        for key in self.inputs:
            if self.feed(key, kind):
                takes.add(key)
                for output in self.now(kind) - always:
                    follows[output].append(key)
            self.feed(key, rest[key])
        return takes, {key: True if key in always else inputs for key, inputs in follows.items()}

    def run(self):
        """({input: facts}, {output: facts}): what the catalogue says of them, other sockets as (node, identifier)."""
        grids_alone = self.start()
        rest = {key: GRID if key in grids_alone else SINGLE for key in self.inputs}
        implicit = self.implicit(rest)  # before any field is there: a Bake node does not forget that it once had one
        takes, fields = self.follow(FIELD, rest)
        takes_grids, grids = self.follow(GRID, rest)
        sticky = {key for key in self.now(FIELD) if fields[key] is not True}
        self.end()
        inputs = {
            key: {
                name: True
                for name, keys in (
                    ("supports_field", takes),
                    ("implicit_field", implicit),
                    ("supports_grid", takes_grids),
                    ("requires_grid", grids_alone),
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
            # Nearly everywhere a grid goes where a field goes, as far as the input takes one.
            if fields[key] is not True and grids[key] == [one for one in fields[key] if one in takes_grids]:
                outputs[key].pop("grid", None)
        return inputs, outputs

    def end(self):
        for key in self.inputs:
            self.cut(key)
        for _, sink in self.ends:
            self.tree.links.remove(sink.links[0])
