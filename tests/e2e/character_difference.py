"""Compares the characters that Blender holds with those of the daemon."""

from harness import is_close


def characters_difference(shown, known):
    """Describes the first difference between the characters in Blender and those of the daemon; empty if there is none.

    `shown`: what Blender's driver has read; `known`: the entities of the daemon.
    """
    for uuid, parts in shown.items():
        if uuid not in known:
            return f"{uuid} is in Blender alone"
        components = known[uuid]["components"]
        wanted = {
            "skin": components.get("skin", {}).get("armature"),
            "groups": components.get("weights", {}).get("groups", []),
            "keys": [key["name"] for key in components.get("shapes", {}).get("keys", [])],
            "action": components.get("animation", {}).get("action"),
        }
        wanted = {name: value for name, value in wanted.items() if name in parts and value != parts[name]}
        if wanted:
            return f"{uuid}: {wanted} is not {parts}"
        weights = components.get("shape_values", {"values": {}})["values"]
        for name, value in parts.get("weights", {}).items():
            if not is_close(value, weights.get(name, 0.0)):
                return f"{uuid}: {name} is {value}, not {weights}"
        joints = components.get("armature", {"joints": {}})["joints"]
        if "joints" in parts:
            wanted = {
                joint: {name: each[name] for name in ("name", "parent", "deform")} for joint, each in joints.items()
            }
            if wanted != parts["joints"]:
                return f"{uuid}: {wanted} is not {parts['joints']}"
        if parts.get("pose") is not None and (found := pose_difference(uuid, parts["pose"], known)):
            return found
    return ""


def pose_difference(uuid, shown, known):
    """Describes the first difference between the bones of an object and its pose at the daemon; empty if none."""
    components = known[uuid]["components"]
    armature = known[components["data"]["uuid"]]["components"]["armature"]["joints"]
    posed = {
        joint: each for joint, each in components.get("pose", {"joints": {}})["joints"].items() if joint in armature
    }
    for joint in shown.keys() | posed.keys():
        rest = {**armature[joint]["rest"], "scale": [1, 1, 1]}
        mine, wanted = shown.get(joint, rest), posed.get(joint, rest)
        near = [
            all(abs(a - b) <= 1e-4 * max(1, abs(a)) for a, b in zip(mine[name], wanted[name], strict=True))
            for name in ("translation", "scale")
        ]
        turn = abs(sum(a * b for a, b in zip(mine["rotation"], wanted["rotation"], strict=True)))
        if not all(near) or turn < 1 - 1e-4:
            return f"{uuid}: joint {joint} is at {mine}, not {wanted}"
    return ""
