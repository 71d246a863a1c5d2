# SPDX-License-Identifier: GPL-3.0-or-later
"""What fields do at a node's sockets, found by linking them: Blender itself says whether such a link is valid."""


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

    def feed(self, key, field):
        """Link an input to a single value or to a field; whether Blender calls the link valid."""
        self.cut(key)
        if self.inputs[key] == "NodeSocketMenu" and not field:
            return True  # one output cannot serve two menus, and no menu is a field when unlinked
        source = self.rig.sources[self.inputs[key]][field]
        return self.rig.link(source, self.socket("inputs", key)).is_valid

    def cut(self, key):
        for link in list(self.socket("inputs", key).links):
            self.tree.links.remove(link)

    def now_fields(self):
        """The outputs that are fields as the links are now."""
        return {key for key, sink in self.ends if not sink.links[0].is_valid}

    def run(self):
        """(inputs that take fields, inputs that are fields when unlinked, {output: True or the inputs it follows})."""
        for key in self.inputs:
            if not self.feed(key, False):
                raise AssertionError(f"a single value is refused at {key}")
        for key, sink in self.ends:
            self.rig.link(self.socket("outputs", key), sink)
        always = self.now_fields()
        takes, implicit, follows = set(), set(), {key: [] for key in self.outputs}
        for key in self.inputs:  # before any field is there: a Bake node does not forget that it once had one
            self.cut(key)
            if self.now_fields() - always:
                implicit.add(key)
            self.feed(key, False)
        for key in self.inputs:
            if self.feed(key, True):
                takes.add(key)
                for output in self.now_fields() - always:
                    follows[output].append(key)
            self.feed(key, False)
        self.end()
        return takes, implicit, {key: True if key in always else follows[key] for key in self.outputs}

    def end(self):
        for key in self.inputs:
            self.cut(key)
        for _, sink in self.ends:
            self.tree.links.remove(sink.links[0])
