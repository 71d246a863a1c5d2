"""Runs the validator of Khronos over exported scenes."""


def test_validator_finds_nothing_in_random_scenes(scenes, node):
    reports = node("validate.mjs", [file for file, _ in scenes.values()])
    assert len(reports) == len(scenes)
    found = [
        f"{report['file']} {message}"
        for report in reports
        for message in report["messages"]
        if message[0] in "01"
    ]
    assert not found, "\n".join(found[:20])


def test_validator_finds_what_is_wrong(scenes, node, tmp_path):
    content = max((file.read_bytes() for file, _ in scenes.values()), key=len)
    broken = tmp_path / "broken.glb"
    broken.write_bytes(content.replace(b'"POSITION"', b'"POSITIOM"', 1))
    assert node("validate.mjs", [broken])[0]["errors"] > 0
