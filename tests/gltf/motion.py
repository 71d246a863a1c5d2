"""Computes where the corners of meshes are at a frame, from the plain form of a scene: no code of the export."""

import math

from expected import identity, local, objects, times

STEPS = 60


def corners(scene, frame):
    """Returns the corners in the world at a frame of each object that shows a mesh, as lists by the uuid of the mesh."""
    found = {}
    for uuid, shown in objects(scene).items():
        if is_in_scene(scene, shown):
            mesh = data(scene, shown)
            armature = (shown.get("skin") or {}).get("armature")
            if mesh and armature:
                places = deformed(scene, (uuid, armature), (mesh, blended(scene, mesh, frame)), frame)
                found.setdefault(shown["data"]["uuid"], []).append(places)
            elif mesh:
                add(scene, shown, world(scene, uuid, frame), (frame, found))
            add_instance(scene, shown, world(scene, uuid, frame), (frame, found))
    return found


def add(scene, shown, matrix, to):
    """Adds the corners of an object that has this matrix in the world, if it has a mesh. `to` is a frame, and where to."""
    frame, found = to
    mesh = data(scene, shown)
    if mesh:
        places = [apply(matrix, position) for position in blended(scene, mesh, frame)]
        found.setdefault(shown["data"]["uuid"], []).append(places)


def add_instance(scene, shown, matrix, to):
    """Adds what an object shows as an instance of a collection. Actions do not move the objects in it."""
    of = (shown.get("instance") or {}).get("of")
    if of:
        offset = [-number for number in scene[of]["components"]["collection"]["offset"]]
        shift = local({"translation": offset, "rotation": [0.0, 0.0, 0.0, 1.0], "scale": [1.0] * 3})
        for uuid, member in objects(scene).items():
            if of in (member.get("collections") or {"in": []})["in"]:
                place = times(times(matrix, shift), world_at_rest(scene, uuid))
                add(scene, member, place, to)
                add_instance(scene, member, place, to)


def is_in_scene(scene, shown):
    """Whether an object is in the scene, or in a collection that is. The collections here are in no other ones."""
    collections = shown.get("collections") or {"in": [], "root": True}
    return collections["root"] or any(scene[it]["components"]["collection"]["root"] for it in collections["in"])


def data(scene, shown):
    """Returns the components of the mesh that an object shows; none if it shows another thing, or nothing."""
    components = scene.get(shown["data"]["uuid"], {"components": {}})["components"]
    return components if "mesh" in components else None


def channels(scene, components):
    """Returns the channels of the action that an entity plays, and its first frame."""
    played = components.get("animation") or {}
    if not played.get("action"):
        return []
    action = scene[played["action"]]["components"]["action"]
    return [{**channel, "first": math.floor(action["range"][0])} for channel in action["channels"]]


def blended(scene, mesh, frame):
    """Returns the corners of a mesh with its shape keys at their weights."""
    moving = {channel["key"]: channel for channel in channels(scene, mesh)}
    values = (mesh.get("shape_values") or {"values": {}})["values"]
    positions = mesh["mesh"]["corners"]
    for key in mesh.get("shapes", []):
        weight = values.get(key["name"], 0.0)
        if key["name"] in moving:
            weight = value(moving[key["name"]], frame)
        moved = zip(positions, key["deltas"], strict=True)
        positions = [[a + weight * b for a, b in zip(position, delta, strict=True)] for position, delta in moved]
    return positions


def world(scene, uuid, frame):
    """Returns the rows of the matrix of an object in the world at a frame."""
    matrix = identity()
    while uuid is not None:
        components = scene[uuid]["components"]
        own = [channel for channel in channels(scene, components) if "joint" not in channel]
        matrix = times(local(placed(components["transform"], own, frame)), matrix)
        uuid = components["parent"]["uuid"]
    return matrix


def placed(transform, moving, frame):
    """Returns a transform with the values that channels give it at a frame."""
    transform = {name: list(numbers) for name, numbers in transform.items()}
    euler = to_euler(transform["rotation"])
    for channel in moving:
        numbers = euler if channel["path"] == "euler" else transform[channel["path"]]
        numbers[channel["component"]] = value(channel, frame)
    if any(channel["path"] == "euler" for channel in moving):
        transform["rotation"] = from_euler(euler)
    length = math.hypot(*transform["rotation"])
    transform["rotation"] = [number / length for number in transform["rotation"]]
    return transform


def deformed(scene, uuids, shown, frame):
    """Returns the corners of a mesh in the world, moved by the joints of an armature: `uuids` has the objects of both. The mesh
    is bound where both are at rest, with the transforms that they have without an action."""
    (uuid, armature), (mesh, positions) = uuids, shown
    rig = scene[armature]["components"]
    joints = scene[rig["data"]["uuid"]]["components"]["armature"]["joints"]
    bind = times(inverse(world_at_rest(scene, armature)), world_at_rest(scene, uuid))
    above = world(scene, armature, frame)
    by_name = {joint["name"]: number for number, joint in joints.items() if joint["deform"]}
    matrices = {
        name: times(above, times(joint_matrix(scene, rig, joints, number, frame), times(inverse(rest_matrix(joints, number)), bind)))
        for name, number in by_name.items()
    }
    still = times(above, bind)
    found = []
    for position, memberships in zip(positions, mesh["weights"], strict=True):
        weights = [(matrices[group], weight) for group, weight in memberships if group in matrices and weight > 1e-4]
        weights = weights or [(still, 1.0)]
        total = sum(weight for _, weight in weights)
        places = [(apply(matrix, position), weight / total) for matrix, weight in weights]
        found.append([sum(place[axis] * weight for place, weight in places) for axis in range(3)])
    return found


def world_at_rest(scene, uuid):
    matrix = identity()
    while uuid is not None:
        components = scene[uuid]["components"]
        matrix = times(local(components["transform"]), matrix)
        uuid = components["parent"]["uuid"]
    return matrix


def joint_matrix(scene, rig, joints, number, frame):
    matrix = identity()
    moving = channels(scene, rig)
    while number is not None:
        place = {"scale": [1.0] * 3, **joints[number]["rest"]}
        place = (rig.get("pose") or {"joints": {}})["joints"].get(number, place)
        own = [channel for channel in moving if channel.get("joint") == number]
        matrix = times(local(placed(place, own, frame)), matrix)
        number = joints[number]["parent"]
    return matrix


def rest_matrix(joints, number):
    matrix = identity()
    while number is not None:
        matrix = times(local({"scale": [1.0] * 3, **joints[number]["rest"]}), matrix)
        number = joints[number]["parent"]
    return matrix


def value(channel, frame):
    """Returns the value of a curve at a frame."""
    curve = channel["curve"]
    if channel["locked"]:
        return curve[max(0, min(len(curve) - 1, round(frame) - channel["first"]))][0]
    if frame <= curve[0][0] or frame >= curve[-1][0]:
        return curve[0][1] if frame <= curve[0][0] else curve[-1][1]
    at = max(index for index, key in enumerate(curve) if key[0] <= frame)
    (x0, y0, _, _, x1, y1, form), (x3, y3, x2, y2, *_) = curve[at], curve[at + 1]
    if form == 0:
        return y0
    if form == 1:
        return y0 + (y3 - y0) * (frame - x0) / (x3 - x0)
    x1, y1 = shortened((x0, y0), (x1, y1), x3 - x0)
    x2, y2 = shortened((x3, y3), (x2, y2), x3 - x0)
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        part = (low + high) / 2
        low, high = (part, high) if bezier(x0, x1, x2, x3, part) < frame else (low, part)
    return bezier(y0, y1, y2, y3, low)


def shortened(key, handle, length):
    reach = abs(handle[0] - key[0])
    factor = length / reach if reach > length else 1.0
    return [a + factor * (b - a) for a, b in zip(key, handle, strict=True)]


def bezier(a, b, c, d, part):
    rest = 1 - part
    return a * rest**3 + 3 * b * rest**2 * part + 3 * c * rest * part**2 + d * part**3


def from_euler(angles):
    """Returns the quaternion of a turn about Z, then about X, then about Y."""
    x, y, z = ([0.0] * axis + [math.sin(a / 2)] + [0.0] * (2 - axis) + [math.cos(a / 2)] for axis, a in enumerate(angles))
    return product(product(y, x), z)


def product(a, b):
    (ax, ay, az, aw), (bx, by, bz, bw) = a, b
    return [
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    ]


def to_euler(rotation):
    rows = local({"translation": [0.0] * 3, "rotation": rotation, "scale": [1.0] * 3})
    about_x = math.asin(max(-1.0, min(1.0, -rows[1][2])))
    return [about_x, math.atan2(rows[0][2], rows[2][2]), math.atan2(rows[1][0], rows[1][1])]


def apply(matrix, point):
    return [sum(a * b for a, b in zip(row, [*point, 1.0], strict=True)) for row in matrix[:3]]


def inverse(matrix):
    """Returns the inverse of a matrix whose last row is 0, 0, 0, 1."""
    (a, b, c, u), (d, e, f, v), (g, h, i, w), _ = matrix
    rows = [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]
    determinant = a * rows[0][0] + b * rows[1][0] + c * rows[2][0]
    rows = [[number / determinant for number in row] for row in rows]
    return [[*row, -(row[0] * u + row[1] * v + row[2] * w)] for row in rows] + [[0.0, 0.0, 0.0, 1.0]]
