"""A node of a random graph: its values, its items, and its sockets according to the catalogue."""

from dataclasses import dataclass, field

SINGLE, FIELD, GRID = range(3)


@dataclass(eq=False)
class Socket:
    """A socket of a node, its name in the graph, and facts about its values."""

    node: "Node"
    ref: str
    idname: str
    facts: dict
    kind: int = SINGLE
    adapts: bool = False  # from an input of the group: a field until an input needs a single value
    links: int = 0
    follows: list = field(default_factory=list)  # for an output: the inputs that decide its kind
    carries: int | None = None  # for an item that a zone repeats: its fixed kind

    def accepts(self, kind):
        """Returns whether this input accepts values of a kind."""
        if kind == GRID:
            return "supports_grid" in self.facts and self.carries is None
        if "requires_grid" in self.facts:
            return False
        if self.carries is not None:
            return kind <= self.carries
        return kind == SINGLE or "supports_field" in self.facts

    def settle(self):
        """Returns the kind of an output, after the inputs of its node are linked."""
        if self.carries is not None:
            return self.carries
        kinds = {one.kind for one in self.follows}
        kinds |= {FIELD for one in self.follows if not one.links and "implicit_field" in one.facts}
        kinds |= {GRID} if self.facts.get("grid") is True else set()
        kinds |= {FIELD} if self.facts.get("field") is True else set()
        return max(kinds, default=SINGLE)


@dataclass(eq=False)
class Node:
    """A node; `scope` is the innermost zone that can use its outputs."""

    id: str
    kind: dict
    scope: int = 0
    settings: dict = field(default_factory=dict)
    items: list | None = None
    partner: "Node | None" = None
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)

    @property
    def type(self):
        return self.kind["identifier"]

    def spec(self):
        """Returns the node as in graph_json."""
        found = {"id": self.id, "type": self.type}
        if self.items is not None:
            found["items"] = self.items
        if self.partner is not None and self.kind["zone"]["side"] == "input":
            found["pair"] = self.partner.id
        return found

    def name_sockets(self):
        """Sets the name of each socket in the graph: its name if that is unique, else its identifier."""
        for side in (self.inputs, self.outputs):
            names = [one.facts["name"] for one in side]
            for one in side:
                is_unique = names.count(one.facts["name"]) == 1
                one.ref = one.facts["name"] if is_unique else one.facts.get("identifier", one.facts["name"])

    def settle(self):
        for one in self.outputs:
            one.kind = one.settle()
            one.adapts = any(end.adapts for end in one.follows)


def static_sockets(node, catalogue):
    """Sets the fixed sockets of a node according to its values."""
    variants = node.kind.get("variants", {})
    owner = node.partner if variants.get("of") == "partner" else node
    entries = owner.kind.get("properties", ())
    defaults = {entry["identifier"]: entry["default"] for entry in entries if "default" in entry}
    values = [owner.settings.get(name, defaults.get(name)) for name in variants.get("by", ())]
    inputs, outputs = catalogue.sockets(node.kind, values)
    node.inputs = [Socket(node, "", one["idname"], one) for one in inputs]
    node.outputs = [Socket(node, "", one["idname"], one) for one in outputs]
    for output in node.outputs:
        named = output.facts.get("field")
        output.follows = [one for one in node.inputs if named not in (None, True) and one.facts["identifier"] in named]


def add_items(node, catalogue, random):
    """Adds the sockets of a node's items, to it and to the other node of its zone."""
    ends = {"self": node, "partner": node.partner}
    for collection in node.kind["items"]:
        several = len(node.kind["items"]) > 1
        own = [one for one in node.items if not several or one["collection"] == collection["collection"]]
        for number, item in enumerate(own):
            after = any(one.get("type") == "NodeSocketGeometry" for one in own[:number])
            makes = collection["makes_after_geometry" if after and "makes_after_geometry" in collection else "makes"]
            idname = item.get("type") or property_type(collection, node)
            name = item.get("name", str(number))
            fields = idname in catalogue.field_types
            carries = FIELD if fields and random.random() < 0.5 else SINGLE
            add_item(ends, [ItemSocket(ends, one, name, idname, fields) for one in makes], carries)


def property_type(collection, node):
    """Returns the type of items whose type depends on a property of the node."""
    name = collection["type_from"]
    default = next(entry["default"] for entry in node.kind["properties"] if entry["identifier"] == name)
    word = node.settings.get(name, default)
    return next(idname for idname, one in collection["types"].items() if one == word)


class ItemSocket(Socket):
    """A socket that an item makes. The facts about fields apply to types that can be fields."""

    def __init__(self, ends, facts, name, idname, fields):
        own = facts if fields else {key: facts[key] for key in ("node", "side")}
        super().__init__(ends[facts["node"]], "", facts.get("idname", idname), own | {"name": name})


def add_item(ends, made, carries):
    """Adds the sockets of an item to their nodes. If a zone repeats the item, its values have one kind."""
    ways = [(one.facts["node"], end) for one in made for end in one.facts.get("feeds", ())]
    is_repeated = ("partner", "item of self") in ways or ("self", "item of partner") in ways
    for one in made:
        one.carries = carries if is_repeated else None
        side = one.node.inputs if one.facts["side"] == "input" else one.node.outputs
        side.append(one)
    for one in made:
        for end in one.facts.get("feeds", ()):
            fixed = [out for out in ends["self"].outputs if f"self: {out.facts.get('identifier')}" == end]
            dynamic = [out for out in made if out.facts["side"] == "output" and f"item of {out.facts['node']}" == end]
            for output in fixed + dynamic:
                output.follows.append(one)
        named = one.facts.get("field")
        if named not in (None, True):
            one.follows += [end for end in one.node.inputs if f"self: {end.facts.get('identifier')}" in named]
