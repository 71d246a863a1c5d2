"""`vibesync mcp` with the Python SDK of the Model Context Protocol, in both revisions of the protocol."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from conftest import PROGRAM
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

MODES = ["legacy", "auto"]


TRANSPORTS = ["stdio", "http"]


@asynccontextmanager
async def server(project, transport):
    """Yields what the client connects to."""
    if transport == "stdio":
        arguments = ["mcp", "--project", str(project.root)]
        yield StdioServerParameters(command=str(PROGRAM), args=arguments, env=project.environment)
        return
    port, secret = project.serve_http()
    async with create_mcp_http_client(headers={"Authorization": f"Bearer {secret}"}) as http:
        yield streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)


def converse(project, mode, transport, conversation):
    """Connects in a mode, and has the conversation with the client."""

    async def connected():
        async with server(project, transport) as connection:
            async with Client(connection, mode=mode, read_timeout_seconds=60) as client:
                return await conversation(client)

    return asyncio.run(connected())


async def answer(client, tool, **arguments):
    """Calls a tool. The SDK checks the answer against the tool's schema. Returns the answer."""
    result = await client.call_tool(tool, arguments)
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("mode", MODES)
def test_client_lists_calls_and_turns_pages(project, mode, transport):
    project.start()

    async def conversation(client):
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools][:2] == ["status", "scene_search"]
        changing = [tool.name for tool in tools if not tool.annotations.read_only_hint]
        assert changing == [
            "selection_set",
            "scene_change",
            "history_restore",
            "undo",
            "graph_build",
            "call_capability",
        ]
        status = await answer(client, "status")
        assert status["entities"] == 0 and status["mode"] == "read"
        assert (await answer(client, "scene_search", text="stone"))["total"] == 0
        seqs, cursor = [], {}
        while True:
            page = await answer(client, "log", limit=1, **cursor)
            seqs += [row["seq"] for row in page["rows"]]
            if "next" not in page:
                break
            cursor = {"cursor": page["next"]}
        assert seqs == sorted(set(seqs), reverse=True) and seqs[-1] == 1
        prompts = (await client.list_prompts()).prompts
        assert "explain" in [prompt.name for prompt in prompts]
        read = await client.read_resource("vibesync://scene/tree")
        assert json.loads(read.contents[0].text)["total"] == 0

    converse(project, mode, transport, conversation)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("mode", MODES)
def test_client_without_a_daemon_reads_how_to_start_it(project, mode, transport):
    async def conversation(client):
        assert len((await client.list_tools()).tools) == 18
        result = await client.call_tool("status", {})
        assert result.is_error
        error = result.structured_content["error"]
        assert error["code"] == "VS-6003" and "vibesync run" in error["help"]
        cone = await answer(client, "graph_nodes", name="Cone")
        assert cone["nodes"][0]["identifier"] == "GeometryNodeMeshCone"

    converse(project, mode, transport, conversation)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("mode", MODES)
def test_client_changes_the_scene_once(project, mode, transport):
    project.start()
    project.run([PROGRAM, "agents", "work", "agent", "--project", project.root])

    async def conversation(client):
        create = {"op": "create", "key": "ball", "primitive": "uv_sphere", "name": "Ball"}
        operation = "00000000-0000-4000-8000-0000000000aa"
        for _ in range(2):
            made = await answer(client, "scene_change", changes=[create], operation_id=operation)
            assert made["state"] == "owed", made
        found = await answer(client, "scene_search", kind="object")
        assert [row["name"] for row in found["rows"]] == ["Ball"]
        ball = found["rows"][0]["uuid"]
        move = {"op": "update", "uuid": ball, "translation": [0, 0, 2]}
        refused = await client.call_tool("scene_change", {"changes": [move]})
        assert refused.is_error and refused.structured_content["error"]["place"] == "base_seq"
        moved = await answer(client, "scene_change", changes=[move], base_seq=found["seq"], space="blender")
        waited = await answer(client, "change_wait", operation_id=moved["operation_id"])
        assert waited["state"] == moved["state"] == "owed"
        described = await answer(client, "scene_describe", uuids=[ball])
        assert described["entities"][0]["transform"]["translation"] == [0, 2, 0]

    converse(project, mode, transport, conversation)
