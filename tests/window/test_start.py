"""What is there when Blender starts; by its name the first of these tests, as they all use one window."""

from harness import converge, wait_for


def test_the_scene_that_blender_starts_with_is_there_and_is_deleted(world):
    daemon, window, unity = world
    scene = converge(daemon, window, unity)
    assert {"Cube", "Camera", "Light"} <= {entity["components"]["name"] for entity in scene.values()}
    window.rest()
    window.select_all()
    window.delete()
    wait_for("all is gone", lambda: not any(each["kind"] == "object" for each in unity.dump().values()))
    converge(daemon, window, unity)
