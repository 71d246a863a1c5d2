"""Binds the package against Unity's own sources, release by release, where a repository of them is at hand."""
from concurrent.futures import ThreadPoolExecutor

import build
import reference
import signatures

AT_ONCE = 2  # processes; each holds the sources of one release
ASSEMBLIES = ["VibeSync.Core", "VibeSync.Runtime", "VibeSync.Editor"]


def problems(tool, output):
    """Yields each release with the compiler's complaints. `output` holds the compiled package of each version."""
    repository = reference.repository()
    if repository is None:
        print(f"{reference.VARIABLE} is not set: the package is not bound against Unity's own sources")
        return
    releases = reference.releases(reference.tags(repository), build.UNITY_VERSIONS)
    responses = {release: [output / version / f"{name}.rsp" for name in ASSEMBLIES]
                 for version in build.UNITY_VERSIONS
                 for release in signatures.covered(releases, version, build.UNITY_VERSIONS)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(releases, pool.map(
            lambda release: reference.bind(tool, repository, release, responses[release]), releases))
