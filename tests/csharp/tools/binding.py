"""Binds the package against Unity's own sources, release by release, where a repository of them is at hand."""
from concurrent.futures import ThreadPoolExecutor

import build
import reference
import signatures

AT_ONCE = 2  # processes; each holds the sources of one release


def problems(tool, output):
    """Yields each release with the compiler's complaints. Plans of compilations are written below `output`."""
    repository = reference.repository()
    if repository is None:
        print(f"{reference.VARIABLE} is not set: the package is not bound against Unity's own sources")
        return
    releases = reference.releases(reference.tags(repository), build.UNITY_VERSIONS)
    responses = {}
    for version in build.UNITY_VERSIONS:
        planned = plan(version, output / version)
        for release in signatures.covered(releases, version, build.UNITY_VERSIONS):
            responses[release] = planned
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(releases, pool.map(
            lambda release: reference.bind(tool, repository, release, responses[release]), releases))


def plan(version, output):
    """Returns the compiler's options for the package and its tests, without what exists only beside the fakes."""
    builder = build.Builder(output)
    package = build.add_package(builder, version)
    # The part for the Unity Test Framework needs that package, which the reference sources do not have.
    without = [path for path in build.sources(build.PACKAGE / "Editor") if "Framework" not in path.parts]
    used = [package[name] for name in ("capabilities", "core", "fakes", "runtime")]
    builder.responses = [response for response in builder.responses if response.stem != "VibeSync.Editor"]
    builder.add("VibeSync.Editor", without, used, symbols=build.defines(version))
    builder.responses.insert(4, builder.responses.pop())
    nunit = build.CACHE / "roslyn" / "nunit.framework.dll"
    options = {"symbols": build.defines(version) + ["UNITY_INCLUDE_TESTS"]}
    used = [nunit, *package.values()]
    used.append(builder.add("UnityTestFramework", build.sources(build.TESTS / "TestFramework"), used, **options))
    for name, folder in {"VibeSync.Core.Tests": "Runtime", "VibeSync.Editor.Tests": "Editor"}.items():
        builder.add(name, build.sources(build.PACKAGE / "Tests" / folder), used, **options)
    return [response for response in builder.responses if response.stem != "UnityFakes"]
