"""Compiles and runs the C# of this repository with the toolchain that scripts/setup-csharp installs."""
import json
import os
import subprocess
import sys
from pathlib import Path

import mono

ROOT = Path(__file__).resolve().parents[3]
CACHE = ROOT / ".tools" / "csharp"
PACKAGE = ROOT / "unity-package"
TESTS = ROOT / "tests" / "csharp"
RUNTIME_CONFIG = {"runtimeOptions": {
    "tfm": "net9.0",
    "framework": {"name": "Microsoft.NETCore.App", "version": "9.0.0"},
    "configProperties": {"System.GC.Concurrent": False, "System.Globalization.Invariant": True}}}

# Unity defines each of these symbols in its version and in all later ones. The package is compiled for every release
# line from the oldest supported to the newest known, because each may have its own branch in UnityCompat.cs.
UNITY_VERSIONS = ["2021_3", "2022_3", "6000_0", "6000_3", "6000_4", "6000_5"]
NEWEST = UNITY_VERSIONS[-1]


def defines(version):
    known = UNITY_VERSIONS[:UNITY_VERSIONS.index(version) + 1]
    # Between two release lines: parts of prefab instances can be deleted from 2022.2 on.
    between = ["UNITY_2022_2_OR_NEWER"] if "2022_3" in known else []
    return ["UNITY_EDITOR"] + between + [f"UNITY_{name}_OR_NEWER" for name in known]


def sources(*folders):
    return [path for folder in folders for path in sorted(Path(folder).rglob("*.cs"))]


class Builder:
    """Collects compilations and runs them in one compiler process."""

    def __init__(self, output):
        self.output = Path(output)
        self.output.mkdir(parents=True, exist_ok=True)
        self.responses = []

    def add(self, name, files, references=(), target="library", symbols=(), platform="netstandard"):
        """Plans one assembly and returns its path. Each warning is an error."""
        assembly = self.output / (name + ".dll")
        libraries = mono.libraries() if platform == "net48" else [
            path for path in FRAMEWORKS[platform]().glob("*.dll") if is_managed(path)]
        # CS0649: Unity fills serialized fields. CS0067, CS0414: a fake may offer an event that nothing raises.
        options = ["-nologo", "-langversion:9", "-optimize+", "-deterministic", "-nullable:disable", "-warnaserror+", "-warn:4",
                   "-nowarn:CS0649,CS0067,CS0414,CS1701,CS1702", "-debug:portable", "-nostdlib", f"-target:{target}",
                   f"-out:{assembly}"]
        options += [f"-define:{symbol}" for symbol in symbols]
        options += [f"-r:{path}" for path in libraries + list(references)]
        response = self.output / f"{name}.rsp"
        response.write_text("\n".join(map(str, options + list(files))))
        self.responses.append(response)
        if target == "exe":
            (self.output / f"{name}.runtimeconfig.json").write_text(json.dumps(RUNTIME_CONFIG))
        return assembly

    def run(self):
        subprocess.run(command(CACHE / "roslyn" / "Compile.dll", *self.responses), env=environment(), check=True)
        self.responses = []


FRAMEWORKS = {
    "netstandard": lambda: CACHE / "netstandard",
    "runtime": lambda: next((CACHE / "dotnet" / "shared" / "Microsoft.NETCore.App").iterdir()),
}


def is_managed(path):
    return path.name.startswith(("System.", "Microsoft.", "mscorlib", "netstandard", "WindowsBase"))\
        and ".Native." not in path.name and not path.name.startswith("Microsoft.DiaSymReader")


def command(*arguments):
    """Returns the command that runs an assembly, the first argument, on .NET."""
    return [sys.executable, str(TESTS / "tools" / "dotnet.py"), *map(str, arguments)]


def environment():
    return dict(os.environ, DOTNET_ROOT=str(CACHE / "dotnet"), DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1",
                DOTNET_EnableDiagnostics="0", DOTNET_TieredPGO="0")


def add_package(builder, version, platform="netstandard"):
    """Plans the fakes and the package's assemblies for one Unity version; returns them by name."""
    options = {"symbols": defines(version), "platform": platform}
    capabilities = builder.add("VibeSync.Capabilities", sources(PACKAGE / "Runtime" / "Capabilities"), **options)
    core = builder.add("VibeSync.Core", sources(PACKAGE / "Runtime" / "Core"), [capabilities], **options)
    fakes = builder.add("UnityFakes", sources(TESTS / "Fakes"), **options)
    runtime_files = sorted((PACKAGE / "Runtime").glob("*.cs"))
    runtime = builder.add("VibeSync.Runtime", runtime_files, [fakes], **options)
    # In Unity, the part for the Unity Test Framework is an assembly of its own, which exists only with the framework.
    with_framework = dict(options, symbols=[*options["symbols"], "VIBESYNC_HAS_TEST_FRAMEWORK"])
    package = {"capabilities": capabilities, "core": core, "fakes": fakes, "runtime": runtime}
    package["editor"] = builder.add("VibeSync.Editor", sources(PACKAGE / "Editor"), package.values(), **with_framework)
    used = list(package.values())
    for definition in sorted((PACKAGE / "Samples~").glob("*/*.asmdef")):
        package[definition.stem] = builder.add(definition.stem, sources(definition.parent), used, **options)
    return package


def add_tests(builder, version, package, nunit, platform="netstandard"):
    """Plans the tests for one Unity version: the package's own for the Core, its own for the editor, and those that
    run only on the fakes. Returns the three assemblies.

    A fake of Unity's test runner, and the host that drives the fakes, are compiled with them.
    """
    options = {"symbols": defines(version) + ["UNITY_INCLUDE_TESTS"], "platform": platform}
    used = [nunit, *package.values()]
    used.append(builder.add("UnityTestFramework", sources(TESTS / "TestFramework"), used, **options))
    own = PACKAGE / "Tests"
    core = builder.add("VibeSync.Core.Tests", sources(own / "Runtime"), used, **options)
    editor = builder.add("VibeSync.Editor.Tests", sources(own / "Editor", TESTS / "Host"), used, **options)
    fakes = builder.add("VibeSync.Tests", sources(TESTS / "Tests"), [*used, editor], **options)
    return [core, editor, fakes]
