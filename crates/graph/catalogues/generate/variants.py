# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the sockets of a node for each combination of values of its deciding properties."""

import contextlib
import itertools
import json

from evaluation import refused_grids
from fields import FieldProbe
from values import choices, limits, to_json

MAX_COMBINATIONS = 20000  # for more combinations, properties are tried in pairs


def values_of(entry):
    """Returns the values of a property that can decide, default first; None for other types of properties."""
    if entry["type"] not in ("ENUM", "BOOLEAN"):
        return None
    values = entry["items"] if entry["type"] == "ENUM" else [False, True]
    return sorted(values, key=lambda value: value != entry["default"])


def set_in_order(node, combination):
    """Sets these values one after another; returns False if Blender refuses one or stores another."""
    for name, value in combination.items():
        try:
            setattr(node, name, value)
        except TypeError:
            return False
    return has_values(node, combination)


def has_values(node, combination):
    return all(getattr(node, name) == value for name, value in combination.items())


def set_values(node, combination):
    """Sets these values in any order: Blender can accept a value only after others. Returns whether it succeeded."""
    for _ in combination:
        for name, value in combination.items():
            with contextlib.suppress(TypeError):
                setattr(node, name, value)
        if has_values(node, combination):
            return True
    return not combination


def socket_signature(probe, node):
    """Returns a value that identifies the available sockets of a node."""
    return tuple(
        tuple((at, one.identifier, one.name, probe.idname(one), one.is_multi_input) for at, one in probe.sockets(side))
        for side in (node.inputs, node.outputs)
    )


def deciding_properties(seen, names):
    """Returns the properties that decide: changing only this one changes the sockets, or is refused."""
    found = []
    for at, name in enumerate(names):
        groups = {}
        for values, sockets in seen.items():
            groups.setdefault(values[:at] + values[at + 1 :], set()).add(sockets)
        if any(len(group) > 1 for group in groups.values()):
            found.append(name)
    return found


def survey(probe, node, owner, options):
    """Returns {values: sockets} for all combinations of the options; None as sockets for a refused combination."""
    seen = {}
    for values in itertools.product(*options.values()):
        fits = set_values(owner, dict(zip(options, values, strict=True)))
        seen[values] = socket_signature(probe, node) if fits else None
    return seen


def accepted_values(seen, options):
    """Returns {property: values that Blender accepted in any combination}, in the order of the options."""
    found = {name: set() for name in options}
    for values, sockets in seen.items():
        if sockets is not None:
            for name, value in zip(options, values, strict=True):
                found[name].add(value)
    return {name: [value for value in values if value in found[name]] for name, values in options.items()}


def surveys(probe, node, owner, options):
    """Surveys all combinations of properties, or those of each two properties if there are too many."""
    count = 1
    for values in options.values():
        count *= len(values)
    if count <= MAX_COMBINATIONS:
        return [(survey(probe, node, owner, options), options)]
    first = {name: values[0] for name, values in options.items()}
    found = []
    for names in itertools.combinations(options, 2):
        set_values(owner, first)
        pair = {name: options[name] for name in names}
        found.append((survey(probe, node, owner, pair), pair))
    return found


def find_deciding(probe, node, owner, properties):
    """Returns {property of the owner: values} of the deciding properties, in the order in which they must be set.

    Removes items that Blender refuses from the properties.
    """
    options = {entry["identifier"]: values_of(entry) for entry in properties if values_of(entry)}
    found, values = set(), {}
    for seen, surveyed in surveys(probe, node, owner, options):
        found |= set(deciding_properties(seen, list(surveyed)))
        for name, some in accepted_values(seen, surveyed).items():
            values[name] = [value for value in options[name] if value in some or value in values.get(name, ())]
    for entry in properties:
        if entry["type"] == "ENUM":
            entry["items"] = [item for item in entry["items"] if item in values[entry["identifier"]]]
    first = {name: some[0] for name, some in values.items()}
    set_values(owner, first)
    return find_order(owner, first, {name: some for name, some in values.items() if name in found})


def find_order(owner, first, options):
    """Returns the options in an order that gives a new node all possible combinations, setting each value once."""
    combinations = [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]
    possible = [one for one in combinations if set_values(owner, one)]
    for names in itertools.permutations(options):
        for one in possible:
            set_values(owner, first)
            if not set_in_order(owner, {name: one[name] for name in names}):
                break
        else:
            set_values(owner, first)
            return {name: options[name] for name in names}
    raise AssertionError(f"{owner.bl_idname}: no order of {list(options)} allows all combinations")


# The outputs of these types hold the value of the node; the values of other outputs have no effect.
VALUE_AT_OUTPUT = ("ShaderNodeValue", "ShaderNodeRGB")


def describe_socket(probe, socket):
    """Describes a socket for the catalogue, without facts about fields."""
    entry = {"name": socket.name, "identifier": socket.identifier, "idname": probe.idname(socket)}
    if socket.is_output and socket.node.bl_idname not in VALUE_AT_OUTPUT:
        return entry
    if socket.is_multi_input:
        entry["multi_input"] = True
    if probe.idname(socket) == "NodeSocketMenu":
        menu = choices(socket, "default_value")
        if not menu:  # its items come from the items of the node, or from links
            return entry
        entry["menu"] = menu
    default = to_json(getattr(socket, "default_value", None))
    if default is not None:
        entry["default"] = default
        entry |= limits(socket, "default_value")
    return entry


def describe_sockets(probe, node):
    """Returns (inputs, outputs) for the catalogue, each with its index among the node's sockets."""
    inputs = [(at, describe_socket(probe, one)) for at, one in probe.sockets(node.inputs)]
    outputs = [(at, describe_socket(probe, one)) for at, one in probe.sockets(node.outputs)]
    of_inputs, of_outputs = FieldProbe(probe, [node]).run()
    for _, entry in inputs:
        entry |= of_inputs.get((node.name, entry["identifier"]), {})
    for _, entry in outputs:
        for fact, value in of_outputs.get((node.name, entry["identifier"]), {}).items():
            entry[fact] = True if value is True else [identifier for _, identifier in value]
    return inputs, outputs


def remove_refused_grids(probe, node, values, inputs, outputs, known):
    """Removes `supports_grid` from inputs with which the node fails, although Blender calls the link valid.

    `known` holds the results for the same sockets with other values.
    """
    grids = {
        entry["identifier"]: entry for _, entry in inputs if "supports_grid" in entry and "requires_grid" not in entry
    }
    if not grids or hasattr(node, "pair_with_output"):
        return
    same = json.dumps([inputs, outputs])
    if same not in known:
        known[same] = refused_grids(probe, node, values, grids)
    for name in known[same]:
        del grids[name]["supports_grid"]


class SocketUnion:
    """The sockets of one side in all variants, in Blender's order."""

    def __init__(self):
        self.entries = {}

    def add(self, observed):
        """Adds the sockets of a variant; returns their keys."""
        keys = []
        for at, entry in observed:
            key = json.dumps(entry, sort_keys=True)
            self.entries.setdefault(key, (at, len(self.entries), entry))
            keys.append(key)
        return keys

    def sorted_entries(self):
        """Returns (the entries, {key: index})."""
        order = sorted(self.entries, key=lambda key: self.entries[key][:2])
        return [self.entries[key][2] for key in order], {key: index for index, key in enumerate(order)}


def describe_variants(probe, node, owner, properties):
    """Returns {"inputs", "outputs", "variants"} of a node type. `owner` has the properties: the node or its partner."""
    options = find_deciding(probe, node, owner, properties)
    inputs, outputs, tuples, known = SocketUnion(), SocketUnion(), {}, {}
    for values in itertools.product(*options.values()):
        if not set_values(owner, dict(zip(options, values, strict=True))):
            continue
        seen_inputs, seen_outputs = describe_sockets(probe, node)
        if owner is node:
            remove_refused_grids(probe, node, dict(zip(options, values, strict=True)), seen_inputs, seen_outputs, known)
        tuples[values] = inputs.add(seen_inputs), outputs.add(seen_outputs)
    input_entries, input_index = inputs.sorted_entries()
    output_entries, output_index = outputs.sorted_entries()
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
