"""The bundle that clients of the Model Context Protocol install, and the entry for the registry of servers."""

import hashlib
import json

import archive
import layout
import programs
from archive import Entry

MANIFEST_VERSION = "0.3"
SERVER_SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
SERVER_NAME = "io.github.vibesync/vibesync"
TITLE = "VibeSync"
DESCRIPTION = "Look at the 3D scene that VibeSync keeps equal in Blender and Unity"  # at most 100 characters
DETAILS = """\
An agent can search and describe the scene, read its history and the log, compare two states, and check geometry-node \
graphs. It changes nothing. VibeSync itself must be installed: the daemon serves the project, the extension and the \
package connect Blender and Unity. The bundle starts one process for the project that you choose."""
# The names that bundles use for systems.
PLATFORMS = {programs.LINUX.name: "linux", programs.WINDOWS.name: "win32"}


def manifest(version, systems):
    """Returns the manifest of a bundle with a program for each of the systems."""
    commands = {PLATFORMS[system.name]: f"${{__dirname}}/server/{system.programs[0]}" for system in systems}
    first, *others = commands.values()
    config = {"command": first, "args": ["mcp", "--project", "${user_config.project}"]}
    if others:
        config["platform_overrides"] = {platform: {"command": commands[platform]} for platform in list(commands)[1:]}
    project = {
        "type": "directory",
        "title": "Project",
        "description": "The folder that holds your .blend file and your Unity project",
        "required": True,
    }
    return {
        "manifest_version": MANIFEST_VERSION,
        "name": "vibesync",
        "display_name": TITLE,
        "version": version,
        "description": DESCRIPTION,
        "long_description": DETAILS,
        "author": {"name": "The VibeSync authors", "url": layout.HOME},
        "repository": {"type": "git", "url": f"{layout.HOME}.git"},
        "documentation": f"{layout.HOME}/blob/main/docs/agents.md",
        "support": f"{layout.HOME}/issues",
        "license": "MIT OR Apache-2.0",
        "keywords": ["blender", "unity", "3d"],
        "server": {"type": "binary", "entry_point": f"server/{systems[0].programs[0]}", "mcp_config": config},
        # The lists belong to the program: it tells them when it has started.
        "tools_generated": True,
        "prompts_generated": True,
        "compatibility": {"platforms": list(commands)},
        "user_config": {"project": project},
    }


def bundle(parts, built):
    """Returns the name and content of the bundle. `built` has the programs and licenses of each system."""
    systems = list(built)
    about = json.dumps(manifest(parts.version, systems), indent=2) + "\n"
    entries = [Entry("manifest.json", about.encode())]
    entries += [Entry(name, layout.read(parts.source / name)) for name in layout.OWN_LICENSES]
    for system, (split, texts) in built.items():
        # The others of a system start daemons, which is no work of a client.
        program = next(it for it in split if it.name == system.programs[0])
        entries.append(Entry(f"server/{program.name}", program.content, executable=True))
        entries.append(Entry(f"THIRD-PARTY-LICENSES-{system.name}", texts.encode()))
    return f"vibesync-{parts.version}.mcpb", archive.zip_file(entries, parts.commit.time)


def server_json(version, name, content):
    """Returns the entry for the registry: where the bundle of a release is, and its checksum."""
    package = {
        "registryType": "mcpb",
        "identifier": f"{layout.HOME}/releases/download/v{version}/{name}",
        "version": version,
        "fileSha256": hashlib.sha256(content).hexdigest(),
        "transport": {"type": "stdio"},
    }
    entry = {
        "$schema": SERVER_SCHEMA,
        "name": SERVER_NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "version": version,
        "websiteUrl": layout.HOME,
        "repository": {"url": layout.HOME, "source": "github"},
        "packages": [package],
    }
    return "server.json", (json.dumps(entry, indent=2) + "\n").encode()
