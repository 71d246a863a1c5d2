"""Pictures and selections with the Python SDK of the Model Context Protocol, in both revisions of the protocol."""

import base64
import json
from contextlib import closing

import pytest
from conftest import PROGRAM
from editor import Editor, gray_png
from test_sdk import MODES, answer, converse


@pytest.fixture
def editor(project):
    project.start()
    project.run([PROGRAM, "agents", "work", "agent", "--project", project.root])
    with closing(Editor(project.folder / "run")) as one:
        yield one


@pytest.mark.parametrize("mode", MODES)
def test_client_sees_a_picture_and_selects(project, editor, mode):
    async def conversation(client):
        seen = await client.call_tool("scene_view", {"editor": "blender", "look": "top", "size": 300})
        text, image = seen.content
        assert not seen.is_error and json.loads(text.text) == seen.structured_content
        assert seen.structured_content.keys() == {"width", "height", "editor", "seq"}
        assert (seen.structured_content["width"], seen.structured_content["height"]) == (300, 150)
        assert (image.type, image.mime_type) == ("image", "image/png")
        assert base64.b64decode(image.data) == gray_png(300, 150)
        selected = await answer(client, "selection_set", editor="blender", uuids=[editor.stone])
        assert selected["selected"] == [editor.stone]

    converse(project, mode, "stdio", conversation)


@pytest.mark.parametrize("mode", MODES)
def test_client_reads_why_there_is_no_picture(project, editor, mode):
    editor.error = {"code": "VS-9206", "message": "Blender runs in the background"}

    async def conversation(client):
        seen = await client.call_tool("scene_view", {"editor": "blender"})
        assert seen.is_error and len(seen.content) == 1
        assert seen.structured_content["error"]["message"] == "Blender runs in the background"
        away = await client.call_tool("scene_view", {"editor": "unity"})
        assert away.structured_content["error"]["code"] == "VS-9206"
        editor.error = None
        for _ in range(7):
            seen = await client.call_tool("scene_view", {"editor": "blender", "size": 256})
        assert seen.structured_content["error"]["code"] == "VS-9204", "the budget of a minute is used up"

    converse(project, mode, "stdio", conversation)
