# SPDX-License-Identifier: GPL-3.0-or-later
"""Connects discovery and runner with the session and the scene."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import bpy

from ..blender.bridge import Bridge
from ..blender.call_port import FEATURE, CallPort
from ..blender.log import logger
from ..core.sync_error import SyncError
from .answers import failure
from .arguments import make_arguments
from .command import Command, Tool, find_tool, manifest_id, read_command
from .discover import Addon, Discovery
from .handlers import HandlerMissing, find_handler
from .installed import Installed
from .run import NO_TABLE, Runner
from .stage import BlenderStage

_DATABLOCKS = {"material_name": "materials", "collection_name": "collections"}


class Capabilities(CallPort):
    """The capability add-ons of this Blender, for the daemon."""

    def __init__(self, bridge: Bridge) -> None:
        self.discovery = Discovery(Installed().candidates, sys.modules)
        self.stage = BlenderStage(bridge)
        self.runner = Runner(self.stage, bridge.session.send, lambda: bridge.session.connection_id)
        self._bridge = bridge
        self._sent: list[dict] | None = None  # the list as the daemon of this connection has it

    @property
    def is_running(self) -> bool:
        """Returns whether code of an add-on runs now."""
        return self.runner.is_running

    @property
    def is_idle(self) -> bool:
        """Returns whether no call is under way."""
        return self.runner.is_idle

    @property
    def is_due(self) -> bool:
        """Returns whether a call begins in the next tick."""
        return self._bridge.session.is_live and self.runner.is_due

    def reset(self) -> None:
        """Forgets the call, because another file was opened."""
        self.runner.reset()
        self.stage.reset()

    def is_look_due(self, now: float) -> bool:
        """Returns whether `look_around` has anything to do."""
        return self._sent is None or self.discovery.is_due(now)

    def look_around(self, now: float) -> None:
        """Looks for add-ons, and tells the daemon what differs."""
        if self._is_live and (self.discovery.work(now) or (self._sent is None and self.discovery.is_surveyed)):
            self._send_list()

    def work(self, now: float) -> None:
        """Goes on with a call."""
        if self._is_live:
            if not self.runner.is_idle:
                self.runner.work(now)
                self._bridge.activity.look_again()
        else:
            self._sent = None

    @property
    def _is_live(self) -> bool:
        session = self._bridge.session
        return session.is_live and FEATURE in session.features

    def handle(self, header: dict, now: float) -> None:
        """Handles a message of the daemon about calls."""
        if header["type"] == "addon_command":
            self._admit(read_command(header), now)
        elif header["type"] == "command_cancel":
            self.runner.cancel(str(header.get("request_id")), now)
        else:
            self.runner.end(str(header.get("request_id")), header.get("keep") is not False)
        self._bridge.activity.look_again()

    def take_refusal(self, ack: dict, now: float) -> bool:
        """Handles a refused intent of a call; returns False for any other ack."""
        if ack.get("status") != "refused" or (ack.get("error") or {}).get("code") == "VS-4006":
            return False
        operation_id = str(ack.get("operation_id"))
        intent = self._bridge.session.outbox.get(operation_id)
        if intent is None or "request_id" not in intent.header:
            return False
        self._bridge.session.outbox.take(operation_id)
        error = ack.get("error") or {}
        is_ours = self.runner.take_refusal(operation_id, error, now)
        if not is_ours or self.stage.is_left:
            self._bridge.replica.invalidate(intent.captured)  # the daemon's next batch restores the entities
        logger.warning("the changes of a call were refused: %s %s", error.get("code"), error.get("message"))
        return True

    def confirm(self, ack: dict, now: float) -> None:
        """Ends a call whose intent was accepted."""
        if ack.get("status") in ("accepted", "duplicate"):
            self.runner.confirm(str(ack.get("operation_id")), now)

    def _send_list(self) -> None:
        session = self._bridge.session
        messages = self.discovery.messages(bpy.app.version_string)
        if messages != self._sent:
            self._sent = messages
            for each in messages:
                session.send(each)

    def _admit(self, command: Command, now: float) -> None:
        try:
            addon = self._find_addon(command)
            tool = find_tool(addon.manifest, command.command)
        except SyncError as error:
            error_code = "COMMAND_NOT_FOUND" if error.code == "VS-9102" else "ROUTING_FAILED"
            self.runner.refuse(command, failure(error.code, error_code, error.message))
            return
        self.runner.add(command, tool, lambda: self._resolve(command, tool), now)

    def _find_addon(self, command: Command) -> Addon:
        """Returns the add-on of a call as it was allowed. Raises SyncError VS-9102 or VS-9105."""
        wanted = command.addon_id.lower()
        modules = {each.module for each in bpy.context.preferences.addons}  # at this moment
        enabled = [each for each in self.discovery.addons if each.module in modules and each.manifest is not None]
        known = [each for each in enabled if (manifest_id(each.manifest) or "").lower() == wanted]
        if not known:
            raise SyncError("VS-9102", "no enabled add-on has this id")
        digests = (command.manifest_sha256, command.code_sha256)
        same = [each for each in known if (each.manifest_sha256, each.code_sha256) == digests]
        if not same:
            raise SyncError("VS-9105", "the add-on is another one than the one that was allowed")
        addon = same[0]
        if addon.problem:
            raise SyncError(addon.problem.code, f"{addon.problem.message} ({addon.problem.location})")
        if not self.discovery.is_unchanged(addon):
            self.discovery.survey_soon()
            raise SyncError("VS-9105", "the add-on's files changed since they were read")
        return addon

    def _resolve(self, command: Command, tool: Tool) -> tuple:
        """Returns the handler and its arguments, at the moment of the call. Raises SyncError."""
        addon = self._find_addon(command)
        module = sys.modules.get(addon.module)
        try:
            handler = find_handler(module if isinstance(module, ModuleType) else None, command.command)
        except HandlerMissing as error:
            raise SyncError("VS-9109", str(error), "" if error.has_table else NO_TABLE) from None
        scan = self._bridge.identity.scan()
        path = bpy.data.filepath

        def object_name(uuid: str) -> str | None:
            found = scan.objects.get(uuid)
            return found.name if found else None

        def has_datablock(kind: str, name: str) -> bool:
            found = (bpy.data.materials if _DATABLOCKS[kind] == "materials" else bpy.data.collections).get((name, None))
            return found is not None

        arguments = make_arguments(
            command,
            tool,
            object_name,
            has_datablock,
            self._bridge.session.project_root,
            os.path.dirname(path) if path else "",
        )
        return handler, arguments
