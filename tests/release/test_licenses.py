"""THIRD-PARTY-LICENSES has every part of the program with a text."""

import licenses
import pytest
from programs import LINUX, WINDOWS


def package(folder, name, files, source="registry"):
    path = folder / name
    for file, text in files.items():
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).write_text(text)
    path.mkdir(exist_ok=True)
    return {
        "id": name, "name": name, "version": "1.0.0", "license": "MIT", "repository": None, "source": source,
        "manifest_path": str(path / "Cargo.toml"),
    }  # fmt: skip


def test_only_normal_dependencies_are_linked(tmp_path):
    names = ["vibesync", "normal", "inner", "dev", "build"]
    packages = [package(tmp_path, name, {}, None if name == "vibesync" else "registry") for name in names]

    def node(name, **uses):
        return {"id": name, "deps": [{"pkg": it, "dep_kinds": [{"kind": kind}]} for it, kind in uses.items()]}

    nodes = [node("vibesync", normal=None, dev="dev", build="build"), node("normal", inner=None), node("inner")]
    metadata = {"packages": packages, "resolve": {"nodes": [*nodes, node("dev"), node("build")]}}
    assert [it["name"] for it in licenses.linked(metadata)] == ["inner", "normal"]


def test_texts_of_carried_libraries_count_and_those_of_tests_not(tmp_path):
    files = {"LICENSE-MIT": "a", "lib/deps/COPYING": "b", "lib/tests/LICENSE": "c", "src/license.rs": "d"}
    package(tmp_path, "git", files)
    assert [name for name, _ in licenses.license_files(tmp_path / "git")] == ["LICENSE-MIT", "lib/deps/COPYING"]


def test_equal_texts_stand_once(tmp_path):
    notices = licenses.Notices(tmp_path)
    for name, text in [("a", "one  text\n"), ("b", "one text"), ("c", "another")]:
        notices.add_crate(package(tmp_path, name, {"LICENSE": text}))
    text = notices.text()
    assert (text.count("[1] LICENSE"), text.count("[2] LICENSE"), text.count("one  text")) == (2, 1, 1)


def test_crate_without_a_license_text_stops_the_packaging(tmp_path):
    with pytest.raises(licenses.Unlicensed, match=r"bare 1\.0\.0"):
        licenses.Notices(tmp_path).add_crate(package(tmp_path, "bare", {}))


@pytest.mark.parametrize("system", [LINUX, WINDOWS], ids=lambda system: system.name)
def test_every_crate_of_the_program_has_a_text(system, root):
    text = licenses.third_party(root, system.target)
    assert text == licenses.third_party(root, system.target)
    for part in ("git2 ", "libgit2-sys ", "sled ", "tokio ", "The Rust standard library"):
        assert f"\n{part}" in text
    assert "unlimited permission to link the compiled version of this library" in " ".join(text.split())
    assert "/root/" not in text and "insta " not in text
