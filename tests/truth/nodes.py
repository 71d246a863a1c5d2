"""A node of a random graph: its values, its items, and the sockets that the catalogue says it then has."""

from dataclasses import dataclass, field

SINGLE, FIELD, GRID = range(3)


@dataclass(eq=False)
class Socket:
    """A socket of one node, the name a graph uses for it, and what is known of the values that go through it."""

    node: "Node"
    ref: str
    idname: str
    facts: dict
    kind: int = SINGLE
    adapts: bool = False  # from an input of the group: a field until something needs a single value of it
    links: int = 0
    follows: list = field(default_factory=list)  # of an output: the inputs whose kind it takes on
    carries: int | None = None  # of an item that goes around in a zone: the kind it was decided to have

    def takes(self, kind):
        """Whether values of a kind may go into this input."""
        if kind == GRID:
            return "supports_grid" in self.facts and self.carries is None
        if "requires_grid" in self.facts:
            return False
        if self.carries is not None:
            return kind <= self.carries
        return kind == SINGLE or "supports_field" in self.facts

    def settle(self):
        """The kind of an output, once the inputs of its node are linked."""
        if self.carries is not None:
            return self.carries
        kinds = {one.kind for one in self.follows}
        kinds |= {FIELD for one in self.follows if not one.links and "implicit_field" in one.facts}
        kinds |= {GRID} if self.facts.get("grid") is True else set()
        kinds |= {FIELD} if self.facts.get("field") is True else set()
        return max(kinds, default=SINGLE)


@dataclass(eq=False)
class Node:
    """One node; `scope` is the innermost zone in which its outputs may be used."""

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
        """The node as graph_json has it."""
        found = {"id": self.id, "type": self.type}
        if self.items is not None:
            found["items"] = self.items
        if self.partner is not None and self.kind["zone"]["side"] == "input":
            found["pair"] = self.partner.id
        return found

    def refer(self):
        """Name the sockets as a graph does: by name where that is the only one of its name, else by identifier."""
        for side in (self.inputs, self.outputs):
            names = [one.facts["name"] for one in side]
            for one in side:
                once = names.count(one.facts["name"]) == 1
                one.ref = one.facts["name"] if once else one.facts.get("identifier", one.facts["name"])

    def settle(self):
        for one in self.outputs:
            one.kind = one.settle()
            one.adapts = any(end.adapts for end in one.follows)


def static_sockets(node, catalogue):
    """The sockets that the node's values give it."""
    variants = node.kind.get("variants", {})
    owner = node.partner if variants.get("of") == "partner" else node
    entries = owner.kind.get("properties", ())
    defaults = {entry["identifier"]: entry["default"] for entry in entries if "default" in entry}
    values = [owner.settings.get(name, defaults.get(name)) for name in variants.get("by", ())]
    inputs, outputs = catalogue.variant(node.kind, values)
    node.inputs = [Socket(node, "", one["idname"], one) for one in inputs]
    node.outputs = [Socket(node, "", one["idname"], one) for one in outputs]
    for output in node.outputs:
        named = output.facts.get("field")
        output.follows = [one for one in node.inputs if named not in (None, True) and one.facts["identifier"] in named]


def add_items(node, catalogue, random):
    """The sockets of the node's items, on it and on the other end of its zone."""
    ends = {"self": node, "partner": node.partner}
    for collection in node.kind["items"]:
        several = len(node.kind["items"]) > 1
        own = [one for one in node.items if not several or one["collection"] == collection["collection"]]
        for number, item in enumerate(own):
            after = any(one.get("type") == "NodeSocketGeometry" for one in own[:number])
            makes = collection["makes_after_geometry" if after and "makes_after_geometry" in collection else "makes"]
            idname = item.get("type") or word_to_type(collection, node)
            name = item.get("name", str(number))
            fields = idname in catalogue.field_types
            carries = FIELD if fields and random.random() < 0.5 else SINGLE
            add_item(ends, [Made(ends, one, name, idname, fields) for one in makes], carries)


def word_to_type(collection, node):
    """The type of items that follow a property of their node."""
    name = collection["type_from"]
    default = next(entry["default"] for entry in node.kind["properties"] if entry["identifier"] == name)
    word = node.settings.get(name, default)
    return next(idname for idname, one in collection["types"].items() if one == word)


class Made(Socket):
    """A socket that an item makes. What the catalogue says of fields there goes for types that can be fields."""

    def __init__(self, ends, facts, name, idname, fields):
        own = facts if fields else {key: facts[key] for key in ("node", "side")}
        super().__init__(ends[facts["node"]], "", facts.get("idname", idname), own | {"name": name})


def add_item(ends, made, carries):
    """Put the sockets of one item where they belong; those that go around in a zone carry values of one kind."""
    ways = [(one.facts["node"], end) for one in made for end in one.facts.get("feeds", ())]
    around = ("partner", "item of self") in ways or ("self", "item of partner") in ways
    for one in made:
        one.carries = carries if around else None
        side = one.node.inputs if one.facts["side"] == "input" else one.node.outputs
        side.append(one)
    for one in made:
        for end in one.facts.get("feeds", ()):
            fixed = [out for out in ends["self"].outputs if f"self: {out.facts.get('identifier')}" == end]
            there = [out for out in made if out.facts["side"] == "output" and f"item of {out.facts['node']}" == end]
            for output in fixed + there:
                output.follows.append(one)
        named = one.facts.get("field")
        if named not in (None, True):
            one.follows += [end for end in one.node.inputs if f"self: {end.facts.get('identifier')}" in named]
