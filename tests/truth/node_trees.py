"""Describes random node trees of materials, and what a batch makes of them. Uses no rule of the addon.

A tree is a dict. The entry `surface` says how the shader reaches the output. The entry `values` has the sockets of the
shader. The entry `fields` says what decides each map: `value` (the socket), `image` (a chain that is recognized) or
`other` (any other nodes).
"""

import math

COLORS = ("base_color", "emission")
NUMBERS = ("alpha", "metallic", "roughness")
FIELDS = (*COLORS, *NUMBERS, "normal")
PBR = [
    "alpha_cutoff",
    "alpha_mode",
    "base_color",
    "double_sided",
    "metallic",
    "normal_scale",
    "occlusion_strength",
    "roughness",
]
IMAGES = 4  # the first one is gray
RECOGNIZED = ("principled", "reroute")
UNRECOGNIZED = ("mix", "emission", "group", "none")
OTHERS = ("noise", "ramp", "muted", "clamped", "power", "generated", "clip", "half", "value", "driven")


def random_tree(source):
    """Returns the description of a tree."""
    known = source.random() < 0.85
    return {
        "surface": source.choice(RECOGNIZED if known else UNRECOGNIZED),
        "values": {
            "base_color": [source.random() for _ in range(3)],
            "alpha": source.choice((1.0, source.random())),
            "metallic": source.random(),
            "roughness": source.random(),
            "emission": [source.random() for _ in range(3)],
            "strength": source.choice((0.0, source.uniform(0.1, 3.0))),
        },
        "strength": source.choice(("value", "value", "value", "other")),
        "fields": {name: random_field(source, name) for name in FIELDS},
        "loose": source.randrange(3),  # nodes that lead nowhere
        "culling": source.random() < 0.5,
    }


def random_field(source, name):
    """Returns what decides one field."""
    kind = source.choices(("value", "image", "other"), (4, 5, 2))[0]
    if kind == "other":
        ways = [each for each in OTHERS if is_possible(each, name)]
        return {"kind": kind, "way": source.choice(ways), "image": source.randrange(IMAGES)}
    return {"kind": "value"} if kind == "value" else {"kind": "image", **random_chain(source, name)}


def is_possible(way, name):
    """Returns whether this way can decide the field: `half` mixes colors, sums are made of numbers."""
    if way in ("clamped", "power"):
        return name in NUMBERS
    if way in ("half", "ramp"):
        return name in COLORS
    return way != "driven" or name != "normal"  # the socket of a normal has no value that a driver sets


def random_chain(source, name):
    """Returns a chain from an image to the shader, of the kinds that people and importers make."""
    chain = {
        "image": source.randrange(IMAGES),
        "extension": source.choice(("REPEAT", "EXTEND", "MIRROR")),
        "interpolation": source.choice(("Linear", "Closest")),
        "reroute": source.random() < 0.3,
        "place": source.choice((None, "uv map", "coordinates", random_place(source))),
    }
    if name in COLORS:
        return {
            **chain,
            "factor": source.choice((None, [source.random() for _ in range(3)])),
            "side": source.choice("AB"),
        }
    if name == "normal":
        return {**chain, "scale": source.uniform(0.0, 2.0)}
    chain["sums"] = [random_sum(source) for _ in range(source.choice((0, 0, 1, 2)))]
    chain["output"] = source.choice(("a", "r", "g", "b", "gray"))
    if chain["output"] == "gray":  # Blender takes the luminance of a color
        chain["image"] = 0
    return chain


def random_place(source):
    return [
        source.uniform(-1, 1),
        source.uniform(-1, 1),
        source.uniform(-3, 3),
        source.uniform(0.5, 2),
        source.uniform(0.5, 2),
    ]


def random_sum(source):
    """Returns an operation, the input that the image gets, and two constants."""
    operation = source.choice(("MULTIPLY", "ADD", "SUBTRACT", "MULTIPLY_ADD"))
    linked = source.randrange(3 if operation == "MULTIPLY_ADD" else 2)
    return [operation, linked, source.uniform(-1, 1), source.uniform(-1, 1)]


def locks(tree):
    """Returns the locks that Blender has to name for this tree."""
    if tree["surface"] not in RECOGNIZED:
        return {
            "emission": ["color", "strength"],
            "maps": ["alpha", "base_color", "emission", "metallic", "normal", "occlusion", "roughness"],
            "pbr": PBR,
        }
    fields = tree["fields"]
    found = {"emission": set(), "maps": set(), "pbr": set()}
    for name, field in fields.items():
        is_locked = field["kind"] == "other"
        if is_locked and field["way"] != "driven":
            found["maps"].add(name)
        if name in COLORS:
            is_locked |= field["kind"] == "image" and field["factor"] is None
        if is_locked and name == "emission":
            found["emission"].add("color")
        elif is_locked and name != "normal":
            found["pbr"] |= {"base_color", "alpha_mode"} if name == "alpha" else {name}
    if tree["strength"] == "other":
        found["emission"].add("strength")
    if found["emission"] and tree["values"]["strength"] == 0.0:  # then nobody else knows the color
        found["emission"] = {"color", "strength"}
    return {name: sorted(each) for name, each in found.items() if each}


def random_batch(source, tree, shown):
    """Returns the components of a batch that changes some fields. `shown`: the components of the tree before.

    A locked field keeps its value, as the daemon refuses another one before it sends a batch.
    """
    locked = locks(tree)

    def is_free(component, field):
        return field not in locked.get(component, ()) and source.random() < 0.6

    pbr, emission, maps = dict(shown["pbr"]), dict(shown["emission"]), dict(shown["maps"])
    for name in FIELDS:
        if is_free("maps", name):
            maps[name] = random_map(source, name, maps[name])
    if is_free("pbr", "base_color"):
        pbr["base_color"] = [source.random() for _ in range(4)]
    for name in ("metallic", "roughness"):
        if is_free("pbr", name):
            pbr[name] = source.random()
    if is_free("pbr", "normal_scale"):
        pbr["normal_scale"] = source.uniform(0.0, 2.0)
    if is_free("pbr", "double_sided"):
        pbr["double_sided"] = source.random() < 0.5
    if is_free("pbr", "alpha_mode"):
        pbr["alpha_mode"] = source.choice(("blend", "mask"))
    if is_free("emission", "color"):
        emission["color"] = [source.random() for _ in range(3)]
    if is_free("emission", "strength"):
        emission["strength"] = source.choice((0.0, source.uniform(0.1, 3.0)))
    wanted = {"pbr": pbr, "emission": emission, "maps": maps}
    return {name: value for name, value in wanted.items() if value != shown[name]}


def other_values(source, tree, shown):
    """Returns components that differ from the present ones in what nodes decide, and in nothing else."""
    locked, fields = locks(tree), tree["fields"]
    is_known = tree["surface"] in RECOGNIZED
    pbr, emission, maps = ({**shown[name]} for name in ("pbr", "emission", "maps"))
    for name in locked.get("maps", ()):
        if name != "occlusion":
            maps[name] = random_map(source, name, None)
    color, alpha = pbr["base_color"][:3], pbr["base_color"][3]
    if not is_known or is_held(fields["base_color"]):
        color = [1.0 - each if each <= 1.0 else 0.5 for each in color]
    if not is_known or is_held(fields["alpha"]):
        alpha = 1.0 - alpha
    pbr["base_color"] = [*color, alpha]
    for name in ("metallic", "roughness"):
        if not is_known or is_held(fields[name]):
            pbr[name] = 1.0 - pbr[name]
    if not is_known or is_held(fields["emission"]):
        emission["color"] = [1.0 - min(each, 1.0) for each in emission["color"]]
    if not is_known or tree["strength"] == "other":
        emission["strength"] += 1.0
    wanted = {"pbr": pbr, "emission": emission, "maps": maps}
    return {name: value for name, value in wanted.items() if value != shown[name]}


def is_held(field):
    """Returns whether no batch can write the value of a field: other nodes decide it, or an image alone."""
    return field["kind"] == "other" or (field["kind"] == "image" and field.get("factor", ()) is None)


def random_map(source, name, present):
    """Returns no map, the present one with another image, or a new one."""
    dice = source.random()
    if dice < 0.3 or (present is None and dice < 0.5):
        return None
    if present is not None and dice < 0.6:
        return {**present, "image": source.randrange(IMAGES)}
    is_color, wrap = name in COLORS or name == "normal", source.choice(("repeat", "clamp", "mirror"))
    x, y, turn, width, height = random_place(source)
    is_placed, is_sum = source.random() < 0.5, not is_color and source.random() < 0.5
    return {
        "image": source.randrange(IMAGES),
        "channel": "rgb" if is_color else source.choice("rgba"),
        "scale": source.uniform(-1, 1) if is_sum else 1.0,
        "bias": source.uniform(-1, 1) if is_sum else 0.0,
        "uv": 0,
        "offset": [x, y] if is_placed else [0.0, 0.0],
        "rotation": turn if is_placed else 0.0,
        "tile": [width, height] if is_placed else [1.0, 1.0],
        "wrap": [wrap, wrap],
        "filter": source.choice(("linear", "nearest")),
    }


def close(a, b):
    """Returns whether two values of components are equal, numbers up to an error of 32 bits."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(close(a[name], b[name]) for name in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) or isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-5)
    return a == b
