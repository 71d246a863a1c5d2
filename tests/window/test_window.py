"""Edits with mouse and keyboard in a real Blender window reach Unity, and edits in Unity reach the window."""

import signal
from contextlib import closing

import pytest
from agent import Agent
from harness import converge, is_close, wait_for
from window import pixels

REST_SECONDS = 0.3
LOCATION_BELOW_TITLE = 65  # pixels, in the sidebar's first tab
ALLOW_BELOW_TITLE = 279  # pixels: the first button of the first question, in the tab VibeSync
MANY = 1_000  # pixels; a cube of a meter covers about 3,000

SIGNALS = {"green": (64, 191, 77), "yellow": (242, 191, 26), "red": (230, 51, 51)}


@pytest.fixture
def cube(empty_scene):
    """Daemon and editors, with a cube from Unity that is selected in the window."""
    daemon, window, unity = empty_scene
    made = unity.do("create", name="Thing", shape="cube", translation=[0, 0, 0])
    converge(daemon, window, unity)
    window.select(made["uuid"])
    return daemon, window, unity, made["uuid"]


def objects(editor):
    return {uuid: entity for uuid, entity in editor.dump().items() if entity["kind"] == "object"}


def place(editor, uuid):
    return editor.dump()[uuid]["components"]["transform"]["translation"]


def at(editor, uuid, wanted):
    return all(is_close(a, b) for a, b in zip(place(editor, uuid), wanted, strict=True))


def grab(window, x=200, y=100):
    """Grabs the selection and holds it there."""
    window.hold("TRANSFORM_OT_translate", "g")
    window.drag(x, y)


def test_grab_undo_redo(cube):
    daemon, window, unity, uuid = cube
    grab(window)
    window.finish()
    moved = place(window, uuid)
    assert not at(window, uuid, [0, 0, 0])
    wait_for("the move arrives", lambda: at(unity, uuid, moved))
    window.key("ctrl+z")
    wait_for("the undo arrives", lambda: at(unity, uuid, [0, 0, 0]))
    window.key("ctrl+shift+z")
    wait_for("the redo arrives", lambda: at(unity, uuid, moved))
    assert converge(daemon, window, unity).keys() >= {uuid}


def test_cancelled_grab_leaves_no_change(cube):
    daemon, window, unity, uuid = cube
    grab(window)
    window.finish("Escape")
    converge(daemon, window, unity)
    assert at(unity, uuid, [0, 0, 0])


def test_typed_moves(cube):
    daemon, window, unity, uuid = cube
    window.hold("TRANSFORM_OT_translate", "g")
    window.key("x", "2", "period", "5")
    window.finish("Return")
    wait_for("the move arrives", lambda: at(unity, uuid, [2.5, 0, 0]))
    window.hold("TRANSFORM_OT_resize", "s")
    window.key("2")
    window.finish("Return")
    scene = converge(daemon, window, unity)
    assert scene[uuid]["components"]["transform"]["scale"] == [2, 2, 2]


@pytest.mark.parametrize("linked", [False, True])
def test_duplicates(cube, linked):
    daemon, window, unity, uuid = cube
    before = objects(unity)
    window.hold("OBJECT_OT_duplicate_move" + "_linked" * linked, "alt+d" if linked else "shift+d")
    window.drag(-200, 0)
    window.finish()
    scene = converge(daemon, window, unity)
    (copy,) = objects(unity).keys() - before.keys()
    assert window.hands()["selected"] == [copy], "the copy has the new identity, and the original keeps its own"
    assert at(unity, uuid, [0, 0, 0]) and not at(unity, copy, [0, 0, 0])
    data = [scene[each]["components"]["data"]["uuid"] for each in (uuid, copy)]
    assert (data[0] == data[1]) is linked


def test_delete_and_undo(cube):
    daemon, window, unity, uuid = cube
    window.delete()
    wait_for("the deletion arrives", lambda: not objects(unity))
    window.key("ctrl+z")
    wait_for("it is back as what it was", lambda: objects(unity).keys() == {uuid})
    converge(daemon, window, unity)
    window.key("ctrl+shift+z")
    wait_for("it is gone again", lambda: not objects(unity))
    converge(daemon, window, unity)


def test_rename_and_hide(cube):
    daemon, window, unity, uuid = cube
    view = window.do("view")
    square = (view["x"], view["y"], 300)
    before = window.still(*square)
    opened = "the field for the name opens"
    window.until(opened, lambda: window.key("F2"), lambda: different(before, pixels(*square)) > MANY)
    window.key("ctrl+a")
    window.write("Renamed")
    window.key("Return")
    wait_for("the name arrives", lambda: objects(unity)[uuid]["components"]["name"] == "Renamed")
    window.key("h")
    wait_for("it is hidden there too", lambda: not objects(unity)[uuid]["components"]["visibility"]["visible"])
    window.key("alt+h")
    wait_for("it is shown again", lambda: objects(unity)[uuid]["components"]["visibility"]["visible"])
    converge(daemon, window, unity)


def test_parent_and_join(cube):
    daemon, window, unity, uuid = cube
    other = unity.do("create", name="Other", shape="cube", translation=[-2, 0, 0])["uuid"]
    converge(daemon, window, unity)
    window.select_all()
    window.key("ctrl+p")

    def parents():
        return {each: entity["components"]["parent"]["uuid"] for each, entity in objects(unity).items()}

    window.until("one is the other's parent", lambda: window.key("Return"), lambda: any(parents().values()))
    assert parents() == {uuid: None, other: uuid}, "the active object is the parent"
    converge(daemon, window, unity)
    window.key("ctrl+j")
    wait_for("both are one", lambda: objects(unity).keys() == {uuid})
    scene = converge(daemon, window, unity)
    assert len(scene[scene[uuid]["components"]["data"]["uuid"]]["components"]["mesh"]["corners"]) == 72


def test_editors_converge_after_undo_redo_storm(cube):
    daemon, window, unity, uuid = cube
    places = []
    for _ in range(4):
        window.hold("TRANSFORM_OT_translate", "g")
        window.key("x", "1")
        window.finish("Return")
        places.append(place(window, uuid))
    for storm in (["ctrl+z"] * 4, ["ctrl+shift+z"] * 4, ["ctrl+z"] * 3 + ["ctrl+shift+z"] * 2 + ["ctrl+z"]):
        window.key(*storm)
    wait_for("Blender has done them all", lambda: at(window, uuid, places[1]))
    scene = converge(daemon, window, unity)
    assert objects(unity).keys() == {uuid} and at(unity, uuid, places[1])
    assert scene[uuid]["components"]["name"] == "Thing"


def test_edit_mode(cube):
    daemon, window, unity, uuid = cube
    before = converge(daemon, window, unity)
    mesh = before[uuid]["components"]["data"]["uuid"]
    window.key("Tab")
    window.mode("EDIT")
    unity.do("move", uuid=uuid, translation=[0, 0, 5])
    wait_for("the batch waits for the artist", lambda: window.status()["waiting"])
    window.key("a")
    window.hold("TRANSFORM_OT_translate", "g")
    window.key("x", "3")
    window.finish("Return")
    assert at(window, uuid, [0, 0, 0]), "a person beats automation"
    window.key("Tab")
    window.mode("OBJECT")
    after = converge(daemon, window, unity)
    corners = zip(
        before[mesh]["components"]["mesh"]["corners"], after[mesh]["components"]["mesh"]["corners"], strict=True
    )
    assert all(is_close(new[0] - old[0], 3) for old, new in corners)
    assert at(window, uuid, [0, 0, 5])


def test_batch_waits_during_a_modal_operator(cube):
    daemon, window, unity, uuid = cube
    other = unity.do("create", name="Other", shape="cube", translation=[-3, 0, 0])["uuid"]
    converge(daemon, window, unity)
    grab(window)
    held = place(window, uuid)
    unity.do("move", uuid=other, translation=[-3, 2, 0])
    wait_for("the batch is there and waits", lambda: window.status()["waiting"])
    window.drag(-100, 0)
    wait_for("the grab goes on", lambda: place(window, uuid) != held)
    assert at(window, other, [-3, 0, 0]) and window.status()["waiting"]
    assert "TRANSFORM_OT_translate" in window.hands()["modal"]
    window.finish()
    wait_for("the batch is applied", lambda: at(window, other, [-3, 2, 0]))
    assert place(window, uuid) != held
    converge(daemon, window, unity)
    ticks = window.do("ticks")["ticks"]
    applied = next(index for index in range(len(ticks) - 1, 0, -1) if ticks[index][2] != ticks[index - 1][2])
    last_held = next(moment for moment, modal, _ in reversed(ticks[:applied]) if modal)
    assert ticks[applied][0] - last_held >= REST_SECONDS, "automation waits until the hands have rested"


def test_batch_waits_while_a_number_is_dragged(cube):
    daemon, window, unity, uuid = cube
    other = unity.do("create", name="Other", shape="cube", translation=[-3, 0, 0])["uuid"]
    converge(daemon, window, unity)
    window.open_sidebar("Item")
    try:
        title = window.do("sidebar")
        with window.slide(title["x"] + 20, title["y"] + LOCATION_BELOW_TITLE):
            wait_for("the number moves the object", lambda: not at(window, uuid, [0, 0, 0]))
            unity.do("move", uuid=other, translation=[-3, 2, 0])
            wait_for("the batch is there and waits", lambda: window.status()["waiting"])
            held = place(window, uuid)
            wait_for("the drag goes on", lambda: place(window, uuid) != held)
            assert at(window, other, [-3, 0, 0]) and window.status()["waiting"]
        wait_for("the batch is applied", lambda: at(window, other, [-3, 2, 0]))
        window.rest()
        window.key("ctrl+z")
        wait_for("the batch was a step of its own", lambda: at(unity, other, [-3, 0, 0]))
        window.key("ctrl+z")
        wait_for("and so was the drag", lambda: at(unity, uuid, [0, 0, 0]))
        converge(daemon, window, unity)
    finally:
        window.close_sidebar()


def hands(daemon):
    """Returns the active edits of Blender that the daemon knows."""
    return next(session["hands"] for session in daemon.status()["sessions"] if session["role"] == "blender")


def test_agent_waits_for_an_object_in_a_modal_operator(cube):
    daemon, window, unity, uuid = cube
    other = unity.do("create", name="Other", shape="empty", translation=[-3, 0, 0])["uuid"]
    converge(daemon, window, unity)
    with closing(Agent(daemon)) as agent:
        head = daemon.status()["head_seq"]
        grab(window)
        wait_for("the daemon knows", lambda: hands(daemon) == [uuid])
        wanted = agent.send_intent(
            head, {"op": "update", "uuid": uuid, "components": {"visibility": {"visible": False}}}
        )
        assert agent.receive("notice", "ack")["code"] == "VS-3014"
        free = agent.send_intent(head, {"op": "update", "uuid": other, "components": {"name": "Agent's"}})
        assert agent.receive("ack")["operation_id"] == free
        window.drag(-100, 0)
        assert daemon.status()["paused_intents"] == 1
        window.finish()
        answer = agent.receive("ack")
        assert (answer["operation_id"], answer["error"]["code"]) == (wanted, "VS-4009"), "the artist has moved it since"
    scene = converge(daemon, window, unity)
    assert not at(unity, uuid, [0, 0, 0]) and scene[other]["components"]["name"] == "Agent's"


def test_agent_waits_while_a_number_is_dragged(cube):
    daemon, window, unity, uuid = cube
    window.open_sidebar("Item")
    try:
        title = window.do("sidebar")
        with closing(Agent(daemon)) as agent:
            with window.slide(title["x"] + 20, title["y"] + LOCATION_BELOW_TITLE):
                wait_for("the daemon knows", lambda: hands(daemon) == [uuid])
                agent.send_intent(daemon.status()["head_seq"], {"op": "delete", "uuid": uuid})
                assert agent.receive("notice", "ack")["code"] == "VS-3014"
                held = place(window, uuid)
                wait_for("the drag goes on", lambda: place(window, uuid) != held)
            assert agent.receive("ack")["error"]["code"] == "VS-4009"
        converge(daemon, window, unity)
    finally:
        window.close_sidebar()


def test_attaching_waits_during_a_modal_operator(cube):
    daemon, window, unity, uuid = cube
    window.do("enable", enabled=False)
    grab(window)
    window.do("enable", enabled=True)
    seen = window.do("ticks")["ticks"][-1][0]
    wait_for("the addon ticks", lambda: window.do("ticks")["ticks"][-1][0] > seen + 3 * REST_SECONDS)
    assert "TRANSFORM_OT_translate" in window.hands()["modal"]
    assert window.status()["attached"] is False and window.status()["state"] == "offline"
    window.finish()
    window.wait_until_connected()
    moved = place(window, uuid)
    wait_for("what was moved meanwhile arrives", lambda: at(unity, uuid, moved))
    converge(daemon, window, unity)


def test_hanging_daemon_never_blocks_the_window(cube):
    daemon, window, unity, uuid = cube
    daemon.process.send_signal(signal.SIGSTOP)
    try:
        grab(window)
        window.finish()
        moved = place(window, uuid)
        assert not at(window, uuid, [0, 0, 0]) and window.hands()["modal"] == []
    finally:
        daemon.process.send_signal(signal.SIGCONT)
    window.wait_until_connected()
    wait_for("the move arrives", lambda: at(unity, uuid, moved))


def test_edit_from_unity_is_seen_on_the_screen(empty_scene):
    daemon, window, unity = empty_scene
    view = window.do("view")

    square = (view["x"], view["y"], 300)
    empty = window.still(*square)
    uuid = unity.do("create", name="Seen", shape="cube", translation=[0, 0, 0])["uuid"]
    wait_for("the window shows it", lambda: different(empty, pixels(*square)) > MANY)
    converge(daemon, window, unity)
    there = window.still(*square)
    unity.do("move", uuid=uuid, translation=[2, 0, 0])
    wait_for("the window shows it elsewhere", lambda: different(there, pixels(*square)) > MANY)
    unity.do("delete", uuid=uuid)
    wait_for("the window is as empty as before", lambda: different(empty, pixels(*square)) == 0)


def different(before, after):
    """Counts the pixels that differ."""
    return sum(before[i : i + 3] != after[i : i + 3] for i in range(0, len(before), 3))


def test_one_undo_reverts_a_whole_batch(cube):
    daemon, window, unity, uuid = cube
    made = unity.do("create", name="Pair", shape="cube", translation=[0, 0, 4])
    converge(daemon, window, unity)
    window.key("ctrl+z")
    wait_for("object and mesh are gone from both", lambda: not {made["uuid"], made["mesh"]} & unity.dump().keys())
    assert objects(window).keys() == objects(unity).keys() == {uuid}


def test_save_and_reload(cube):
    daemon, window, unity, uuid = cube
    path = daemon.project / "scene.blend"
    window.do("save", path=str(path))
    grab(window)
    window.finish()
    converge(daemon, window, unity)
    window.key("ctrl+s")
    wait_for("Blender has saved", lambda: window.do("file")["saved"])
    assert path.with_name("scene.blend.vibesync.json").exists()
    window.do("open", path=str(path))
    window.wait_until_connected()
    unity.do("move", uuid=uuid, translation=[1, 1, 1])
    wait_for("the file that was loaded is followed by uuid", lambda: at(window, uuid, [1, 1, 1]))
    converge(daemon, window, unity)
    assert objects(unity).keys() == {uuid}
    window.select(uuid)
    grab(window)
    window.finish()
    moved = place(window, uuid)
    wait_for("what the window does after it arrives", lambda: at(unity, uuid, moved))


def test_preferences_take_effect_at_once(daemon_and_editors):
    daemon, window, _ = daemon_and_editors
    assert window.do("prefer", name="budget_ms", value=7)["budget"] == pytest.approx(0.007)
    assert window.do("prefer", name="project_folder", value="/somewhere/")["project_folder"] == "/somewhere/"
    window.do("prefer", name="project_folder", value=str(daemon.project))
    window.do("prefer", name="budget_ms", value=6)


@pytest.mark.parametrize("touch", ["mouse", "key"])
def test_input_is_noticed_during_long_work(empty_scene, touch):
    _, window, _ = empty_scene
    window.mouse(500, 400)
    wait_for("a second without input", lambda: window.do("at_rest")["at_rest"])
    if touch == "mouse":
        window.mouse(560, 440)
    else:
        window.key("ctrl+F10")  # means nothing to Blender
    wait_for("the input is noticed", lambda: not window.do("at_rest")["at_rest"], 0.9)
    wait_for("it is long ago", lambda: window.do("at_rest")["at_rest"])


def test_panel_shows_the_state_and_its_button_works(cube):
    daemon, window, unity, uuid = cube
    window.open_sidebar("VibeSync")
    try:
        wait_for("a green signal on the screen", lambda: signal_on_screen(window) == "green")
        window.press("Pause", lambda: window.status()["state"] == "error")
        wait_for("a yellow signal on the screen", lambda: signal_on_screen(window) == "yellow")
        unity.do("move", uuid=uuid, translation=[1, 0, 0])
        window.press("Resume", lambda: window.status()["state"] == "connected")
        wait_for("what came meanwhile is applied", lambda: at(window, uuid, [1, 0, 0]))
        daemon.stop()
        wait_for("a red signal on the screen", lambda: signal_on_screen(window) == "red")
        assert "vibesync run" in window.do("panel")["advice"]
        daemon.start()
        wait_for("a green signal on the screen", lambda: signal_on_screen(window) == "green")
    finally:
        window.close_sidebar()


def test_click_allows_what_an_agent_asks(cube):
    daemon, window, unity, uuid = cube
    window.open_sidebar("VibeSync")
    try:
        with closing(Agent(daemon)) as agent:
            agent.send_intent(daemon.status()["head_seq"], {"op": "delete", "uuid": uuid})
            assert agent.receive("ack")["status"] == "waiting"
            wait_for("the panel shows the question", lambda: window.do("panel")["agents"]["questions"])
            wait_for("a yellow signal on the screen", lambda: signal_on_screen(window) == "yellow")
            assert window.hands()["modal"] == [], "nothing interrupts"
            title = window.do("sidebar")
            window.mouse(title["x"], title["y"] + ALLOW_BELOW_TITLE)
            window.click()
            wait_for("the object is gone from both", lambda: not {*objects(window), *objects(unity)})
            assert agent.receive("ack")["status"] == "accepted", "the question is answered"
        wait_for("a green signal on the screen", lambda: signal_on_screen(window) == "green")
    finally:
        window.close_sidebar()


def signal_on_screen(window):
    """Returns the color of the signal in the panel, by the pixels below the panel's title."""
    bar = window.do("sidebar")
    shown = pixels(bar["x"] - 120, bar["y"] + 30, size=40)
    found = [shown[i : i + 3] for i in range(0, len(shown), 3)]
    for name, color in SIGNALS.items():
        if sum(all(abs(a - b) < 12 for a, b in zip(each, color, strict=True)) for each in found) > 10:
            return name
    return None
