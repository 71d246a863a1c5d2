"""Has one conversation with `vibesync mcp` by version 1 of the Python SDK. Prints what it has heard as JSON.

usage: python converse_1.py http URL SECRET
       python converse_1.py stdio COMMAND ARGUMENT...
"""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


@asynccontextmanager
async def connection(transport, target, *rest):
    if transport == "stdio":
        server = StdioServerParameters(command=target, args=list(rest), env=dict(os.environ))
        with open(os.devnull, "w") as quiet:
            async with stdio_client(server, errlog=quiet) as streams:
                yield streams
        return
    headers = {"Authorization": f"Bearer {rest[0]}"}
    async with create_mcp_http_client(headers=headers) as http:
        async with streamable_http_client(target, http_client=http) as (read, write, _):
            yield read, write


async def pages(session):
    seqs, cursor = [], {}
    while True:
        page = (await session.call_tool("log", {"limit": 1, **cursor})).structuredContent
        seqs += [row["seq"] for row in page["rows"]]
        if "next" not in page:
            return seqs
        cursor = {"cursor": page["next"]}


async def converse(arguments):
    async with connection(*arguments) as streams, ClientSession(*streams) as session:
        started = await session.initialize()
        status = await session.call_tool("status", {})
        read = await session.read_resource("vibesync://scene/tree")
        return {
            "version": started.protocolVersion,
            "tools": [tool.name for tool in (await session.list_tools()).tools],
            "prompts": [prompt.name for prompt in (await session.list_prompts()).prompts],
            "entities": status.structuredContent["entities"],
            "tree": json.loads(read.contents[0].text)["total"],
            "seqs": await pages(session),
            "unknown": (await session.call_tool("log", {"color": "red"})).isError,
        }


print(json.dumps(asyncio.run(converse(sys.argv[1:]))))
