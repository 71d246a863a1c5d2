"""The scene that Blender starts with. All tests share one window, and the name of this file sorts it first."""

from harness import converge, wait_for


def test_startup_scene_is_synchronized_and_can_be_deleted(daemon_and_editors):
    daemon, window, unity = daemon_and_editors
    scene = converge(daemon, window, unity)
    assert {"Cube", "Camera", "Light"} <= {entity["components"]["name"] for entity in scene.values()}
    window.rest()
    window.select_all()
    window.delete()
    wait_for("all is gone", lambda: not any(each["kind"] == "object" for each in unity.dump().values()))
    converge(daemon, window, unity)
