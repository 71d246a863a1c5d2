# SPDX-License-Identifier: GPL-3.0-or-later
"""Still values: what animated fields of an entity had when they were synchronized last.

They stand for the values of the moment, so that playing the timeline is no edit.
"""

from __future__ import annotations

from collections.abc import Iterable

from .sync_error import SyncError

Fields = dict[str, dict]  # values of fields, by component

UNLOCKABLE = ("render_visibility", "shape_values")  # components whose fields have no locks


def check(value: dict, location: str) -> None:
    """Checks stored still values. Raises SyncError if they are none."""
    if not all(isinstance(fields, dict) for fields in value.values()):
        raise SyncError("VS-1006", "no values of fields", location)


def hold(components: dict[str, dict], animated: Iterable[tuple[str, str]], kept: Fields) -> tuple[dict, Fields]:
    """Returns the components with the kept values of animated fields, and the values to keep.

    A field that was not animated before keeps its present value.
    """
    held, still = dict(components), {}
    for component, field in sorted(animated):
        values = _values(held.get(component, {}))
        if field not in values:
            continue
        value = kept.get(component, {}).get(field, values[field])
        still.setdefault(component, {})[field] = value
        held[component] = _with(held[component], field, value)
    return held, still


def take(components: dict[str, dict], animated: Iterable[tuple[str, str]], kept: Fields) -> Fields:
    """Returns the values to keep once these components have arrived. Those without locks stay: their edit fails."""
    still = {component: dict(fields) for component, fields in kept.items()}
    for component, field in animated:
        values = components.get(component, {})
        if field in values and component not in UNLOCKABLE:
            still.setdefault(component, {})[field] = values[field]
    return still


def shown(name: str, wanted: dict, present: dict, animated: Iterable[tuple[str, str]]) -> dict:
    """Returns what is written of a component: animated fields stay what they show now."""
    moving = {field for component, field in animated if component == name}
    return {field: present[field] if field in moving else value for field, value in wanted.items()}


def locks(animated: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Returns the locks of animated fields."""
    found: dict[str, list[str]] = {}
    for component, field in sorted(animated):
        if component not in UNLOCKABLE:
            found.setdefault(component, []).append(field)
    return found


def _values(component: dict) -> dict:
    """Returns the fields of a component; the weights by name, of shape keys."""
    return component.get("values", component)


def _with(component: dict, field: str, value: object) -> dict:
    if "values" in component:
        return {**component, "values": {**component["values"], field: value}}
    return {**component, field: value}
