"""Writes and checks Unity's .meta files: each file and folder of the package needs one, with a stable GUID.

The GUID is computed from the path, so that writing the files again (`python3 meta.py`) changes nothing.
"""
import hashlib
import json
import re
from pathlib import Path

import build

IMPORTERS = {
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
           "  executionOrder: 0\n  icon: {instanceID: 0}\n",
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n",
    ".md": "TextScriptImporter:\n  externalObjects: {}\n",
    ".unity": "DefaultImporter:\n  externalObjects: {}\n",
    ".json": "PackageManifestImporter:\n  externalObjects: {}\n",
}
# The assemblies of Unity's test framework, to which only tests refer.
TEST_RUNNER = ["UnityEngine.TestRunner", "UnityEditor.TestRunner"]
TAIL = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def items():
    return [path for path in sorted(build.PACKAGE.rglob("*")) if path.suffix != ".meta" and is_imported(path)]


def is_imported(path):
    """Returns whether Unity imports a file or folder: none with a name that ends with `~`, but copies of samples."""
    parts = path.relative_to(build.PACKAGE).parts
    hidden = [part for part in parts if part.endswith("~")]
    return not hidden or (parts[0] == "Samples~" and len(parts) > 1)


def guid(path):
    name = "com.vibesync.bridge/" + path.relative_to(build.PACKAGE).as_posix()
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def text(path):
    if path.is_dir():
        importer = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n"
    else:
        importer = IMPORTERS[path.suffix if path.name != "addon_ai.json" else ".md"]
    return f"fileFormatVersion: 2\nguid: {guid(path)}\n{importer}{TAIL}"


def problems():
    """Returns one sentence for each missing, wrong or superfluous .meta file, wrong assembly reference and version."""
    found = []
    for path in items():
        meta = Path(f"{path}.meta")
        if not meta.exists():
            found.append(f"{path.relative_to(build.ROOT)} has no .meta")
        elif meta.read_text(encoding="utf-8") != text(path):
            found.append(f"{meta.relative_to(build.ROOT)} is not what meta.py writes")
    for meta in build.PACKAGE.rglob("*.meta"):
        if not meta.with_suffix("").exists():
            found.append(f"{meta.relative_to(build.ROOT)} belongs to no file")
    return found + assembly_problems() + version_problems()


def assembly_problems():
    definitions = {}
    for path in build.PACKAGE.rglob("*.asmdef"):
        definition = json.loads(path.read_text(encoding="utf-8"))
        definitions[definition["name"]] = definition
    found = []
    for name, definition in definitions.items():
        unknown = [other for other in definition["references"] if other not in {*definitions, *TEST_RUNNER}]
        found += [f"{name} refers to an unknown {other}" for other in unknown]
    for name in ("VibeSync.Capabilities", "VibeSync.Core"):
        if not definitions[name]["noEngineReferences"]:
            found.append(f"{name} must not refer to the engine")
    return found


def version_problems():
    declared = json.loads((build.PACKAGE / "package.json").read_text(encoding="utf-8"))["version"]
    source = (build.PACKAGE / "Editor" / "Bridge.cs").read_text(encoding="utf-8")
    spoken = re.search(r'ClientVersion = "([^"]+)"', source).group(1)
    return [] if declared == spoken else [f"package.json says {declared}, Bridge.cs says {spoken}"]


def main():
    for path in items():
        Path(f"{path}.meta").write_text(text(path), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
