"""Images of a real Blender reach the daemon byte for byte, survive its death, and come back changed. A plain client is
the other editor, or the compiled package of Unity."""

import base64
import contextlib
import struct
import uuid
import zlib

import pytest
from harness import Daemon, Editor, converge, wait_for
from plain_editor import PlainEditor


def picture(red, green, blue):
    """Returns a PNG of four pixels of one color."""
    rows = (b"\0" + bytes((red, green, blue)) * 2) * 2
    return png(8, 2, rows)


def png(depth, kind, rows):
    """Returns a PNG of four pixels."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 2, 2, depth, kind, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


class PlainUnity(PlainEditor):
    """The plain editor, which keeps the files of images."""

    components = (*PlainEditor.components, "slots", "materials", "pbr", "emission", "maps", "image", "locks")

    def __init__(self, daemon):
        self.files = {}  # uuid -> bytes
        super().__init__(daemon)

    def _apply(self, change):
        sizes = self.received[-1]["attachments"]
        for name, component in change.get("components", {}).items():
            for buffer in component.get("buffers", {}).values() if name == "image" else ():
                start = sum(sizes[: buffer["attachment"]])
                self.files[change["uuid"]] = self.bulk[start : start + buffer["bytes"]]
        return super()._apply(change)

    def paint(self, image, data):
        """Sends another file for an image."""
        component = {**self.entities[image]["components"]["image"], "buffers": {"file": {"attachment": 0}}}
        component["buffers"]["file"]["bytes"] = len(data)
        change = {"op": "update", "uuid": image, "components": {"image": component}}
        intent = {"operation_id": str(uuid.uuid4()), "project_id": self.project, "schema_version": 1}
        intent |= {"base_seq": self.head_seq, "label": "Paint", "changes": [change], "attachments": [len(data)]}
        self.send({"type": "intent", **intent}, data)

    def close(self):
        self.socket.close()


@pytest.fixture
def blender_alone(binary, tmp_path):
    """Yields a daemon and a Blender with nothing else."""
    daemon = Daemon(binary, tmp_path / "project")
    daemon.start()
    blender = Editor("blender-driver", daemon, "blender")
    try:
        blender.wait_until_connected()
        yield daemon, blender
    finally:
        blender.stop()
        daemon.stop()


def test_image_of_a_material_reaches_the_other_editor(blender_alone, tmp_path):
    daemon, blender = blender_alone
    wood = picture(200, 100, 50)
    path = tmp_path / "wood.png"
    path.write_bytes(wood)
    cube = blender.do("create", name="Box", shape="cube", translation=[0, 0, 0])["uuid"]
    material = blender.do("create_material", name="Paint")["uuid"]
    blender.do("assign_material", uuid=cube, slot=0, material=material)
    image = blender.do("link_image", uuid=material, path=str(path))["uuid"]
    with contextlib.closing(PlainUnity(daemon)) as unity:
        wait_for("the image arrives", lambda: image in unity.files)
        assert unity.files[image] == wood
        wait_for("its map arrives", lambda: unity.entities.get(material, {}).get("components", {}).get("maps"))
        maps = unity.entities[material]["components"]["maps"]
        assert maps["base_color"]["image"] == image and maps["normal"] is None
    # An accepted image survives the death of the daemon.
    daemon.kill()
    daemon.start()
    blender.wait_until_connected()
    with contextlib.closing(PlainUnity(daemon)) as unity:
        wait_for("the image arrives again", lambda: unity.files.get(image) == wood)
        unity.paint(image, picture(0, 255, 0))
        wait_for("Blender shows it", lambda: blender.do("read_image", uuid=image)["is_packed"])
        assert blender.do("read_image", uuid=image)["pixel"] == [0.0, 1.0, 0.0, 1.0]
    assert path.read_bytes() == wood, "a file on disk is a person's"
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], status


def made_in(blender, path, socket="Base Color"):
    """Returns a material of a new cube in Blender, and the image from a file that decides a value of it."""
    cube = blender.do("create", name="Box", shape="cube", translation=[0, 0, 0])["uuid"]
    material = blender.do("create_material", name="Paint")["uuid"]
    blender.do("assign_material", uuid=cube, slot=0, material=material)
    return material, blender.do("link_image", uuid=material, path=str(path), socket=socket)["uuid"]


def file_in(unity, image):
    return base64.b64decode(unity.do("read_image", uuid=image)["file"])


def maps_of(scene, material):
    return scene[material]["components"].get("maps", {})


def test_file_of_blenders_image_makes_the_round_trip(daemon_and_editors, tmp_path):
    daemon, blender, unity = daemon_and_editors
    # 16 bits a channel, half opaque: Blender has other pixels in memory than the file has.
    fine = png(16, 6, (b"\0" + struct.pack(">4H", *[32768] * 4) * 2) * 2)
    (tmp_path / "fine.png").write_bytes(fine)
    material, image = made_in(blender, tmp_path / "fine.png")
    wait_for("Unity has the file", lambda: file_in(unity, image) == fine)
    scene = converge(daemon, blender, unity)
    assert maps_of(scene, material)["base_color"]["image"] == image
    assert unity.do("read_image", uuid=image)["asset"] == "Assets/VibeSync/Images/fine.png"
    (tmp_path / "green.png").write_bytes(picture(0, 255, 0))
    unity.do("paint_image", uuid=image, path=str(tmp_path / "green.png"))
    wait_for("Blender shows it", lambda: blender.do("read_image", uuid=image)["pixel"] == [0.0, 1.0, 0.0, 1.0])
    daemon.kill()
    daemon.start()
    blender.wait_until_connected()
    unity.wait_until_connected()
    converge(daemon, blender, unity)
    assert file_in(unity, image) == picture(0, 255, 0)
    assert (tmp_path / "fine.png").read_bytes() == fine, "a file on disk is a person's"
    status = daemon.status()
    assert not status["quarantined"] and not status["lost"], status


def test_texture_of_a_unity_user_reaches_blender(daemon_and_editors, tmp_path):
    daemon, blender, unity = daemon_and_editors
    for name, color in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        (tmp_path / f"{name}.png").write_bytes(picture(*color))
    material, _ = made_in(blender, tmp_path / "red.png")
    converge(daemon, blender, unity)
    image = unity.do("link_image", uuid=material, property="_MainTex", path=str(tmp_path / "blue.png"))["uuid"]
    wait_for("it is in Blender", lambda: image in maps_text(converge(daemon, blender, unity), material))
    assert blender.do("read_image", uuid=image)["pixel"] == [0.0, 0.0, 1.0, 1.0]
    asset = unity.do("read_image", uuid=image)["asset"]
    assert asset == "Assets/Mine/blue.png", "it stays where the person put it"
    # Blender's image replaces the texture in the material, and leaves the file.
    red = blender.do("link_image", uuid=material, path=str(tmp_path / "red.png"))["uuid"]
    wait_for("Unity shows it", lambda: red in maps_text(converge(daemon, blender, unity), material))
    assert file_in(unity, image) == picture(0, 0, 255)


def maps_text(scene, material):
    return str(maps_of(scene, material).get("base_color"))
