# SPDX-License-Identifier: GPL-3.0-or-later
"""The handlers of an add-on: found in its source without running it, and in its loaded module at the call."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from types import ModuleType

MAX_SOURCE = 1 << 20
MAX_HANDLERS = 256
_MAX_NAME = 64
_TABLE = "AI_COMMAND_HANDLERS"


class HandlerMissing(Exception):
    """The module has no table of handlers (`has_table` is False), or no handler of that name."""

    def __init__(self, message: str, has_table: bool) -> None:
        super().__init__(message)
        self.has_table = has_table


def declared_names(source: bytes) -> list[str]:
    """Returns the names in the table of handlers of a module's source. Source that cannot be read has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    for node in reversed(body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        is_table = any(isinstance(each, ast.Name) and each.id == _TABLE for each in targets)
        if is_table and isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Dict):
            return _names(each.value for each in node.value.keys if isinstance(each, ast.Constant))
    return []


def loaded_names(module: ModuleType | None) -> list[str]:
    """Returns the names in the table of handlers of a loaded module."""
    table = vars(module).get("AI_COMMAND_HANDLERS") if module else None
    return _names(list(table)) if type(table) is dict else []


def find_handler(module: ModuleType | None, name: str) -> Callable:
    """Returns the handler of a tool. Raises HandlerMissing."""
    table = vars(module).get("AI_COMMAND_HANDLERS") if module else None
    if type(table) is not dict:
        raise HandlerMissing("the add-on has no dict AI_COMMAND_HANDLERS", has_table=False)
    handler = table.get(name)
    if not callable(handler):
        raise HandlerMissing("AI_COMMAND_HANDLERS has no function for this tool", has_table=True)
    return handler


def _names(keys) -> list[str]:
    return sorted({key for key in keys if type(key) is str and len(key) <= _MAX_NAME})[:MAX_HANDLERS]
