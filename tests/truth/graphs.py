"""Random graphs, valid by construction: each link goes from what is there already to an input that may take it."""

import re

from nodes import Node, Socket, add_items, static_sockets
from values import of_input, of_property

GEOMETRY, MENU = "NodeSocketGeometry", "NodeSocketMenu"
# Made on purpose where they belong, or nothing to be placed at random (a group needs another graph).
APART = {"GeometryNodeGroup", "NodeFrame", "NodeGroupInput", "NodeGroupOutput", "NodeReroute"}
# Their numbers are counts, levels or sizes of voxels: a random one can take all memory there is.
HEAVY = re.compile("Subdiv|Duplicate|Volume|Points|Resample|Voxel|Grid|Array|Extrude|Instance|RepeatInput|Trim|Fillet")
# With these Blender itself crashes, here over instances of curves.
CRASHES = [("GeometryNodeDuplicateElements", "domain", "LAYER")]
# Whether these report an error depends on files, and on what they are told to report.
OF_DATA = re.compile("Import|GeometryNodeWarning")
FEW = 2  # heavy nodes a graph


class Graph:
    """A graph as it grows."""

    def __init__(self, random, catalogue):
        self.random = random
        self.catalogue = catalogue
        self.nodes, self.links, self.inputs, self.outputs = [], [], [], []
        self.scopes = [0]  # the zones that are open, the innermost last
        self.heavy = 0
        self.types = [
            kind
            for kind in catalogue.nodes.values()
            if kind["identifier"] not in APART
            and "error" not in kind
            and "zone" not in kind
            and not OF_DATA.search(kind["identifier"])
        ]
        self.zones = [kind for kind in catalogue.nodes.values() if kind.get("zone", {}).get("side") == "input"]
        self.zones = [kind for kind in self.zones if not OF_DATA.search(kind["identifier"])]

    def node(self, type_):
        """A node of this type, without sockets yet."""
        node = Node(f"n{len(self.nodes) + 1}", self.catalogue.nodes[type_], self.scopes[-1])
        self.nodes.append(node)
        return node

    def choose(self, node):
        """Random values for its properties, and the sockets and items that it then has."""
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

    def give_items(self, node):
        """Items for a node that has lists of them."""
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

    def there(self):
        """All outputs that may be used here."""
        return [one for node in self.nodes if node.scope in self.scopes for one in node.outputs]

    def fits(self, output, socket):
        if output.adapts and any("sticky" in one.facts for one in socket.node.outputs):
            return False  # whether this is a field depends on what is linked first
        return (output.idname, socket.idname) in self.catalogue.pairs and socket.takes(output.kind)

    def link(self, output, socket, plain=False):
        """A link, now and then through a reroute."""
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

    def feed(self, node):
        """Links and values for the inputs of a node."""
        for socket in node.inputs:
            held = HEAVY.search(node.type) and socket.idname != GEOMETRY
            wanted = "required" in socket.facts or self.random.random() < (0 if held else 0.45)
            candidates = [one for one in self.before(node) if self.fits(one, socket) and one.idname != MENU]
            if socket.idname == MENU and "menu" in socket.facts and wanted:
                candidates = [self.group_input(MENU, default=self.random.choice(socket.facts["menu"]))]
            if wanted and not candidates and "required" in socket.facts:
                candidates = self.source(socket)
            if wanted and candidates:
                count = self.random.randint(1, 3) if "multi_input" in socket.facts else 1
                for output in self.random.sample(candidates, min(count, len(candidates))):
                    self.link(output, socket, plain=output.idname == MENU)
            elif self.random.random() < 0.3 and not held:
                value = of_input(self.random, socket.facts)
                if value is not None:
                    node.settings[socket.ref] = value
        for socket in node.outputs:  # of the nodes that hold their value there
            if "default" in socket.facts and self.random.random() < 0.5:
                node.settings[socket.ref] = of_input(self.random, socket.facts)
        node.settle()

    def before(self, node):
        """What may be linked to the node: nothing of itself."""
        return [one for one in self.there() if one.node is not node]

    def source(self, socket):
        """Something made for an input that has to be linked: geometry, or a grid of it."""
        cube = self.plain("GeometryNodeMeshCube")
        if socket.idname == GEOMETRY:
            return [cube.outputs[0]]
        field = self.plain("GeometryNodeMeshToSDFGrid")
        self.link(cube.outputs[0], field.inputs[0], plain=True)
        return field.outputs[:1]

    def plain(self, type_, **settings):
        """A node as it comes, but for some settings."""
        node = self.node(type_)
        node.settings.update(settings)
        static_sockets(node, self.catalogue)
        node.refer()
        node.settle()
        return node

    def group_input(self, idname, **values):
        """A new input of the group, at a node of its own."""
        name = f"In {len(self.inputs)}"
        self.inputs.append({"name": name, "type": idname, **values})
        gate = next((node for node in self.nodes if node.type == "NodeGroupInput"), None)
        if gate is None:
            gate = self.node("NodeGroupInput")
            gate.scope = 0
        gate.outputs.append(Socket(gate, name, idname, {"name": name}, adapts=True))
        return gate.outputs[-1]

    def any_node(self):
        kind = self.random.choice(self.types)
        if HEAVY.search(kind["identifier"]):
            if self.heavy == FEW:
                return
            self.heavy += 1
        node = self.node(kind["identifier"])
        self.choose(node)
        if any(one.idname == MENU for one in node.outputs) or self.menu_cases(node):
            node.settings = {
                name: value for name, value in node.settings.items() if name not in ("data_type", "input_type")
            }
            static_sockets(node, self.catalogue)
        self.give_items(node)
        node.refer()
        self.feed(node)

    def menu(self):
        """A menu of the group that goes through a switch to the node that says what can be chosen."""
        end = self.plain("GeometryNodeMenuSwitch")
        way = self.plain("GeometryNodeSwitch", input_type=MENU.removeprefix("NodeSocket").upper())
        self.link(self.group_input(MENU, default="B"), next(one for one in way.inputs if one.ref == "False"))
        self.link(way.outputs[0], end.inputs[0])

    @staticmethod
    def menu_cases(node):
        """Whether it passes menus on: these need a menu at their end, which only a special graph has."""
        return MENU in (one.idname for one in node.inputs if "menu" not in one.facts and one.facts["name"] != "Menu")

    def zone(self):
        """A pair of zone nodes with something between them."""
        start = self.node(self.random.choice(self.zones)["identifier"])
        end = self.node(start.kind["zone"]["partner"])
        start.partner, end.partner = end, start
        for node in (end, start):
            self.choose(node)
        self.give_items(end)
        start.refer()
        end.refer()
        scope = len(self.nodes)
        start.scope = end.scope = -1  # nobody sees either until it is its turn
        self.feed(start)
        self.scopes.append(scope)
        start.scope = scope
        for _ in range(self.random.randint(0, 3)):
            self.any_node()
        self.feed(end)
        self.scopes.pop()
        end.scope = self.scopes[-1]

    def finish(self):
        """Lead geometry and some values out."""
        join = self.plain("GeometryNodeJoinGeometry")
        gate = self.node("NodeGroupOutput")
        self.outputs.append({"name": "Geometry", "type": GEOMETRY})
        gate.inputs.append(Socket(gate, "Geometry", GEOMETRY, {"name": "Geometry"}))
        free = [one for one in self.before(join) if one.idname == GEOMETRY and not one.links]
        for output in free or self.source(join.inputs[0]):
            self.link(output, join.inputs[0])
        self.link(join.outputs[0], gate.inputs[0], plain=True)
        values = [one for one in self.before(gate) if one.idname not in (GEOMETRY, MENU) and not one.links]
        for number, output in enumerate(self.random.sample(values, min(3, len(values)))):
            name = f"Out {number}"
            self.outputs.append({"name": name, "type": output.idname})
            gate.inputs.append(Socket(gate, name, output.idname, {"name": name}))
            self.link(output, gate.inputs[-1])

    def sound(self):
        """Whether its zones lie in each other or beside each other: nodes of two zones otherwise are in neither."""
        inside = {}
        for node in self.nodes:  # the order in which they were made; reroutes come after what they lead to
            self.zones_of(node, inside)
        for node, zones in inside.items():
            for one in zones - {node, node.partner}:
                for other in zones - {one, node, node.partner}:
                    if other not in inside[one.partner] and one not in inside[other.partner]:
                        return False
        return True

    def zones_of(self, node, inside):
        """The starts of the zones that a node is in: those that what it is linked to is in, and so on."""
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
        """The graph as graph_json."""
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


def valid(random, catalogue):
    """A graph that Blender should take."""
    while True:
        graph = attempt(random, catalogue)
        if graph.sound():
            return graph


def attempt(random, catalogue):
    """A graph whose zones may lie across each other."""
    graph = Graph(random, catalogue)
    usual = [one for one in catalogue.types if one not in (GEOMETRY, MENU, "NodeSocketBundle", "NodeSocketClosure")]
    if random.random() < 0.5:
        graph.group_input(GEOMETRY)  # a modifier wants it first
    else:
        usual = [one for one in usual if one not in catalogue.geometry_first]
    for _ in range(random.randint(0, 4)):
        graph.group_input(random.choice(usual))
    for _ in range(random.randint(1, 12)):
        if random.random() < 0.12:
            graph.zone()
        else:
            graph.any_node()
    if random.random() < 0.1:
        graph.menu()
    graph.finish()
    return graph
