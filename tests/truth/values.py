"""Random values for inputs and properties. They are small: some are counts, and some counts multiply."""

import struct

MAX_INT = 3


def clamp(value, facts):
    """Returns the value within the limits of its socket or property."""
    value = max(value, facts.get("min", value))
    return min(value, facts.get("max", value))


def random_number(random, default, facts):
    """Returns a number of the default's type."""
    if isinstance(default, bool):
        return random.random() < 0.5
    if isinstance(default, int):
        return clamp(random.randint(0, MAX_INT), facts)
    return clamp(struct.unpack("f", struct.pack("f", random.uniform(-2, 2)))[0], facts)


def of_input(random, facts):
    """Returns a value for an input, or None if it has no value."""
    default = facts.get("default")
    if "menu" in facts:
        return random.choice(facts["menu"])
    if isinstance(default, str):
        return random.choice(["", "a", "Text"])
    if isinstance(default, list):
        return [random_number(random, one, facts) for one in default]
    return None if default is None else random_number(random, default, facts)


def of_property(random, entry):
    """Returns a value for a property, or None if a graph cannot set it."""
    kind, default = entry["type"], entry.get("default")
    if kind == "ENUM":
        return random.choice(entry["items"])
    if kind == "ENUM_FLAG":
        return sorted(random.sample(entry["items"], random.randint(1, len(entry["items"]))))
    if kind == "STRING":
        return random.choice(["", "a", "Text"])
    if kind == "POINTER":
        return None
    if isinstance(default, list):
        return [random_number(random, one, entry) for one in default]
    return random_number(random, default, entry)
