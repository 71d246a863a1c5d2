// Has one conversation with `vibesync mcp` by an SDK of TypeScript. Prints what it has heard as JSON.
//
// usage: NODE_PATH=... node converse.mjs sdk|client MODE http URL SECRET
//        NODE_PATH=... node converse.mjs sdk|client MODE stdio COMMAND ARGUMENT...
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_PATH}/`);
const [, , library, mode, transport, target, ...rest] = process.argv;

function load() {
  if (library === "client") {
    const { Client, StreamableHTTPClientTransport } = require("@modelcontextprotocol/client");
    const { StdioClientTransport } = require("@modelcontextprotocol/client/stdio");
    return { Client, StreamableHTTPClientTransport, StdioClientTransport };
  }
  const part = (name) => require(`@modelcontextprotocol/sdk/client/${name}.js`);
  return { ...part("index"), ...part("streamableHttp"), ...part("stdio") };
}

const { Client, StreamableHTTPClientTransport, StdioClientTransport } = load();

function connection() {
  if (transport === "stdio") {
    return new StdioClientTransport({ command: target, args: rest, env: process.env, stderr: "ignore" });
  }
  const headers = { Authorization: `Bearer ${rest[0]}` };
  return new StreamableHTTPClientTransport(new URL(target), { requestInit: { headers } });
}

async function pages(client) {
  const seqs = [];
  for (let cursor = {}; cursor; ) {
    const page = (await client.callTool({ name: "log", arguments: { limit: 1, ...cursor } })).structuredContent;
    seqs.push(...page.rows.map((row) => row.seq));
    cursor = page.next && { cursor: page.next };
  }
  return seqs;
}

const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
await client.connect(connection());
const status = await client.callTool({ name: "status", arguments: {} });
const read = await client.readResource({ uri: "vibesync://scene/tree" });
console.log(
  JSON.stringify({
    version: client.getNegotiatedProtocolVersion?.() ?? client.transport.protocolVersion ?? null,
    tools: (await client.listTools()).tools.map((tool) => tool.name),
    prompts: (await client.listPrompts()).prompts.map((prompt) => prompt.name),
    entities: status.structuredContent.entities,
    tree: JSON.parse(read.contents[0].text).total,
    seqs: await pages(client),
    unknown: await client.callTool({ name: "log", arguments: { color: "red" } }).then((it) => it.isError),
  }),
);
await client.close();
