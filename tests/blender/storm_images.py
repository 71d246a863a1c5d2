# SPDX-License-Identifier: GPL-3.0-or-later
"""Random edits of images and maps, as a part of the storm."""

import sys
from pathlib import Path

import bpy
from conftest import update
from test_images import new_image, picture, wire_image
from vibesync.core import maps
from vibesync.core.components import ABSENT, same_component

sys.path.append(str(Path(__file__).parents[1] / "e2e"))
import blender_edits as edits

NAMES = ["Rock", "Rock.001", "Würfel", "a b"]
MOST_IMAGES = 8


class ImageEdits:
    """The edits of a simulated user that concern images."""

    weights = {"texture": 6, "paint_image": 3, "remove_image": 3, "remote_image": 4}

    @property
    def images(self):
        return sorted(bpy.data.images, key=lambda each: each.session_uid)

    def texture(self):
        """Lets an image decide a socket of a material, or cuts its links."""
        known = [it for it in bpy.data.materials if it.node_tree and edits.find_shader(it)]
        if not known:
            return "no material"
        material, socket = self.chance.choice(known), self.chance.choice(("Base Color", "Roughness", "Emission Color"))
        if self.chance.random() < 0.4:
            edits.link_socket(material, socket, False)
            return None
        number = self.made["texture"]
        if len(self.images) < MOST_IMAGES or not self.images:
            path = self.harness.folder / f"image {number}.png"
            path.write_bytes(picture(self.chance.randrange(256)))
            edits.link_image(material, str(path), socket)
        else:
            edits.link_image(material, self.chance.choice(self.images), socket)
        return None

    def paint_image(self):
        """Paints an image, saved or not, or gives it another color space."""
        if not self.images:
            return "no image"
        image, number = self.chance.choice(self.images), self.chance.random()
        if number < 0.3 and not image.is_dirty:  # Blender throws a painting away with its color space
            image.colorspace_settings.name = self.chance.choice(("sRGB", "Non-Color"))
        elif image.has_data or not image.is_dirty:
            image.pixels[:] = [self.chance.random()] * len(image.pixels)
            if number < 0.7:
                image.pack()
        return None

    def remove_image(self):
        if not self.images:
            return "no image"
        bpy.data.images.remove(self.chance.choice(self.images))
        return None

    def remote_image(self):
        """Applies a batch with a new image, another file for a known one, and maps of materials."""
        self.rest()
        entries = self.harness.bridge.replica.entries
        paints = sorted(uuid for uuid, it in entries.items() if it.kind == "material")
        shown = sorted(uuid for uuid, it in entries.items() if it.kind == "image")
        data, changes = picture(self.chance.randrange(256)), []
        if len(self.images) < MOST_IMAGES:
            changes.append(new_image(data, self.chance.choice(NAMES)))
            del changes[0]["components"]["image"]["buffers"]["file"]["blob"]
            shown.append(changes[0]["uuid"])
        known = [uuid for uuid in shown if uuid in entries and not self.harness.find(uuid).is_dirty]
        for uuid in self.chance.sample(known, min(1, len(known))):
            painted = wire_image(data, color_space=self.chance.choice(("srgb", "data")))
            del painted["buffers"]["file"]["blob"]
            changes.append(update(uuid, image=painted))
        for uuid in self.chance.sample(paints, min(2, len(paints))):
            locked = entries[uuid].last_seen.get("locks", {}).get("blender", {}).get("maps", ())
            now = entries[uuid].last_seen.get("maps", maps.EMPTY)
            free = [name for name in maps.FIELDS if name not in locked]
            wanted = {name: self.random_map(name, shown) if name in free else now[name] for name in maps.FIELDS}
            changes.append(update(uuid, maps=wanted))
        if not changes:
            return "nothing there"
        before = self.harness.intents()
        results, _ = self.harness.apply(*changes, attachments=[data])
        assert {result["status"] for result in results} == {"applied"}, [result["error"] for result in results]
        for change, result in zip(changes, results, strict=True):
            for name, value in change["components"].items():
                read = result["state"]["components"].get(name, ABSENT.get(name))
                assert name == "image" or same_component(name, value, read), (change, result)
        self.harness.settle()
        back = [names - {"locks"} for names in (it["components"].keys() for it in self.harness.changes(before))]
        assert not any(back), f"sent back: {self.harness.changes(before)} after {changes}"
        return None

    def random_map(self, name, images):
        if not images or self.chance.random() < 0.5:
            return None
        channel = "rgb" if name in maps.COLORS else self.chance.choice("rgba")
        values = {"scale": self.chance.uniform(-1, 1), "offset": [self.chance.random(), 0.0], "uv": 2}
        return {"image": self.chance.choice(images), "channel": channel, **maps.PLAIN, **values}
