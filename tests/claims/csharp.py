"""Compiles the Unity package of a tree for the newest Unity version alone, and runs tests on the fakes.

usage: csharp.py TREE PROGRAM FILTER

Prints `compiled`, then a line for each test with its result.
"""

import subprocess
import sys
from pathlib import Path


def main():
    tree, program, pattern = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    sys.path.insert(0, str(tree / "tests" / "csharp" / "tools"))
    import build

    builder = build.Builder(tree / ".tools" / "test-csharp" / "claims")
    nunit = build.CACHE / "roslyn" / "nunit.framework.dll"
    runner = builder.add("RunTests", [build.TESTS / "tools" / "RunTests.cs"], [nunit], target="exe", platform="runtime")
    package = build.add_package(builder, build.NEWEST)
    tests = build.add_tests(builder, build.NEWEST, package, nunit)
    builder.run()
    (builder.output / nunit.name).write_bytes(nunit.read_bytes())
    print("compiled", flush=True)
    environment = dict(build.environment(), VIBESYNC_ROOT=str(tree), VIBESYNC_PROGRAM=program)
    commands = [build.command(runner, assembly, pattern, "--each") for assembly in tests]
    sys.exit(max(subprocess.run(command, env=environment).returncode for command in commands))


if __name__ == "__main__":
    main()
