"""A client of `vibesync mcp`: JSON lines over its standard input and output, as an AI agent's program speaks them."""

import json
import subprocess
import threading

from harness import kill_group, start_process

ANSWER_SECONDS = 60


class McpClient:
    """An agent with its server process."""

    def __init__(self, daemon, name):
        command = [daemon.binary, "mcp", "--project", str(daemon.project), "--as", name]
        pipe = subprocess.PIPE
        log = daemon.output.with_name(f"mcp-{name}.log").open("ab")
        with log:
            self.process = start_process(command, env=daemon.env, stdin=pipe, stdout=pipe, stderr=log, text=True)
        self.asked = 0
        self.heard = []  # notifications
        client = {"name": "test", "version": "1"}
        self.request("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def request(self, method, /, **params):
        """Returns the result of a request."""
        self.asked += 1
        self._send({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params})
        late = threading.Timer(ANSWER_SECONDS, kill_group, [self.process])
        late.start()
        try:
            for line in self.process.stdout:
                message = json.loads(line)
                if message.get("id") == self.asked:
                    return message["result"]
                self.heard.append(message.get("method"))
        finally:
            late.cancel()
        raise ConnectionError(f"{method}: the server has ended")

    def tools(self):
        """Lists the names of the tools."""
        return [tool["name"] for tool in self.request("tools/list")["tools"]]

    def call(self, tool, /, **arguments):
        """Calls a tool; returns its structured content, which is that of an error too."""
        return self.request("tools/call", name=tool, arguments=arguments)["structuredContent"]

    def _send(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def kill(self):
        """SIGKILL: a crash of the agent's program."""
        kill_group(self.process)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=ANSWER_SECONDS)
