"""The official conformance suite, against `vibesync mcp --http` behind a proxy that adds the secret."""

import subprocess

import pytest
from conftest import NODE_MODULES, SCRIPTS

SUITE = NODE_MODULES / "@modelcontextprotocol/conformance/dist/index.js"
EXPECTED = SCRIPTS.parent / "expected-failures.yaml"


@pytest.fixture(scope="module")
def proxy(served, node):
    served.environment["VIBESYNC_TOKEN"] = served.secret
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return served.spawn([node, SCRIPTS / "proxy.mjs", str(served.port)], **pipes).stdout.readline().strip()


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_revision(served, node, proxy, tmp_path, revision):
    arguments = ["--url", f"http://localhost:{proxy}/mcp", "--requirements", revision]
    command = [node, SUITE, "server", *arguments, "--expected-failures", EXPECTED, "-o", tmp_path]
    said = served.run(command)
    assert "dns-rebinding-protection: 2 passed, 0 failed" in said
