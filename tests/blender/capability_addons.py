# SPDX-License-Identifier: GPL-3.0-or-later
"""Add-ons with tools for the tests, written into a folder and enabled as a person would."""

import importlib
import json
import sys
import uuid

import addon_utils
import bpy
from fake_daemon import PROJECT
from vibesync.blender.call_port import FEATURE

HEAD = "import bpy\nbl_info = {'name': 'Test', 'blender': (4, 2, 0), 'category': 'Object'}\n"
FOOT = "\ndef register(): pass\ndef unregister(): pass\n"


def tool(name, parameters=(), **more):
    """Returns a tool of a manifest."""
    return {"name": name, "description": "d", "usage": "u", "parameters": list(parameters), **more}


def parameter(name, kind="float", **more):
    """Returns a parameter of a tool."""
    return {"name": name, "type": kind, "description": "d", **more}


def manifest(addon_id, tools):
    """Returns a manifest."""
    info = {"id": addon_id, "name": "Test", "version": "1.0", "author": "Ada", "category": "modeling"}
    return {"addon_info": info, "ai_integration": {"agent_description": "Tests.", "tools": tools}}


class Addons:
    """Add-ons in a folder, and the daemon's side of calls of their tools."""

    def __init__(self, harness, folder):
        self.harness = harness
        self.folder = folder
        self.made = []
        folder.mkdir()
        sys.path.insert(0, str(folder))
        harness.daemon.features = [FEATURE]
        harness.bridge.calls.discovery.interval = 0.02

    def close(self):
        for name in self.made:
            addon_utils.disable(name, default_set=True)
            for each in [known for known in sys.modules if known.split(".")[0] == name]:
                del sys.modules[each]
        sys.path.remove(str(self.folder))

    def write(self, code, tools, addon_id=None):
        """Writes an add-on whose module has a new name, and returns that."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.made.append(name)
        (self.folder / name).mkdir()
        text = json.dumps(manifest(addon_id or name, tools))
        (self.folder / name / "addon_ai.json").write_text(text, encoding="utf-8")
        (self.folder / name / "__init__.py").write_text(HEAD + code + FOOT, encoding="utf-8")
        importlib.invalidate_caches()
        return name

    def enable(self, name):
        assert addon_utils.enable(name, default_set=True)

    def disable(self, name):
        addon_utils.disable(name, default_set=True)

    def add(self, code, tools, addon_id=None):
        """Writes and enables an add-on, and waits until the daemon knows it."""
        name = self.write(code, tools, addon_id)
        self.enable(name)
        self.harness.wait(lambda: self.listed().get(name, {}).get("enabled"))
        return name

    def handler(self, body, **more):
        """Adds an add-on with one tool `run`, whose handler has this body."""
        lines = "\n".join(f"    {line}" for line in body.splitlines())
        code = f"def run(**kwargs):\n{lines}\nAI_COMMAND_HANDLERS = {{'run': run}}\n"
        return self.add(code, [tool("run", **more)])

    def listed(self):
        """Returns the add-ons of the last whole list by module."""
        found, whole = {}, {}
        for frame in self.harness.daemon.of_type("capabilities"):
            found |= {each["module"]: each for each in frame.header["addons"]}
            if frame.header["last"]:
                whole, found = found, {}
        return whole

    def send(self, name, command="run", params=None, deadline_ms=5_000, **more):
        """Sends a call and returns its id."""
        entry = self.listed()[name]
        header = {
            "type": "addon_command",
            "request_id": str(uuid.uuid4()),
            "addon_id": json.loads(entry["manifest"])["addon_info"]["id"] if entry["manifest"] else name,
            "command": command,
            "params": params or {},
            "username": "claude",
            "label": f"claude: {name}.{command}",
            "deadline_ms": deadline_ms,
            "manifest_sha256": entry["manifest_sha256"],
            "code_sha256": entry["code_sha256"],
            "resolved": {},
            **more,
        }
        self.harness.daemon.send(header)
        return header["request_id"]

    def answers(self, request_id):
        """Returns the answers of a call."""
        frames = self.harness.daemon.of_type("command_response")
        return [each.header for each in frames if each.header["request_id"] == request_id]

    def call(self, name, *arguments, keep=True, **more):
        """Calls a tool, ends the call, and returns the answer."""
        request_id = self.send(name, *arguments, **more)
        answer = self.harness.wait(lambda: self.answers(request_id), 20.0)[0]
        self.harness.daemon.send({"type": "command_end", "request_id": request_id, "keep": keep})
        self.harness.settle()
        assert len(self.answers(request_id)) == 1
        return answer

    def intents_of(self, request_id):
        frames = self.harness.daemon.of_type("intent")
        return [each.header for each in frames if each.header.get("request_id") == request_id]


def scene_state():
    """Returns what a person sees of the scene, for a comparison."""
    return {
        item.name: (
            item.get("uuid"),
            [round(value, 6) for row in item.matrix_world for value in row],
            [tuple(each.co) for each in item.data.vertices] if item.type == "MESH" else None,
            item.hide_get(),
            item.mode,
        )
        for item in bpy.context.scene.objects
    }


__all__ = ["PROJECT", "Addons", "manifest", "parameter", "scene_state", "tool"]
