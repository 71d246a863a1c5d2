"""Random values for inputs and properties: small, because some are counts, and some of these multiply."""

import struct

SMALL = 3


def clamp(value, facts):
    """The value within the limits of its socket or property."""
    value = max(value, facts.get("min", value))
    return min(value, facts.get("max", value))


def number(random, default, facts):
    """A number of the default's type."""
    if isinstance(default, bool):
        return random.random() < 0.5
    if isinstance(default, int):
        return clamp(random.randint(0, SMALL), facts)
    return clamp(struct.unpack("f", struct.pack("f", random.uniform(-2, 2)))[0], facts)


def of_input(random, facts):
    """A default value for an input, or None where there is nothing to set."""
    default = facts.get("default")
    if "menu" in facts:
        return random.choice(facts["menu"])
    if isinstance(default, str):
        return random.choice(["", "a", "Text"])
    if isinstance(default, list):
        return [number(random, one, facts) for one in default]
    return None if default is None else number(random, default, facts)


def of_property(random, entry):
    """A value for a property, or None where a graph cannot set it."""
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
        return [number(random, one, entry) for one in default]
    return number(random, default, entry)
