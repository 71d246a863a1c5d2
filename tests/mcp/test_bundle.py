"""The bundle as its own tool reads it, and the program in it as a client starts it."""

import asyncio
import json
import sys

import pytest
from conftest import NODE_MODULES, PROGRAM, ROOT
from mcp import Client, StdioServerParameters

sys.path.insert(0, str(ROOT / "scripts" / "release"))
import bundle  # noqa: E402  (found through the path set above)
import extension  # noqa: E402
import layout  # noqa: E402
import programs  # noqa: E402
import tree  # noqa: E402

TOOL = NODE_MODULES / "@anthropic-ai/mcpb/dist/cli/cli.js"


@pytest.fixture(scope="module")
def bundled(tmp_path_factory):
    """A bundle with the program of these sources."""
    folder = tmp_path_factory.mktemp("bundle")
    commit = tree.Commit("0123456789ab", "2026-11-22", 1_795_000_000)
    parts = layout.Parts(ROOT, tree.version(ROOT), commit, extension.build(ROOT), layout.unity(ROOT, commit))
    split = programs.split(programs.LINUX, PROGRAM.parent, folder)
    name, content = bundle.bundle(parts, {programs.LINUX: (split, "licenses\n")})
    (folder / name).write_bytes(content)
    return folder / name


def test_tool_reads_the_bundle_and_a_client_starts_its_program(project, node, bundled, tmp_path):
    inside = tmp_path / "a folder"
    project.run([node, TOOL, "unpack", bundled, inside])
    said = project.run([node, TOOL, "validate", inside / "manifest.json"])
    assert "passes" in said, said
    config = json.loads((inside / "manifest.json").read_text())["server"]["mcp_config"]

    def fill_in(text):
        return text.replace("${__dirname}", str(inside)).replace("${user_config.project}", str(project.root))

    arguments = [fill_in(argument) for argument in config["args"]]
    server = StdioServerParameters(command=fill_in(config["command"]), args=arguments, env=project.environment)

    async def tools():
        async with Client(server, read_timeout_seconds=60) as client:
            return [tool.name for tool in (await client.list_tools()).tools]

    assert asyncio.run(tools())[0] == "status"


def test_manifest_for_both_systems_is_valid(project, node, tmp_path):
    manifest = bundle.manifest("1.2.3", [programs.LINUX, programs.WINDOWS])
    valid, wrong = tmp_path / "manifest.json", tmp_path / "wrong.json"
    valid.write_text(json.dumps(manifest))
    wrong.write_text(json.dumps({**manifest, "user_config": {"project": {"type": "folder"}}}))
    project.run([node, TOOL, "validate", valid])
    project.run([node, TOOL, "validate", wrong], code=1)
