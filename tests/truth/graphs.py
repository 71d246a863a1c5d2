"""Makes random valid graphs: each link leads from an existing output to an input that accepts it."""

import re

from nodes import Node, Socket, add_items, static_sockets
from values import of_input, of_property

GEOMETRY, MENU = "NodeSocketGeometry", "NodeSocketMenu"
# Types that are not chosen at random: they are added where needed, or need another graph.
EXCLUDED = {"GeometryNodeGroup", "NodeFrame", "NodeGroupInput", "NodeGroupOutput", "NodeReroute"}
# Types with counts, levels or voxel sizes: a random number can use up all memory.
HEAVY = re.compile("Subdiv|Duplicate|Volume|Points|Resample|Voxel|Grid|Array|Extrude|Instance|RepeatInput|Trim|Fillet")
# Settings with which Blender crashes, here on instances of curves.
CRASHES = [("GeometryNodeDuplicateElements", "domain", "LAYER")]
# Types whose errors depend on files or on their own settings.
DATA_DEPENDENT = re.compile("Import|GeometryNodeWarning")
MAX_HEAVY = 2  # heavy nodes in a graph


class Graph:
    """A graph that grows node by node."""

    def __init__(self, random, catalogue):
        self.random = random
        self.catalogue = catalogue
        self.nodes, self.links, self.inputs, self.outputs = [], [], [], []
        self.scopes = [0]  # the open zones, innermost last
        self.heavy = 0
        self.types = [
            kind
            for kind in catalogue.nodes.values()
            if kind["identifier"] not in EXCLUDED
            and "error" not in kind
            and "zone" not in kind
            and not DATA_DEPENDENT.search(kind["identifier"])
        ]
        self.zones = [kind for kind in catalogue.nodes.values() if kind.get("zone", {}).get("side") == "input"]
        self.zones = [kind for kind in self.zones if not DATA_DEPENDENT.search(kind["identifier"])]

    def node(self, type_):
        """Adds a node of this type, without sockets yet."""
        node = Node(f"n{len(self.nodes) + 1}", self.catalogue.nodes[type_], self.scopes[-1])
        self.nodes.append(node)
        return node

    def set_properties(self, node):
        """Sets random values for the properties of a node, and adds the sockets that it then has."""
        entries = {entry["identifier"]: entry for entry in node.kind.get("properties", ())}
        own = "variants" in node.kind and "of" not in node.kind["variants"]
        if own and self.random.random() < 0.7:
            which = self.random.choice(node.kind["variants"]["sets"])
            values = self.random.choice(which["when"])
            node.settings.update(zip(node.kind["variants"]["by"], values, strict=True))
        for name, entry in entries.items():
            if name not in node.kind.get("variants", {}).get("by", ()) and self.random.random() < 0.3:
                value = of_property(self.random, entry)
                if value is not None and (node.type, name, value) not in CRASHES:
                    node.settings[name] = value
        static_sockets(node, self.catalogue)

    def set_items(self, node):
        """Gives a node random items, if it has collections of them."""
        if "items" not in node.kind:
            return
        node.items = []
        for collection in node.kind["items"]:
            for number in range(self.random.randint(0 if collection["named"] else 1, 3)):
                item = {}
                if collection["named"]:
                    item["name"] = f"{collection['collection'][:3]}{number}"
                if "types" in collection and "type_from" not in collection:
                    item["type"] = self.random.choice([one for one in collection["types"] if one != MENU])
                if len(node.kind["items"]) > 1:
                    item["collection"] = collection["collection"]
                node.items.append(item)
        add_items(node, self.catalogue, self.random)

    def usable_outputs(self):
        """Returns all outputs that the current zone can use."""
        return [one for node in self.nodes if node.scope in self.scopes for one in node.outputs]

    def fits(self, output, socket):
        if output.adapts and any("sticky" in one.facts for one in socket.node.outputs):
            return False  # the first link decides whether this is a field
        return (output.idname, socket.idname) in self.catalogue.pairs and socket.accepts(output.kind)

    def link(self, output, socket, plain=False):
        """Adds a link, sometimes through a reroute."""
        if not plain and self.random.random() < 0.08:
            via = self.node("NodeReroute")
            via.inputs = [Socket(via, "Input", output.idname, {"name": "Input"})]
            via.outputs = [Socket(via, "Output", output.idname, {"name": "Output"}, output.kind, output.adapts)]
            self.links.append((output, via.inputs[0]))
            output = via.outputs[0]
        self.links.append((output, socket))
        output.links += 1
        socket.links += 1
        socket.kind = max(socket.kind, output.kind)
        socket.adapts |= output.adapts

    def fill_inputs(self, node):
        """Adds links and values for the inputs of a node."""
        for socket in node.inputs:
            is_restricted = HEAVY.search(node.type) and socket.idname != GEOMETRY
            wanted = "required" in socket.facts or self.random.random() < (0 if is_restricted else 0.45)
            candidates = [one for one in self.outputs_for(node) if self.fits(one, socket) and one.idname != MENU]
            if socket.idname == MENU and "menu" in socket.facts and wanted:
                candidates = [self.group_input(MENU, default=self.random.choice(socket.facts["menu"]))]
            if wanted and not candidates and "required" in socket.facts:
                candidates = self.add_source(socket)
            if wanted and candidates:
                count = self.random.randint(1, 3) if "multi_input" in socket.facts else 1
                for output in self.random.sample(candidates, min(count, len(candidates))):
                    self.link(output, socket, plain=output.idname == MENU)
            elif self.random.random() < 0.3 and not is_restricted:
                value = of_input(self.random, socket.facts)
                if value is not None:
                    node.settings[socket.ref] = value
        for socket in node.outputs:  # outputs that hold the value of their node
            if "default" in socket.facts and self.random.random() < 0.5:
                node.settings[socket.ref] = of_input(self.random, socket.facts)
        node.settle()

    def outputs_for(self, node):
        """Returns the outputs that can be linked to the node: those of other nodes."""
        return [one for one in self.usable_outputs() if one.node is not node]

    def add_source(self, socket):
        """Adds a source for a required input: a geometry, or a grid of one."""
        cube = self.default_node("GeometryNodeMeshCube")
        if socket.idname == GEOMETRY:
            return [cube.outputs[0]]
        field = self.default_node("GeometryNodeMeshToSDFGrid")
        self.link(cube.outputs[0], field.inputs[0], plain=True)
        return field.outputs[:1]

    def default_node(self, type_, **settings):
        """Adds a new node with some settings."""
        node = self.node(type_)
        node.settings.update(settings)
        static_sockets(node, self.catalogue)
        node.name_sockets()
        node.settle()
        return node

    def group_input(self, idname, **values):
        """Adds an input of the group and returns the output of the Group Input."""
        name = f"In {len(self.inputs)}"
        self.inputs.append({"name": name, "type": idname, **values})
        group_node = next((node for node in self.nodes if node.type == "NodeGroupInput"), None)
        if group_node is None:
            group_node = self.node("NodeGroupInput")
            group_node.scope = 0
        group_node.outputs.append(Socket(group_node, name, idname, {"name": name}, adapts=True))
        return group_node.outputs[-1]

    def random_node(self):
        """Adds a random node with random links."""
        kind = self.random.choice(self.types)
        if HEAVY.search(kind["identifier"]):
            if self.heavy == MAX_HEAVY:
                return
            self.heavy += 1
        node = self.node(kind["identifier"])
        self.set_properties(node)
        if any(one.idname == MENU for one in node.outputs) or self.passes_menus(node):
            node.settings = {
                name: value for name, value in node.settings.items() if name not in ("data_type", "input_type")
            }
            static_sockets(node, self.catalogue)
        self.set_items(node)
        node.name_sockets()
        self.fill_inputs(node)

    def add_menu(self):
        """Adds a menu of the group that leads through a Switch to a Menu Switch, which has the items."""
        end = self.default_node("GeometryNodeMenuSwitch")
        switch = self.default_node("GeometryNodeSwitch", input_type=MENU.removeprefix("NodeSocket").upper())
        self.link(self.group_input(MENU, default="B"), next(one for one in switch.inputs if one.ref == "False"))
        self.link(switch.outputs[0], end.inputs[0])

    @staticmethod
    def passes_menus(node):
        """Returns whether a node passes menus on. Its links must end at a menu with items, which is rare."""
        return MENU in (one.idname for one in node.inputs if "menu" not in one.facts and one.facts["name"] != "Menu")

    def add_zone(self):
        """Adds both nodes of a zone, and random nodes between them."""
        start = self.node(self.random.choice(self.zones)["identifier"])
        end = self.node(start.kind["zone"]["partner"])
        start.partner, end.partner = end, start
        for node in (end, start):
            self.set_properties(node)
        self.set_items(end)
        start.name_sockets()
        end.name_sockets()
        scope = len(self.nodes)
        start.scope = end.scope = -1  # hidden until each is complete
        self.fill_inputs(start)
        self.scopes.append(scope)
        start.scope = scope
        for _ in range(self.random.randint(0, 3)):
            self.random_node()
        self.fill_inputs(end)
        self.scopes.pop()
        end.scope = self.scopes[-1]

    def finish(self):
        """Links geometry and some values to outputs of the group."""
        join = self.default_node("GeometryNodeJoinGeometry")
        group_node = self.node("NodeGroupOutput")
        self.outputs.append({"name": "Geometry", "type": GEOMETRY})
        group_node.inputs.append(Socket(group_node, "Geometry", GEOMETRY, {"name": "Geometry"}))
        free = [one for one in self.outputs_for(join) if one.idname == GEOMETRY and not one.links]
        for output in free or self.add_source(join.inputs[0]):
            self.link(output, join.inputs[0])
        self.link(join.outputs[0], group_node.inputs[0], plain=True)
        values = [one for one in self.outputs_for(group_node) if one.idname not in (GEOMETRY, MENU) and not one.links]
        for number, output in enumerate(self.random.sample(values, min(3, len(values)))):
            name = f"Out {number}"
            self.outputs.append({"name": name, "type": output.idname})
            group_node.inputs.append(Socket(group_node, name, output.idname, {"name": name}))
            self.link(output, group_node.inputs[-1])

    def has_valid_zones(self):
        """Returns whether no two zones overlap without one being inside the other."""
        inside = {}
        for node in self.nodes:  # in order of creation; a reroute comes after its target
            self.zones_of(node, inside)
        for node, zones in inside.items():
            for one in zones - {node, node.partner}:
                for other in zones - {one, node, node.partner}:
                    if other not in inside[one.partner] and one not in inside[other.partner]:
                        return False
        return True

    def zones_of(self, node, inside):
        """Returns the inputs of the zones that a node is in: those of the nodes that it depends on."""
        if node not in inside:
            inside[node] = set()
            for output, socket in self.links:
                if socket.node is node:
                    inside[node] |= self.zones_of(output.node, inside)
            if node.partner is not None:
                if node.kind["zone"]["side"] == "input":
                    inside[node].add(node)
                else:
                    inside[node] |= self.zones_of(node.partner, inside)
                    inside[node].discard(node.partner)
        return inside[node]

    def document(self):
        """Returns the graph as graph_json."""
        return {
            "blender": ".".join(self.catalogue.version.split(".")[:2]),
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "nodes": [node.spec() for node in self.nodes],
            "links": [
                {"from": out.node.id, "from_socket": out.ref, "to": to.node.id, "to_socket": to.ref}
                for out, to in self.links
            ],
            "node_settings": {node.id: node.settings for node in self.nodes if node.settings},
        }


def valid_graph(random, catalogue):
    """Returns a random graph that Blender should accept."""
    while True:
        graph = random_graph(random, catalogue)
        if graph.has_valid_zones():
            return graph


def random_graph(random, catalogue):
    """Returns a random graph, whose zones can overlap."""
    graph = Graph(random, catalogue)
    usual = [one for one in catalogue.types if one not in (GEOMETRY, MENU, "NodeSocketBundle", "NodeSocketClosure")]
    if random.random() < 0.5:
        graph.group_input(GEOMETRY)  # a modifier needs it first
    else:
        usual = [one for one in usual if one not in catalogue.geometry_first]
    for _ in range(random.randint(0, 4)):
        graph.group_input(random.choice(usual))
    for _ in range(random.randint(1, 12)):
        if random.random() < 0.12:
            graph.add_zone()
        else:
            graph.random_node()
    if random.random() < 0.1:
        graph.add_menu()
    graph.finish()
    return graph
