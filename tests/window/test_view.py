"""Pictures of the viewport for agents, and their selections, in a real Blender window."""

import os
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from agent import Agent
from harness import converge, wait_for
from window import inside, pixels

RED, GREEN, BLUE = [255, 0, 0], [0, 255, 0], [0, 0, 255]
FILLED = 1 / 1.1
SMOOTH = 6  # pixels


class Eyes:
    """An agent with a budget of its own. It connects for each request, as a test may look at a picture for long."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.name = f"eyes-{uuid.uuid4().hex[:8]}"

    def look(self, **fields):
        with closing(Agent(self.daemon, self.name)) as agent:
            return agent.look(**fields)

    def select(self, uuids):
        with closing(Agent(self.daemon, self.name)) as agent:
            return agent.select(uuids)


@pytest.fixture
def agent(empty_scene):
    return Eyes(empty_scene[0])


@pytest.fixture
def cubes(empty_scene):
    """Daemon and editors, with cubes in flat colors: red at the origin, green above, blue behind."""
    daemon, window, unity = empty_scene
    places = {"red": ([0, 0, 0], RED), "green": ([0, 4, 0], GREEN), "blue": ([0, 0, -4], BLUE)}
    made = {name: unity.do("create", name=name, shape="cube", translation=place) for name, (place, _) in places.items()}
    uuids = {name: answer["uuid"] for name, answer in made.items()}
    converge(daemon, window, unity)
    colors = {uuids[name]: [each / 255 for each in color] for name, (_, color) in places.items()}
    window.do("flat", colors=colors)
    # The first picture compiles shaders, which takes longer in software than the daemon waits.
    Eyes(daemon).look(size=256)
    return daemon, window, unity, uuids


def decode(png):
    """Returns the rows of pixels of a PNG, read by a program that others wrote."""
    path = Path(os.environ["HOME"]) / f"{uuid.uuid4()}.png"
    path.write_bytes(png)
    width, height = map(int, inside("identify", "-format", "%w %h", path).split())
    data = inside("convert", path, "-depth", "8", "rgb:-")
    path.unlink()
    assert len(data) == 3 * width * height
    return [[list(data[3 * (y * width + x) :][:3]) for x in range(width)] for y in range(height)]


def look(agent, **fields):
    """Returns the answer and the rows of the picture."""
    answer, png = agent.look(**fields)
    assert answer["error"] is None, answer
    rows = decode(png)
    assert (len(rows[0]), len(rows)) == (answer["width"], answer["height"])
    assert max(answer["width"], answer["height"]) == fields.get("size", 768)
    return answer, rows


def is_near(color, wanted, most=2):
    return all(abs(a - b) <= most for a, b in zip(color, wanted, strict=True))


def box(rows, color):
    """Returns the first and last column and row of a color; None if the picture lacks it."""
    found = [(x, y) for y, row in enumerate(rows) for x, each in enumerate(row) if is_near(each, color)]
    if not found:
        return None
    columns, lines = [x for x, _ in found], [y for _, y in found]
    return min(columns), max(columns), min(lines), max(lines)


def center(rows, color):
    left, right, top, bottom = box(rows, color)
    return (left + right) / 2, (top + bottom) / 2


def test_cube_fills_its_frame_and_nothing_changes(cubes, agent):
    daemon, window, _, uuids = cubes
    before, sequence = window.do("viewpoint"), daemon.status()["head_seq"]
    for direction, name, color in (("front", "red", RED), ("top", "green", GREEN), ("side", "blue", BLUE)):
        answer, rows = look(agent, look=direction, frame=[uuids[name]], size=256)
        left, right, top, bottom = box(rows, color)
        shorter = min(answer["width"], answer["height"])
        # Edges are smooth, so the outermost pixels have not quite the color.
        assert abs((bottom - top + 1) - shorter * FILLED) <= SMOOTH, "it fills the picture"
        assert right - left == pytest.approx(bottom - top, abs=1), "nothing is stretched"
        assert center(rows, color) == pytest.approx(((answer["width"] - 1) / 2, (answer["height"] - 1) / 2), abs=1)
        assert answer["camera"] == "" and answer["editor"] == "blender"
    assert window.do("viewpoint") == before
    records = [record for record in daemon.log() if record["seq"] > sequence]
    assert [record["phase"] for record in records if record["phase"] != "SESSION"] == ["VIEW"] * 3
    views = [record for record in records if record["phase"] == "VIEW"]
    assert [record["uuids"] for record in views] == [[uuids[name]] for name in ("red", "green", "blue")]


@pytest.mark.usefixtures("cubes")
def test_directions_show_what_is_above_behind_and_beside(agent):
    _, rows = look(agent, look="front", size=256)
    red, green = center(rows, RED), center(rows, GREEN)
    assert green[0] == pytest.approx(red[0], abs=1) and green[1] < red[1], "green is above"
    assert box(rows, BLUE) is None, "blue is behind red"
    _, rows = look(agent, look="top", size=256)
    blue, green = center(rows, BLUE), center(rows, GREEN)
    assert blue[0] == pytest.approx(green[0], abs=1) and blue[1] < green[1], "behind is up"
    assert box(rows, RED) is None, "red is below green"
    _, rows = look(agent, look="side", size=256)
    red, green, blue = (center(rows, color) for color in (RED, GREEN, BLUE))
    assert blue[0] > red[0] and blue[1] == pytest.approx(red[1], abs=1), "behind is right"
    assert green[0] == pytest.approx(red[0], abs=1) and green[1] < red[1]


def test_view_shows_what_the_screen_shows(cubes, agent):
    _, window, _, uuids = cubes
    window.rest()
    view = window.do("view")
    window.still(view["x"], view["y"], 200)
    before = window.do("viewpoint")
    answer, rows = look(agent, size=600)
    for name, color in (("red", RED), ("green", GREEN), ("blue", BLUE)):
        there = window.do("where", uuid=uuids[name])
        shown = list(pixels(there["x"], there["y"], 1))
        assert is_near(shown, color), f"{name} is on the screen"
        x, y = window.do("part", x=there["x"], y=there["y"])["part"]
        drawn = rows[round(y * answer["height"])][round(x * answer["width"])]
        assert is_near(drawn, shown), f"{name} is in the picture"
    assert window.do("viewpoint") == before
    _, rows = look(agent, frame=[uuids["green"]], size=300)
    left, right, top, bottom = box(rows, GREEN)
    assert max(right - left, bottom - top) > 100, "green is large now"
    assert window.do("viewpoint") == before


def test_camera_sees_what_is_in_front_of_it(cubes, agent):
    daemon, window, unity, _ = cubes
    answer, png = agent.look(look="camera")
    assert answer["error"]["code"] == "VS-9206" and png == b"", "no camera"
    window.do("add_camera", place=[0, -6, 0], turn=[1.5707963, 0, 0])
    converge(daemon, window, unity)
    answer, rows = look(agent, look="camera", size=400)
    assert (answer["width"], answer["height"], answer["camera"]) == (400, 300, "Eye")
    left, right, top, bottom = box(rows, RED)
    assert center(rows, RED) == pytest.approx((199.5, 149.5), abs=1)
    # Half a meter of a cube that begins 5.5 meters away; the camera shows 36 of 50 millimeters to each side.
    assert right - left == bottom - top == pytest.approx(400 * (1 / 5.5) * 50 / 36, abs=SMOOTH)
    assert box(rows, GREEN) is None and box(rows, BLUE) is None, "above the picture, and behind red"


def test_kept_object_closes_the_viewport(cubes, agent):
    daemon, window, unity, uuids = cubes
    window.do("keep", uuid=uuids["red"])
    answer, png = agent.look(look="front")
    assert answer["error"]["code"] == "VS-9205" and png == b"", "the editor knows before the daemon does"
    converge(daemon, window, unity)
    answer, _ = agent.look(look="front")
    assert answer["error"]["code"] == "VS-9205"
    window.do("visible", uuid=uuids["red"], visible=False)
    converge(daemon, window, unity)
    _, rows = look(agent, look="front", size=256)
    assert box(rows, RED) is None and box(rows, GREEN)


def test_agent_selects_unless_a_person_works(cubes, agent):
    _, window, _, uuids = cubes
    window.rest()
    answer = agent.select([uuids["green"], uuids["blue"]])
    assert answer["error"] is None and set(answer["selected"]) == {uuids["green"], uuids["blue"]}
    assert set(window.hands()["selected"]) == {uuids["green"], uuids["blue"]}
    window.hold("TRANSFORM_OT_translate", "g")
    refused = agent.select([uuids["red"]])
    assert refused["error"]["code"] == "VS-9206"
    window.finish("Escape")
    assert set(window.hands()["selected"]) == {uuids["green"], uuids["blue"]}
    wait_for("the person rests", lambda: agent.select([])["error"] is None)
    assert window.hands()["selected"] == []
