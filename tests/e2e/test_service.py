"""The service: editors wake the daemon of their project, and it sleeps again once they are closed."""

import time

import pytest
from harness import converge, is_close, wait_for
from service import supervised

CUBE = {"shape": "cube", "translation": [1, 2, 3]}


@pytest.fixture
def service(binary, tmp_path):
    with supervised(binary, tmp_path) as service:
        service.wait_until("asleep")
        assert not boots(service), "it has never run"
        yield service


def boots(service):
    return sum(record["payload"]["type"] == "boot" for record in service.log())


def open_both(service):
    """Opens Unity, which wakes the daemon, and then Blender with a file in the project's folder."""
    unity = service.open_editor("unity", VIBESYNC_TEST_UNITY_PROJECT=str(service.project / "unity"))
    blender = service.open_editor("blender")
    unity.wait_until_connected()
    assert blender.status()["state"] != "connected", "its file is in no folder yet"
    blender.do("save", path=str(service.project / "scene.blend"))
    blender.wait_until_connected()
    return blender, unity


def outcomes(service, uuid):
    """Lists the ends of the transactions about an entity."""
    about = {record["operation_id"] for record in service.log() if uuid in record["uuids"]}
    ends = [record for record in service.log() if record["phase"] in ("FINAL", "COMMIT", "ROLLBACK")]
    return [(record["phase"], record["outcome"]) for record in ends if record["operation_id"] in about]


def test_editors_wake_the_daemon_and_it_sleeps_again(service):
    blender, unity = open_both(service)
    assert service.listed()["state"] == "serving"
    uuid = blender.do("create", name="Awake", **CUBE)["uuid"]
    assert converge(service, blender, unity)[uuid]["components"]["name"] == "Awake"
    assert outcomes(service, uuid) == [("COMMIT", "verified")]

    service.close_editors()
    assert service.wait_until("asleep") is None
    assert service.log()[-1]["phase"] == "SHUTDOWN"

    blender = service.open_editor("blender")
    blender.do("open", path=str(service.project / "scene.blend"))  # from before the cube
    assert uuid not in blender.dump()
    blender.wait_until_connected()
    wait_for("the cube is back", lambda: uuid in blender.dump())
    wait_for("nothing is on its way", service.is_settled)
    assert service.listed()["state"] == "serving"
    assert boots(service) == 2


def test_editors_of_no_project_let_the_daemon_sleep(service, tmp_path):
    unity = service.open_editor("unity")
    blender = service.open_editor("blender")
    blender.do("save", path=str(tmp_path / "elsewhere.blend"))

    def states():
        return [editor.status()["state"] for editor in (blender, unity)]

    wait_for("both know that they are in no project", lambda: states() == ["unjoined", "unjoined"])
    end = time.monotonic() + 3  # each of them looks several times
    while time.monotonic() < end:
        assert service.listed()["state"] == "asleep"
        assert states() == ["unjoined", "unjoined"]
        time.sleep(0.2)
    assert not boots(service)
    blender.do("save", path=str(service.project / "scene.blend"))
    blender.wait_until_connected()
    assert (states(), boots(service)) == (["connected", "unjoined"], 1)


def test_editors_work_on_while_the_supervisor_is_killed(service):
    blender, unity = open_both(service)
    uuid = blender.do("create", name="Before", **CUBE)["uuid"]
    converge(service, blender, unity)
    pid = service.wait_until("serving")
    sessions = connections(service)

    service.kill()
    blender.do("rename", uuid=uuid, name="Without")
    assert converge(service, blender, unity)[uuid]["components"]["name"] == "Without"
    service.start()
    assert service.wait_until("serving") == pid, "no second daemon"
    assert service.report()["projects"][0]["is_ours"]
    unity.do("move", uuid=uuid, translation=[7, 8, 9])
    moved = converge(service, blender, unity)[uuid]["components"]["transform"]["translation"]
    assert all(is_close(a, b) for a, b in zip(moved, [7, 8, 9], strict=True))

    assert connections(service) == sessions, "nobody had to connect again"
    assert set(outcomes(service, uuid)) == {("COMMIT", "verified"), ("FINAL", "verified")}
    service.stop()
    assert service.log()[-1]["phase"] == "SHUTDOWN", "the adopted daemon stops with its supervisor"
    assert boots(service) == 1


def connections(service):
    """The connections of the editors; the command that asks has one too."""
    sessions = service.status()["sessions"]
    return {each["role"]: each["session_id"] for each in sessions if each["role"] in ("blender", "unity")}
