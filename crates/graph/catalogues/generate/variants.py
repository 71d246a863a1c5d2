# SPDX-License-Identifier: GPL-3.0-or-later
"""A node's sockets for each combination of the properties that decide which there are."""

import contextlib
import itertools
import json

from evaluation import refused_grids
from fields import Trial
from values import choices, limits, plain

MANY = 20000  # combinations that are all tried; beyond, properties are looked at in pairs


def values_of(entry):
    """What a deciding property can be, its default first; None for properties of other types."""
    if entry["type"] not in ("ENUM", "BOOLEAN"):
        return None
    values = entry["items"] if entry["type"] == "ENUM" else [False, True]
    return sorted(values, key=lambda value: value != entry["default"])


def give(node, combination):
    """Give the node these values, one after another; False where Blender refuses one or holds on to another."""
    for name, value in combination.items():
        try:
            setattr(node, name, value)
        except TypeError:
            return False
    return has(node, combination)


def has(node, combination):
    return all(getattr(node, name) == value for name, value in combination.items())


def arrange(node, combination):
    """The same from whatever the node has now, in any order: what is refused may be taken once the others are set."""
    for _ in combination:
        for name, value in combination.items():
            with contextlib.suppress(TypeError):
                setattr(node, name, value)
        if has(node, combination):
            return True
    return not combination


def shape(rig, node):
    """Which sockets there are, shortly."""
    return tuple(
        tuple((at, one.identifier, one.name, rig.idname(one), one.is_multi_input) for at, one in rig.sockets(side))
        for side in (node.inputs, node.outputs)
    )


def deciding(seen, names):
    """The properties without which two combinations of different sockets, or one refused, could not be told apart."""
    found = []
    for at, name in enumerate(names):
        groups = {}
        for values, sockets in seen.items():
            groups.setdefault(values[:at] + values[at + 1 :], set()).add(sockets)
        if any(len(group) > 1 for group in groups.values()):
            found.append(name)
    return found


def survey(rig, node, owner, options):
    """{values: sockets} for all combinations of the options; None as sockets where a combination is refused."""
    seen = {}
    for values in itertools.product(*options.values()):
        fits = arrange(owner, dict(zip(options, values, strict=True)))
        seen[values] = shape(rig, node) if fits else None
    return seen


def taken(seen, options):
    """{property: its values that were taken in any combination}, in the order of the options."""
    found = {name: set() for name in options}
    for values, sockets in seen.items():
        if sockets is not None:
            for name, value in zip(options, values, strict=True):
                found[name].add(value)
    return {name: [value for value in values if value in found[name]] for name, values in options.items()}


def surveys(rig, node, owner, options):
    """The surveys that tell which properties decide: of all together, or where that is too much of each two."""
    count = 1
    for values in options.values():
        count *= len(values)
    if count <= MANY:
        return [(survey(rig, node, owner, options), options)]
    first = {name: values[0] for name, values in options.items()}
    found = []
    for names in itertools.combinations(options, 2):
        arrange(owner, first)
        pair = {name: options[name] for name in names}
        found.append((survey(rig, node, owner, pair), pair))
    return found


def deciders(rig, node, owner, properties):
    """{property of the owner: values} of those that decide, in the order in which they have to be set.

    Narrows the items of the properties to those that Blender takes.
    """
    options = {entry["identifier"]: values_of(entry) for entry in properties if values_of(entry)}
    found, values = set(), {}
    for seen, looked_at in surveys(rig, node, owner, options):
        found |= set(deciding(seen, list(looked_at)))
        for name, some in taken(seen, looked_at).items():
            values[name] = [value for value in options[name] if value in some or value in values.get(name, ())]
    for entry in properties:
        if entry["type"] == "ENUM":
            entry["items"] = [item for item in entry["items"] if item in values[entry["identifier"]]]
    first = {name: some[0] for name, some in values.items()}
    arrange(owner, first)
    return in_order(owner, first, {name: some for name, some in values.items() if name in found})


def in_order(owner, first, options):
    """The options in an order in which a new node takes all combinations that it takes at all, each value once set."""
    combinations = [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]
    taken = [one for one in combinations if arrange(owner, one)]
    for names in itertools.permutations(options):
        for one in taken:
            arrange(owner, first)
            if not give(owner, {name: one[name] for name in names}):
                break
        else:
            arrange(owner, first)
            return {name: options[name] for name in names}
    raise AssertionError(f"{owner.bl_idname}: no order of {list(options)} gives all that can be had")


# These hold their value at their output; the values of other outputs do nothing.
VALUE_IS_OUTPUT = ("ShaderNodeValue", "ShaderNodeRGB")


def describe(rig, socket):
    """A socket as the catalogue has it, without what fields do there."""
    entry = {"name": socket.name, "identifier": socket.identifier, "idname": rig.idname(socket)}
    if socket.is_output and socket.node.bl_idname not in VALUE_IS_OUTPUT:
        return entry
    if socket.is_multi_input:
        entry["multi_input"] = True
    if rig.idname(socket) == "NodeSocketMenu":
        menu = choices(socket, "default_value")
        if not menu:  # a menu of the node's items, or of whatever it is linked to
            return entry
        entry["menu"] = menu
    default = plain(getattr(socket, "default_value", None))
    if default is not None:
        entry["default"] = default
        entry |= limits(socket, "default_value")
    return entry


def observe(rig, node):
    """(inputs, outputs) as the catalogue has them, each with its position among the node's sockets."""
    inputs = [(at, describe(rig, one)) for at, one in rig.sockets(node.inputs)]
    outputs = [(at, describe(rig, one)) for at, one in rig.sockets(node.outputs)]
    of_inputs, of_outputs = Trial(rig, [node]).run()
    for _, entry in inputs:
        entry |= of_inputs.get((node.name, entry["identifier"]), {})
    for _, entry in outputs:
        for fact, value in of_outputs.get((node.name, entry["identifier"]), {}).items():
            entry[fact] = True if value is True else [identifier for _, identifier in value]
    return inputs, outputs


def without_errors(rig, node, values, inputs, outputs, known):
    """Take grids from the inputs with which the node cannot be evaluated, though Blender calls the link valid.

    `known` are the answers for the same sockets with other values.
    """
    grids = {
        entry["identifier"]: entry for _, entry in inputs if "supports_grid" in entry and "requires_grid" not in entry
    }
    if not grids or hasattr(node, "pair_with_output"):
        return
    same = json.dumps([inputs, outputs])
    if same not in known:
        known[same] = refused_grids(rig, node, values, grids)
    for name in known[same]:
        del grids[name]["supports_grid"]


class Union:
    """All sockets of one side over all variants, in Blender's order."""

    def __init__(self):
        self.entries = {}

    def add(self, observed):
        """Keys of one variant's sockets."""
        keys = []
        for at, entry in observed:
            key = json.dumps(entry, sort_keys=True)
            self.entries.setdefault(key, (at, len(self.entries), entry))
            keys.append(key)
        return keys

    def listed(self):
        """(the entries, {key: index})"""
        order = sorted(self.entries, key=lambda key: self.entries[key][:2])
        return [self.entries[key][2] for key in order], {key: index for index, key in enumerate(order)}


def variants(rig, node, owner, properties):
    """{"inputs", "outputs", "variants"} of a node type; the owner of the properties is it or the end of its zone."""
    options = deciders(rig, node, owner, properties)
    inputs, outputs, tuples, known = Union(), Union(), {}, {}
    for values in itertools.product(*options.values()):
        if not arrange(owner, dict(zip(options, values, strict=True))):
            continue
        seen_inputs, seen_outputs = observe(rig, node)
        if owner is node:
            without_errors(rig, node, dict(zip(options, values, strict=True)), seen_inputs, seen_outputs, known)
        tuples[values] = inputs.add(seen_inputs), outputs.add(seen_outputs)
    input_entries, input_index = inputs.listed()
    output_entries, output_index = outputs.listed()
    found = {"inputs": input_entries, "outputs": output_entries}
    sets = {}
    for values, (input_keys, output_keys) in tuples.items():
        which = tuple(input_index[key] for key in input_keys), tuple(output_index[key] for key in output_keys)
        sets.setdefault(which, []).append(list(values))
    if options:
        found["variants"] = {
            **({"of": "partner"} if owner is not node else {}),
            "by": list(options),
            "sets": [{"when": when, "inputs": list(ins), "outputs": list(outs)} for (ins, outs), when in sets.items()],
        }
    return found
