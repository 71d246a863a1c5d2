"""Previews of a real Blender window: what a person drags is seen in the other editor meanwhile, and the reverse.

The other editor is a plain client of the protocol. All run against the real daemon.
"""

import os
import threading
import time
from contextlib import closing, contextmanager

import pytest
from harness import Daemon, is_close, wait_for
from plain_editor import PlainEditor
from window import Window, install, pixels

NEAR = 60  # pixels
FAR = 3.0  # meters


@pytest.fixture(scope="module")
def pair(archive, tmp_path_factory):
    """Daemon, window and plain editor, with the scene that Blender starts with. The last test kills the window."""
    install(archive)
    daemon = Daemon(os.environ["VIBESYNC_BINARY"], tmp_path_factory.mktemp("previews")).start()
    window = None
    try:
        with closing(PlainEditor(daemon)) as editor:
            window = Window(daemon)
            window.wait_until_connected()
            wait_for("the scene arrives", lambda: daemon.is_settled() and named(editor, "Cube"))
            yield daemon, window, editor, named(editor, "Cube")
    finally:
        if window:
            window.kill()
        daemon.stop()


def named(editor, name):
    """Returns the uuid of an object by its name."""
    found = [
        uuid
        for uuid, entity in editor.entities.items()
        if entity["kind"] == "object" and entity["components"]["name"] == name
    ]
    return found[0] if found else None


def place(window, uuid):
    return window.dump()[uuid]["components"]["transform"]["translation"]


def agreed(editor, uuid):
    return editor.entities[uuid]["components"]["transform"]["translation"]


def close(one, other):
    return all(is_close(a, b) for a, b in zip(one, other, strict=True))


def grab(window, uuid, x=150, y=80):
    """Selects an object with the mouse, grabs it and holds it there."""
    window.rest()
    window.select(uuid)
    window.hold("TRANSFORM_OT_translate", "g")
    window.drag(x, y)


def in_step(window, editor, uuid):
    """Returns whether the other editor shows the object where the hand holds it."""
    return uuid in editor.shown and close(editor.shown[uuid]["translation"], place(window, uuid))


@contextmanager
def streaming(editor, uuid, start):
    """Previews an object that circles around its place, sixty times a second."""
    ended = threading.Event()

    def stream():
        step = 0
        while not ended.wait(1 / 60):
            step += 1
            editor.preview(uuid, to_the_right([start[0] + step % 60 / 60, *start[1:]]))

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        editor.preview_end(uuid)


def operations(daemon):
    """Returns the operations in the log, in order."""
    return list(dict.fromkeys(filter(None, (record["operation_id"] for record in daemon.log()))))


def to_the_right(place):
    """Returns the transform of an object that stands some meters from its place."""
    x, y, z = place
    return {"translation": [x + FAR, y, z], "rotation": [0, 0, 0, 1], "scale": [1, 1, 1]}


def test_held_object_moves_in_the_other_editor_meanwhile(pair):
    daemon, window, editor, cube = pair
    before, at_first = operations(daemon), agreed(editor, cube)
    grab(window, cube)
    wait_for("it is shown where it is held", lambda: in_step(window, editor, cube))
    assert not close(editor.shown[cube]["translation"], at_first)
    window.drag(100, 0)
    wait_for("it follows the hand", lambda: in_step(window, editor, cube))
    time.sleep(1.5)  # a hand at rest: nothing moves, and the value is repeated
    assert in_step(window, editor, cube) and cube not in editor.ended
    assert operations(daemon) == before and close(agreed(editor, cube), at_first), "the log knows nothing of it"
    window.finish()
    wait_for("the change arrives", lambda: close(agreed(editor, cube), place(window, cube)))
    assert cube not in editor.shown and cube not in editor.ended, "the change has ended the preview"
    assert len(operations(daemon)) == len(before) + 1


def test_cancelled_drag_ends_the_preview(pair):
    daemon, window, editor, cube = pair
    before, at_first = operations(daemon), agreed(editor, cube)
    grab(window, cube)
    wait_for("it is shown where it is held", lambda: in_step(window, editor, cube))
    window.finish("Escape")
    wait_for("the preview ends", lambda: cube in editor.ended and cube not in editor.shown)
    assert close(place(window, cube), at_first)
    wait_for("all is settled", daemon.is_settled)
    assert operations(daemon) == before


def test_preview_is_drawn_and_leaves_no_trace(pair):
    daemon, window, editor, cube = pair
    start = agreed(editor, cube)
    grab(window, cube, -100, 0)
    window.finish()
    wait_for("the last edit of the person arrives", lambda: not close(agreed(editor, cube), start))
    wait_for("all is settled", daemon.is_settled)
    window.do("save", path=str(daemon.project / "scene.blend"))
    wait_for("the file is saved", lambda: window.do("file")["saved"])
    before, at_first = operations(daemon), agreed(editor, cube)
    value = to_the_right(at_first)
    editor.preview(cube, value)
    wait_for("it is shown", lambda: close(place(window, cube), value["translation"]))
    there = window.do("where", uuid=cube)
    for _ in range(5):  # repeated, so that it stays
        editor.preview(cube, value)
        time.sleep(0.2)
    with_cube = pixels(there["x"], there["y"], NEAR)
    assert window.do("file")["saved"], "the file counts as unchanged"
    editor.preview_end(cube)
    wait_for("it is put back", lambda: close(place(window, cube), at_first))
    wait_for("the screen shows it", lambda: pixels(there["x"], there["y"], NEAR) != with_cube)
    assert window.do("file")["saved"] and operations(daemon) == before
    window.key("ctrl+z")
    wait_for("one undo reverts the last edit of the person", lambda: close(place(window, cube), start))
    wait_for("the undo is sent", lambda: daemon.is_settled() and close(agreed(editor, cube), start))


def test_person_works_undoes_and_saves_beside_a_stream_of_previews(pair):
    daemon, window, editor, cube = pair
    window.rest()
    wait_for("all is settled", daemon.is_settled)
    start, light = place(window, cube), named(editor, "Light")
    first = len(daemon.log())
    with streaming(editor, cube, start):
        wait_for("it is shown", lambda: not close(place(window, cube), start))
        for step in range(4):
            before = agreed(editor, light)
            grab(window, light, 30 + step, 20)
            window.finish()
            wait_for("the edit arrives", lambda was=before: not close(agreed(editor, light), was))
            window.key("ctrl+z")
            wait_for("the undo arrives", lambda was=before: close(agreed(editor, light), was))
            window.key("ctrl+shift+z")
            wait_for("the redo arrives", lambda was=before: not close(agreed(editor, light), was))
            window.do("save", path=str(daemon.project / "scene.blend"))
        wait_for("it is shown on", lambda: not close(place(window, cube), start))
    wait_for("it is put back", lambda: close(place(window, cube), start))
    window.key("ctrl+z")  # to a step that was made while the preview was shown
    wait_for("the undo is sent", lambda: close(agreed(editor, light), place(window, light)) and daemon.is_settled())
    assert close(place(window, cube), start) and close(agreed(editor, cube), start)
    edits = [record for record in daemon.log()[first:] if record["phase"] == "STEP"]
    assert edits and not [record for record in edits if cube in record["uuids"]], "no preview came back as an edit"


def test_preview_that_nobody_repeats_is_put_back(pair):
    _, window, editor, cube = pair
    window.rest()
    at_first = place(window, cube)
    value = to_the_right(at_first)
    editor.preview(cube, value)
    wait_for("it is shown", lambda: close(place(window, cube), value["translation"]))
    wait_for("it is put back", lambda: close(place(window, cube), at_first))


def test_person_who_takes_hold_of_a_shown_object_keeps_it(pair):
    daemon, window, editor, cube = pair
    window.rest()
    window.select(cube)
    before, at_first = operations(daemon), place(window, cube)
    value = to_the_right(at_first)
    editor.preview(cube, value)
    wait_for("it is shown", lambda: close(place(window, cube), value["translation"]))
    window.hold("TRANSFORM_OT_translate", "g")
    window.drag(60, 0)
    wait_for("the hand has it", lambda: not close(place(window, cube), value["translation"]))
    window.finish("Escape")
    wait_for("what was agreed is back", lambda: close(place(window, cube), at_first))
    wait_for("all is settled", daemon.is_settled)
    assert operations(daemon) == before


def data_of(editor, kind):
    """Returns the uuid of the only light or material."""
    wait_for("it arrives", lambda: [uuid for uuid, each in editor.entities.items() if each["kind"] == kind])
    return next(uuid for uuid, each in editor.entities.items() if each["kind"] == kind)


@pytest.mark.parametrize(
    ("kind", "component", "field"), [("light", "light", "intensity"), ("material", "pbr", "roughness")]
)
def test_dragged_number_is_seen_meanwhile_and_escape_puts_it_back(pair, kind, component, field):
    daemon, window, editor, _ = pair
    window.rest()
    uuid = data_of(editor, kind)
    wait_for("all is settled", daemon.is_settled)
    before, at_first = operations(daemon), window.do("number", uuid=uuid)["number"]
    agreed_first = editor.entities[uuid]["components"][component][field]
    editor.ended.clear()
    window.open_sidebar("Item")
    with window.hold_number(uuid):
        wait_for("it is shown", lambda: uuid in editor.shown and editor.shown[uuid][component][field] != agreed_first)
        shown = editor.shown[uuid][component][field]
        wait_for("it follows the hand", lambda: editor.shown[uuid][component][field] != shown)
        assert uuid in editor.shown and uuid not in editor.ended and operations(daemon) == before
        window.key("Escape")
        wait_for("the preview ends", lambda: uuid in editor.ended and uuid not in editor.shown)
    wait_for("all is settled", daemon.is_settled)
    assert window.do("number", uuid=uuid)["number"] == at_first and operations(daemon) == before
    with window.hold_number(uuid):
        wait_for("it is shown", lambda: uuid in editor.shown)
        assert operations(daemon) == before
    wait_for("the change arrives", lambda: editor.entities[uuid]["components"][component][field] != agreed_first)
    wait_for("all is settled", daemon.is_settled)
    assert len(operations(daemon)) == len(before) + 1, "one change for the whole drag"
    window.close_sidebar()


def test_held_vertices_are_seen_meanwhile_and_end_as_one_change(pair):
    daemon, window, editor, cube = pair
    window.rest()
    window.select(cube)
    mesh = editor.entities[cube]["components"]["data"]["uuid"]
    window.key("Tab")
    window.mode("EDIT")
    window.key("a")
    drag_vertices(window, 40, 0)
    window.finish()
    before = operations(daemon)
    wait_for("the mesh arrives", lambda: operations(daemon) != before)
    wait_for("all is settled", daemon.is_settled)
    before = operations(daemon)
    drag_vertices(window, 60, 0)
    wait_for("they are shown", lambda: mesh in editor.shown)
    shown = editor.shown[mesh]
    window.drag(90, 30)
    wait_for("they follow the hand", lambda: editor.shown[mesh] != shown)
    assert operations(daemon) == before and mesh not in editor.ended
    window.finish("Escape")
    wait_for("the preview ends", lambda: mesh in editor.ended and mesh not in editor.shown)
    wait_for("all is settled", daemon.is_settled)
    assert operations(daemon) == before
    drag_vertices(window, 60, 0)
    wait_for("they are shown again", lambda: mesh in editor.shown)
    window.finish()
    wait_for("the change arrives", lambda: mesh not in editor.shown and daemon.is_settled())
    assert len(operations(daemon)) == len(before) + 1, "one change for the whole drag"
    window.rest()


def drag_vertices(window, x, y):
    """Grabs the selected vertices with the keyboard and holds them there."""
    window.hold("TRANSFORM_OT_translate", "g")
    window.drag(x, y)


def test_killed_blender_leaves_no_preview(pair):
    daemon, window, editor, cube = pair
    before, at_first = operations(daemon), agreed(editor, cube)
    grab(window, cube)
    wait_for("it is shown where it is held", lambda: in_step(window, editor, cube))
    editor.ended.clear()
    window.kill()
    wait_for("the daemon ends it", lambda: cube in editor.ended and cube not in editor.shown)
    assert operations(daemon) == before and close(agreed(editor, cube), at_first)
