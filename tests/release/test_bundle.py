"""The bundle for clients of the Model Context Protocol, and the entry of the registry, with programs of the tests."""

import hashlib
import io
import json
import re
import zipfile
from urllib.parse import urlsplit

import bundle
import programs
import pytest

BUILT = {
    system: ([programs.Program(name, name.encode(), b"debug") for name in system.programs], "licenses\n")
    for system in (programs.LINUX, programs.WINDOWS)
}


@pytest.fixture(scope="module")
def made(parts):
    return bundle.bundle(parts, BUILT)


def test_bundle_has_a_program_for_each_system_and_its_licenses(made, parts):
    name, content = made
    assert name == f"vibesync-{parts.version}.mcpb"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    licenses = {"LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-LICENSES-linux", "THIRD-PARTY-LICENSES-windows"}
    assert set(modes) == {"manifest.json", "server/vibesync", "server/vibesync.exe"} | licenses
    assert modes["server/vibesync"] == 0o755 and modes["manifest.json"] == 0o644


def test_manifest_starts_the_program_of_the_system(made):
    with zipfile.ZipFile(io.BytesIO(made[1])) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = archive.namelist()
    config = manifest["server"]["mcp_config"]
    assert config["args"] == ["mcp", "--project", "${user_config.project}"]
    commands = [config["command"], *(it["command"] for it in config["platform_overrides"].values())]
    assert {command.removeprefix("${__dirname}/") for command in commands} <= set(names)
    assert config["platform_overrides"].keys() == {"win32"} and commands[1].endswith(".exe")
    assert manifest["compatibility"]["platforms"] == ["linux", "win32"]
    assert manifest["user_config"]["project"]["required"] is True
    assert manifest["tools_generated"] is True and "tools" not in manifest


def test_bundle_of_one_system_has_no_other(parts):
    manifest = bundle.manifest(parts.version, [programs.WINDOWS])
    config = manifest["server"]["mcp_config"]
    assert config["command"].endswith(".exe") and "platform_overrides" not in config
    assert manifest["compatibility"]["platforms"] == ["win32"]


def test_same_sources_give_the_same_bundle(made, parts):
    assert bundle.bundle(parts, BUILT) == made


def test_entry_of_the_registry_keeps_the_rules_of_its_schema(made, parts):
    name, content = made
    entry = json.loads(bundle.server_json(parts.version, name, content)[1])
    assert entry["$schema"].endswith("/2025-12-11/server.schema.json")
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", entry["name"]) and len(entry["name"]) <= 200
    assert 1 <= len(entry["description"]) <= 100 and 1 <= len(entry["title"]) <= 100
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"]), "a range is refused"
    assert entry["repository"].keys() == {"url", "source"}
    (package,) = entry["packages"]
    assert package["registryType"] == "mcpb" and package["transport"] == {"type": "stdio"}
    assert package["fileSha256"] == hashlib.sha256(content).hexdigest()
    place = urlsplit(package["identifier"])
    assert place.scheme == "https" and place.path.endswith(f"/v{parts.version}/{name}")
    assert "mcp" in package["identifier"], "the registry asks for it"
    known = {"registryType", "identifier", "version", "fileSha256", "transport"}
    assert package.keys() == known and package["version"] == entry["version"]
