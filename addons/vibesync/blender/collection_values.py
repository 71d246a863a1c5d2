# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and writes the component `collection`, and the links of collections and objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

import bpy

from ..core import collection as rules
from ..core.equality import all_close
from ..core.space import point_to_blender, point_to_canonical
from .collection_links import Links
from .data_kinds import is_local
from .datablock_index import session_uids
from .scenes import synced_scene

Resolve = Callable[[str], bpy.types.Collection]


def create(name: str) -> bpy.types.Collection:
    """Creates a collection that is nowhere yet; `write` puts it where it belongs."""
    return bpy.data.collections.new(name)


def read(collection: bpy.types.Collection, links: Links, unit: float) -> dict:
    """Returns the component."""
    return {
        **links.of_collection(collection.session_uid),
        "offset": list(point_to_canonical(collection.instance_offset, unit)),
        "color": rules.NAMES[collection.color_tag],
        "hidden": collection.hide_viewport,
    }


def write(
    collection: bpy.types.Collection, component: dict, before: dict, resolve: Resolve, unit: float, saved: list[dict]
) -> bool:
    """Writes the component. `before` is what was there; `saved` gets what is needed to restore it.

    Returns False if other collections must be moved first, because there would be a circle.
    """
    saved.append(save(collection))
    if collection.hide_viewport != component["hidden"]:
        collection.hide_viewport = component["hidden"]
    if before["color"] != component["color"]:
        collection.color_tag = rules.COLORS[component["color"]]
    if not all_close(before["offset"], component["offset"]):
        collection.instance_offset = point_to_blender(component["offset"], unit)
    wanted = around(component["parents"], component["root"], resolve)
    present = around(before["parents"], before["root"], resolve)
    return wanted == present or _move(collection, present, wanted)


def around(uuids: Iterable[str], is_in_root: bool, resolve: Resolve) -> list[bpy.types.Collection]:
    """Returns the collections with these uuids, and the root of the scene if it is one of them."""
    root = [synced_scene().collection] if is_in_root else []
    return [*root, *map(resolve, uuids)]


def move_object(
    item: bpy.types.Object, present: list[bpy.types.Collection], wanted: list[bpy.types.Collection]
) -> bool:
    """Links an object to other collections. It is always in one, so it keeps its state in the view layer.

    Returns False if it cannot be in one of them, because there would be a circle. It is then where it was as well.
    """
    for collection in wanted:
        if collection not in present:
            _try(collection.objects.link, item)
    if any(collection.objects.get(item.name) != item for collection in wanted):
        return False
    for collection in present:
        if collection not in wanted:
            _try(collection.objects.unlink, item)
    return True


def restore_object(item: bpy.types.Object, wanted: list[bpy.types.Collection]) -> None:
    """Puts an object back into collections, whatever it is in now: one that held it may be gone."""
    move_object(item, [each for each in _all() if item.name in each.objects], wanted)


def save(collection: bpy.types.Collection) -> dict:
    """Returns what `restore` brings back. Collections are named by session_uid."""
    around = [each.session_uid for each in _all() if collection.name in each.children]
    offset = tuple(collection.instance_offset)
    hide = collection.hide_viewport, collection.hide_render
    return {"hide": hide, "color": collection.color_tag, "offset": offset, "around": around}


def restore(collection: bpy.types.Collection, saved: dict) -> None:
    """Brings back what `save` returned, as far as other collections are not in the way yet."""
    collection.hide_viewport, collection.hide_render = saved["hide"]
    collection.color_tag = saved["color"]
    collection.instance_offset = saved["offset"]
    present = [each for each in _all() if collection.name in each.children]
    wanted = [each for each in _all() if each.session_uid in saved["around"]]
    if wanted != present:
        _move(collection, present, wanted)


def release(gone: list[bpy.types.Collection]) -> None:
    """Links to the root of the scene what only these collections hold, because they are about to be removed."""
    root, numbers = synced_scene().collection, {each.session_uid for each in gone}
    for kind in ("children", "objects"):  # a collection that stays holds its objects
        tree = [each for each in (root, *root.children_recursive) if each.session_uid not in numbers]
        held = {number for each in tree for number in session_uids(getattr(each, kind))}
        for collection in gone:
            for item in getattr(collection, kind):
                if item.session_uid not in held and item.session_uid not in numbers:
                    _try(getattr(root, kind).link, item)


def _move(
    collection: bpy.types.Collection, present: list[bpy.types.Collection], wanted: list[bpy.types.Collection]
) -> bool:
    """Changes what a collection is in. New links come first: Blender then keeps its state in each view layer.

    Returns False if it cannot be where it should.
    """
    for each in wanted:
        if each not in present:
            _try(each.children.link, collection)
    for each in present:
        if each not in wanted:
            _try(each.children.unlink, collection)
    return all(each.children.get(collection.name) == collection for each in wanted)


def _all() -> list[bpy.types.Collection]:
    return [synced_scene().collection, *filter(is_local, bpy.data.collections)]


def _try(change: Callable[[bpy.types.ID], None], datablock: bpy.types.ID) -> None:
    """Changes a link. Blender raises RuntimeError if it is as wanted already, or would be a circle."""
    with suppress(RuntimeError):
        change(datablock)
