"""Images of a real Blender reach the daemon byte for byte, survive its death, and come back changed. A plain client is
the other editor."""

import contextlib
import struct
import uuid
import zlib

import pytest
from harness import Daemon, Editor, wait_for
from plain_editor import PlainEditor


def picture(red, green, blue):
    """Returns a PNG of four pixels of one color."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = (b"\0" + bytes((red, green, blue)) * 2) * 2
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
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
