"""`vibesync mcp` with the clients of other people, over both transports and in both revisions of the protocol."""

import json

import pytest
from conftest import CLIENTS, NODE_MODULES, PROGRAM, SCRIPTS

LEGACY, MODERN = "2025-11-25", "2026-07-28"
TRANSPORTS = ["stdio", "http"]
INSPECTOR = NODE_MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"


def target(project, transport):
    if transport == "http":
        return ["http", f"http://127.0.0.1:{project.port}/mcp", project.secret]
    return ["stdio", PROGRAM, "mcp", "--project", project.root]


def expect_conversation(heard, version):
    assert heard["version"] == version
    assert heard["tools"][:2] == ["status", "scene_search"] and "explain" in heard["prompts"]
    assert heard["entities"] == heard["tree"] == 0
    assert heard["seqs"] == sorted(set(heard["seqs"]), reverse=True) and heard["seqs"][-1] == 1
    assert heard["unknown"] is True, "an unknown argument is refused"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_python_sdk_1(served, transport):
    script = SCRIPTS.parent / "converse_1.py"
    heard = served.run([CLIENTS / "bin/python", "-B", script, *target(served, transport)])
    expect_conversation(json.loads(heard), LEGACY)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("library", "mode", "version"),
    [("sdk", "legacy", LEGACY), ("client", "legacy", LEGACY), ("client", "auto", MODERN)],
)
def test_typescript_sdk(served, node, library, mode, version, transport):
    command = [node, SCRIPTS / "converse.mjs", library, mode, *target(served, transport)]
    if (library, transport) == ("sdk", "stdio"):
        version = None  # known to the SDK, and not told
    expect_conversation(json.loads(served.run(command)), version)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_inspector(served, node, tmp_path, era, transport):
    """`--strict` fails when a schema of a tool is one that some clients cannot read."""
    kind, first, *rest = map(str, target(served, transport))
    entry = {"type": "stdio", "command": first, "args": rest}
    if kind == "http":
        entry = {"type": "streamable-http", "url": first, "headers": {"Authorization": f"Bearer {rest[0]}"}}
    config = tmp_path / "servers.json"
    config.write_text(json.dumps({"mcpServers": {"vibesync": {**entry, "protocolEra": era}}}))
    inspect = [node, INSPECTOR, "--cli", "--config", config, "--server", "vibesync", "--method"]
    listed = json.loads(served.run([*inspect, "tools/list", "--strict"]))
    assert listed["tools"][0]["name"] == "status"
    served.run([*inspect, "tools/call", "--tool-name", "no_such_tool"], code=5)
