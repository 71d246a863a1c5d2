# SPDX-License-Identifier: GPL-3.0-or-later
"""The inputs of a geometry-nodes modifier: one object's values for the group's sockets, by the sockets' names."""

from __future__ import annotations

import bpy

from ..core.graph.numbers import same
from ..core.sync_error import SyncError
from . import interface, values

Customized = dict[tuple[str, str], dict[str, object]]  # by name and type of the socket; parts by Blender's suffixes
_PARTS = ("", "_use_attribute", "_attribute_name")


class Inputs:
    """The inputs of one modifier. Blender names them by the identifiers of the group's sockets."""

    def __init__(self, modifier: bpy.types.NodesModifier) -> None:
        self._modifier = modifier

    def names(self) -> list[str]:
        """Returns the names of all inputs."""
        return [item.name for item in self._sockets()]

    def read(self, name: str) -> object:
        """Returns the value of one input; a menu item as Blender's number."""
        return self._read_value(self._socket(name).identifier)

    def write(self, name: str, value: object, location: str = "") -> None:
        """Sets one input. Raises SyncError if it does not exist or has another type."""
        item = self._socket(name)
        if item.socket_type == "NodeSocketMenu":  # stored as a number whose meaning Blender hides
            raise SyncError("VS-4005", "a menu's choice is set at the group's input, as its default", location or name)
        rna = item.bl_rna.properties["default_value"]
        self._set(item.identifier, values.convert(rna, value, item.default_value, location or name))
        self._modifier.id_data.update_tag()

    def dump(self) -> dict[str, object]:
        """Returns all values of the modifier for its group, by Blender's keys, for `restore`."""
        if self._is_new():
            found = {}
            for item in self._sockets():
                holder = getattr(self._modifier.properties.inputs, item.identifier)
                for rna in holder.bl_rna.properties:
                    if not rna.is_readonly:
                        found[f"{item.identifier}.{rna.identifier}"] = getattr(holder, rna.identifier)
            return found
        return {key: _copied(self._modifier[key]) for key in self._modifier.keys()}  # noqa: SIM118 (no mapping)

    def restore(self, saved: dict[str, object]) -> None:
        """Restores exactly the values from `dump`, for the same group."""
        if self._is_new():
            for key, value in saved.items():
                identifier, _, name = key.partition(".")
                setattr(getattr(self._modifier.properties.inputs, identifier), name, value)
            return
        for key in set(self._modifier.keys()) - saved.keys():
            del self._modifier[key]
        for key, value in saved.items():
            self._modifier[key] = value

    def customized(self) -> Customized:
        """Returns all values that a person changed from the group's defaults."""
        found = {}
        for item in self._sockets():
            if item.socket_type == "NodeSocketMenu":  # a number with another meaning in another group
                continue
            parts = self._parts(item.identifier)
            touched = any(parts[part] for part in _PARTS[1:] if part in parts)
            if touched or not same(_listed(parts[""]), _listed(_copied(item.default_value))):
                found[(item.name, item.socket_type)] = parts
        return found

    def apply_matching(self, customized: Customized) -> None:
        """Sets sockets with the same name and type to values of `customized`, unless a value is out of bounds."""
        for item in self._sockets():
            parts = customized.get((item.name, item.socket_type))
            if parts and _fits(item, parts[""]):
                for part, value in parts.items():
                    self._set(item.identifier, value, part)

    def _is_new(self) -> bool:
        """Returns whether inputs are properties (from 5.2 on) instead of custom properties of the modifier."""
        return hasattr(self._modifier, "properties")

    def _sockets(self) -> list[bpy.types.NodeTreeInterfaceSocket]:
        group = self._modifier.node_group
        there = interface.entries(group, "inputs") if group else []
        return [item for item in there if hasattr(item, "default_value")]

    def _socket(self, name: str) -> bpy.types.NodeTreeInterfaceSocket:
        for item in self._sockets():
            if item.name == name:
                return item
        there = ", ".join(self.names()) or "none"
        raise SyncError("VS-4005", f"{self._modifier.name} has no input {name!r}; there are {there}", name)

    def _parts(self, identifier: str) -> dict[str, object]:
        if self._is_new():
            return {"": self._read_value(identifier)}
        there = self._modifier
        return {part: _copied(there[identifier + part]) for part in _PARTS if identifier + part in there}

    def _read_value(self, identifier: str) -> object:
        if self._is_new():
            return _copied(getattr(self._modifier.properties.inputs, identifier).value)
        return _copied(self._modifier[identifier])

    def _set(self, identifier: str, value: object, part: str = "") -> None:
        if self._is_new():
            getattr(self._modifier.properties.inputs, identifier).value = value
        else:
            self._modifier[identifier + part] = value


def assign_group(modifier: bpy.types.NodesModifier, group: bpy.types.NodeTree | None, customized: Customized) -> None:
    """Assigns another group to a modifier and keeps a person's values for inputs that exist there too."""
    modifier.node_group = None  # else Blender hands the values to sockets with equal identifiers
    modifier.node_group = group
    Inputs(modifier).apply_matching(customized)


def _fits(item: bpy.types.NodeTreeInterfaceSocket, value: object) -> bool:
    parts = value if isinstance(value, list) else [value]
    return not hasattr(item, "min_value") or all(item.min_value <= part <= item.max_value for part in parts)


def _copied(value: object) -> object:
    """Returns a copy, because Blender's arrays follow their source."""
    return list(value) if hasattr(value, "__len__") and not isinstance(value, (str, bytes)) else value


def _listed(value: object) -> object:
    return value.name if isinstance(value, bpy.types.ID) else value
