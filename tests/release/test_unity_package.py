"""The manifest of the package for Unity, its manual and its samples."""

import io
import json
import re
import tarfile
import tomllib

import pytest

BUILT_IN = {"0000000000000000e000000000000000", "0000000000000000f000000000000000"}


@pytest.fixture(scope="module")
def packed(parts):
    """The files of the package, by their names below `package/`."""
    with tarfile.open(fileobj=io.BytesIO(parts.unity[1])) as archive:
        files = [member for member in archive if member.isfile()]
        return {it.name.removeprefix("package/"): archive.extractfile(it).read().decode() for it in files}


@pytest.fixture(scope="module")
def manifest(packed):
    return json.loads(packed["package.json"])


def test_links_lead_to_files_of_the_repository(manifest, root):
    home = tomllib.loads((root / "Cargo.toml").read_text("utf-8"))["workspace"]["package"]["repository"]
    for key in ("documentationUrl", "changelogUrl", "licensesUrl"):
        start, _, path = manifest[key].partition("/blob/main/")
        assert start == home, key
        assert (root / path).is_file(), key


def test_package_contains_its_manual_and_its_samples(packed, manifest):
    assert "Documentation~/vibesync.md" in packed
    assert manifest["samples"]
    for sample in manifest["samples"]:
        assert sample["displayName"] and sample["description"]
        inside = [name for name in packed if name.startswith(f"{sample['path']}/")]
        assert any(name.endswith((".unity", "/addon_ai.json")) for name in inside), "a scene, or a capability add-on"
        assert any(name.endswith(".cs") for name in inside), "a script"
        assert all(f"{name}.meta" in packed for name in inside if not name.endswith(".meta"))


def test_manual_names_the_menu_entries_that_exist(packed):
    entries = set()
    for name, text in packed.items():
        if name.endswith(".cs"):
            entries |= {entry.replace("/", " > ") for entry in re.findall(r'MenuItem\("([^"]+)"', text)}
    names = {"Panel", "Self-Test", "Keep from Agents"}
    assert entries == {f"Window > VibeSync > {name}" for name in names}
    for entry in entries:
        assert f"**{entry}**" in packed["Documentation~/vibesync.md"]
    for name, text in packed.items():
        assert not re.search(r"Window > VibeSync(?! > (Panel|Self-Test|Keep from Agents))", text), name


def test_manual_counts_the_checks_of_the_self_test(packed):
    names = [name for name in packed if name.startswith("Editor/SelfTest/") and name.endswith("Checks.cs")]
    count = sum(packed[name].count("new SelfCheck(") for name in names)
    assert count >= 20
    assert f"it runs {count} checks" in packed["Documentation~/vibesync.md"]


def test_references_of_the_sample_scene_resolve(packed):
    scene = packed["Samples~/SyncEvents/SyncEvents.unity"]
    assert scene.startswith("%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n")
    declared = re.findall(r"^--- !u!\d+ &(\d+)$", scene, re.M)
    assert len(declared) == len(set(declared)) > 10
    for number, guid in re.findall(r"\{fileID: (\d+)(?:, guid: (\w+), type: \d)?\}", scene):
        assert guid in BUILT_IN if guid else number == "0" or number in declared, (number, guid)
    documents = dict(re.findall(r"^--- !u!\d+ &(\d+)\n((?:(?!---).*\n)+)", scene, re.M))
    assert set(documents) == set(declared)
    for number, text in documents.items():
        for owner in re.findall(r"m_GameObject: \{fileID: (\d+)\}", text):
            assert f"- component: {{fileID: {number}}}\n" in documents[owner]
        for father in re.findall(r"m_Father: \{fileID: ([1-9]\d*)\}", text):
            assert f"- {{fileID: {number}}}\n" in documents[father]
        for child in re.findall(r"^  - \{fileID: (\d+)\}$", text, re.M):
            assert f"m_Father: {{fileID: {number}}}\n" in documents[child]
