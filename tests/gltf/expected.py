"""Computes what a reader must find in a file from the plain form of its scene: no code of the export."""

import math


def objects(scene):
    """Returns the components of each object by uuid."""
    return {uuid: entity["components"] for uuid, entity in scene.items() if entity["kind"] == "object"}


def data(scene, shown, component):
    """Returns a component of the data that an object shows; None if there is none."""
    entity = scene.get(shown["data"]["uuid"])
    return entity["components"].get(component) if entity else None


def materials(scene, shown):
    """Returns the components of the material of each submesh; None for none."""
    entity = scene[shown["data"]["uuid"]]["components"]
    slots, own = entity.get("slots", {"materials": []})["materials"], shown.get("materials", {"own": {}})["own"]
    found = []
    for submesh in entity["mesh"]["submeshes"]:
        slot = submesh["slot"]
        below = slots[slot] if slot < len(slots) else None
        uuid = own.get(str(slot), below)
        found.append(scene[uuid]["components"] if uuid else None)
    return found


def vertices(mesh, submesh):
    """Returns the number of vertices that differ in a submesh: in position or in any attribute."""
    parts = [values for name, values in mesh.items() if name != "submeshes"]
    corners = range(submesh["start"], submesh["start"] + submesh["count"])
    return len({tuple(tuple(values[corner]) for values in parts) for corner in corners})


def world(scene, uuid):
    """Returns the rows of the matrix of an object in the world."""
    matrix = identity()
    while uuid is not None:
        components = scene[uuid]["components"]
        matrix = times(local(components["transform"]), matrix)
        uuid = components["parent"]["uuid"]
    return matrix


def is_close(a, b, epsilon=1e-5):
    """Whether numbers, or lists of them, are equal within an epsilon for each unit of their size."""
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(is_close(x, y, epsilon) for x, y in zip(a, b, strict=True))
    return abs(a - b) <= epsilon * max(1.0, abs(a), abs(b))


def view(camera):
    """Returns the halved sizes of the view at a distance of 1, or of an orthographic view."""
    aspect, (wide, high) = camera["aspect"], camera["sensor"]
    fit = camera["fit"]
    if fit == "auto":
        fit, high = ("horizontal", high) if aspect >= 1 else ("vertical", wide)
    if fit in ("fill", "overscan"):
        is_narrow = wide / high < aspect
        fit = "horizontal" if camera["projection"] == "orthographic" or is_narrow == (fit == "fill") else "vertical"
    half = camera["size"] / 2 if camera["projection"] == "orthographic" else None
    across = (half or wide / (2 * camera["focal"])) if fit == "horizontal" else None
    up = (half or high / (2 * camera["focal"])) if fit == "vertical" else across / aspect
    return (across if across is not None else up * aspect), up


def local(transform):
    """Returns the rows of the matrix of a transform."""
    (x, y, z, w), scale = transform["rotation"], transform["scale"]
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    scaled = [[value * factor for value, factor in zip(row, scale, strict=True)] for row in rows]
    moved = [[*row, shift] for row, shift in zip(scaled, transform["translation"], strict=True)]
    return [*moved, [0.0, 0.0, 0.0, 1.0]]


def times(a, b):
    """Returns the product of two matrices."""
    columns = list(zip(*b, strict=True))
    return [[math.fsum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def identity():
    """Returns the matrix that moves nothing."""
    return [[float(row == column) for column in range(4)] for row in range(4)]
