# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds random node trees in the Blender that runs this script, lets a batch write to them, and renders them.

usage: materials_in_blender.py SEED COUNT. Each seed gives one tree. After the batch

- the picture is that of a plain tree that is made from the components of the batch, without the addon;
- the tree differs only where the batch says so: compared by all properties of all nodes, and by the links;
- Blender reads back what the batch asked for, and sends nothing.

Prints a line for each tree that fails, and a last line with the counts; the exit code is not 0 if a tree failed.
"""

import os
import random
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / each) for each in ("addons", "tests/blender", "tests/python")]

import bpy  # noqa: E402
import node_trees  # noqa: E402
import vibesync  # noqa: E402
from conftest import Harness, update  # noqa: E402
from tree_builder import build_expected, build_tree  # noqa: E402
from tree_dump import SOCKETS, describe_tree, unexpected_changes  # noqa: E402
from vibesync.blender import handlers  # noqa: E402

OUTPUT = os.dup(1)
PICTURE = 16  # pixels a side
SAMPLES = 4
TOLERANCE = 2e-3  # of the values of a pixel, which hold up to some units

# The share of pixels in which a sample at the edge of a texel may read the next one.
EDGES = 0.02


class PatientHarness(Harness):
    """The addon with a fake daemon, on a machine that has much else to do."""

    def wait(self, condition, seconds=120.0):
        return super().wait(condition, seconds)


class Studio:
    """A plane with an image on it, a camera and light from all around."""

    def __init__(self, folder):
        self.path = str(Path(folder) / "picture.exr")
        scene = bpy.context.scene
        mesh = bpy.data.meshes.new("Plane")
        mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0.2), (-1, 1, 0.2)], [], [(0, 1, 2, 3)])
        layer = mesh.uv_layers.new()
        for loop, place in zip(layer.uv, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
            loop.vector = place
        self.plane = self.add("Plane", mesh)
        camera = bpy.data.cameras.new("Camera")
        camera.type, camera.ortho_scale = "ORTHO", 2.0
        scene.camera = self.add("Camera", camera, (0, 0, 3))
        self.surround(scene)
        render = scene.render
        render.engine, render.resolution_x, render.resolution_y = "CYCLES", PICTURE, PICTURE
        render.filepath, render.image_settings.file_format = self.path, "OPEN_EXR"
        render.image_settings.color_depth, render.image_settings.color_mode = "32", "RGBA"
        cycles = scene.cycles
        cycles.samples, cycles.seed, cycles.use_denoising, cycles.device = SAMPLES, 1, False, "CPU"
        cycles.use_adaptive_sampling, cycles.max_bounces = False, 2
        render.threads_mode, render.threads = "FIXED", 1

    @staticmethod
    def add(name, data, location=(0, 0, 0)):
        item = bpy.data.objects.new(name, data)
        item.location = location
        bpy.context.scene.collection.objects.link(item)
        return item

    @staticmethod
    def surround(scene):
        """Lights the scene smoothly: with a lamp, an error of rounding could decide whether a ray meets it."""
        scene.world = bpy.data.worlds.new("World")
        scene.world.use_nodes = True
        tree = scene.world.node_tree
        node = tree.nodes.new("ShaderNodeVectorMath")
        node.operation = "MULTIPLY_ADD"
        node.inputs[1].default_value, node.inputs[2].default_value = (0.5, 0.4, -0.5), (0.6, 0.5, 0.7)
        background = next(each for each in tree.nodes if each.type == "BACKGROUND")
        tree.links.new(tree.nodes.new("ShaderNodeTexCoord").outputs["Generated"], node.inputs[0])
        tree.links.new(node.outputs[0], background.inputs["Color"])
        scene.world.cycles.sampling_method = "NONE"

    def show(self, material):
        self.plane.data.materials.clear()
        self.plane.data.materials.append(material)

    def picture(self):
        """Renders, and returns all values of all pixels."""
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(self.path)
        values = list(image.pixels)
        bpy.data.images.remove(image)
        return values

    def picture_of(self, material):
        shown = self.plane.data.materials[0]
        self.show(material)
        try:
            return self.picture()
        finally:
            self.show(shown)


class Trial:
    """One tree and what a batch does to it."""

    def __init__(self, seed, harness, studio, images):
        self.source = random.Random(f"material {seed}")
        self.harness, self.studio, self.images = harness, studio, images
        self.tree = node_trees.random_tree(self.source)
        self.wanted = {}
        self.material = build_tree(self.tree, images, f"Seed {seed}")

    def run(self):
        """Returns what is wrong, and what was seen."""
        self.studio.show(self.material)
        sent = self.harness.intents()
        self.settle()
        made = next(it for it in self.harness.changes(sent) if it.get("kind") == "material")
        shown = {"pbr": None, "emission": None, "maps": None, "locks": {}, **made["components"]}
        shown["maps"] = shown["maps"] or dict.fromkeys((*node_trees.FIELDS, "occlusion"))
        shown["emission"] = shown["emission"] or {"color": [1.0, 1.0, 1.0], "strength": 0.0}
        uuid = made["uuid"]
        if not node_trees.close(shown["locks"].get("blender", {}), node_trees.locks(self.tree)):
            return [f"locks: {shown['locks']} instead of {node_trees.locks(self.tree)}"], Counter()
        wrong = self.refuse(uuid, shown)
        before, first = describe_tree(self.material), self.studio.picture()
        wanted = {} if self.is_unknown else node_trees.random_batch(self.source, self.tree, shown)
        if wanted:
            wrong += self.apply(uuid, shown, wanted, before)
        now, self.wanted = {**shown, **wanted}, wanted
        picture = self.studio.picture()
        expected = build_expected(self.tree, now, self.images, self.image_of)
        unequal = compare("picture", picture, self.studio.picture_of(expected))
        # Rays that a steep normal throws far apart make pictures of equal shaders differ; then their inputs count.
        wrong += unequal and compare_inputs(self.studio, self.material, expected)
        bpy.data.materials.remove(expected)
        seen = Counter(
            {"written": bool(wanted), "changed": bool(compare("", first, picture)), "unknown": self.is_unknown}
        )
        seen["inputs"] += bool(unequal)
        return wrong, seen

    @property
    def is_unknown(self):
        return self.tree["surface"] not in node_trees.RECOGNIZED

    def settle(self):
        self.harness.edited()
        self.harness.settle()

    def image_of(self, uuid):
        return next(image for image in self.images if image["uuid"] == uuid)

    def refuse(self, uuid, shown):
        """Sends other values for sockets that are locked, and nothing else: they must change nothing."""
        source = random.Random(f"locked {self.material.name}")
        changed = node_trees.other_values(source, self.tree, shown)
        if not changed:
            return []
        self.name_images(changed)
        before = describe_tree(self.material)
        results, _ = self.harness.apply(update(uuid, **changed))
        after = describe_tree(self.material)
        wrong = [] if after == before else [f"locked: {unexpected_changes(before, after, set(), set())}"]
        self.settle()
        # As the daemon does: what it holds comes again, also for fields that Blender keeps beside the material.
        self.harness.apply(update(uuid, **{name: shown[name] for name in changed}))
        self.settle()
        return wrong if results[0]["error"] is None else [f"locked: {results[0]['error']}"]

    def name_images(self, wanted):
        """Replaces the numbers of images by their uuids."""
        for each in wanted.get("maps", {}).values():
            if each and isinstance(each["image"], int):
                each["image"] = self.images[each["image"]]["uuid"]

    def apply(self, uuid, shown, wanted, before):
        """Sends a batch; returns what is wrong with the answer and with the tree."""
        self.name_images(wanted)
        sent = self.harness.intents()
        results, _ = self.harness.apply(update(uuid, **wanted))
        if results[0]["error"]:
            return [f"error: {results[0]['error']}"]
        state = results[0]["state"]["components"]
        wrong = [
            f"read back: {name} is {state.get(name)} instead of {value}"
            for name, value in wanted.items()
            if not is_same(name, state.get(name), value)
        ]
        maps = {name for name, each in wanted.get("maps", {}).items() if each != shown["maps"][name]}
        values = {name for name in ("pbr", "emission") if name in wanted}
        wrong += unexpected_changes(before, describe_tree(self.material), maps, values)
        if self.material.use_backface_culling == {**shown["pbr"], **wanted.get("pbr", {})}["double_sided"]:
            wrong.append("culling")
        self.settle()
        back = [change for change in self.harness.changes(sent) if not maps or list(change["components"]) != ["locks"]]
        if back:  # another map may lock other values, which only Blender can tell
            wrong.append(f"sent back: {back}")
        return wrong


def is_same(name, state, value):
    """Returns whether a component is read back. One without any map may be missing; emissions count as a product."""
    if name == "maps" and state is None:
        return not any(value.values())
    if name == "emission":
        products = [[channel * it["strength"] for channel in it["color"]] for it in (state, value)]
        return node_trees.close(*products)
    return node_trees.close(state, value)


def compare(what, a, b):
    """Returns the share of pixels that differ between two pictures, if it is more than that of edges."""
    unequal = [abs(x - y) > TOLERANCE * max(1.0, abs(y)) or x != x for x, y in zip(a, b, strict=True)]
    count = sum(any(unequal[at : at + 4]) for at in range(0, len(unequal), 4))
    return [f"{what}: {count} of {len(unequal) // 4} pixels differ"] if count > EDGES * len(unequal) / 4 else []


def compare_inputs(studio, mine, other):
    """Returns the differences between the inputs of the shaders of two materials, each rendered alone."""
    wrong = []
    for field, identifier in SOCKETS.items():
        pictures = []
        for material in (mine, other):
            copy = material.copy()
            show_input(copy.node_tree, identifier)
            pictures.append(studio.picture_of(copy))
            bpy.data.materials.remove(copy)
        wrong += compare(field, *pictures)
    return wrong


def show_input(tree, identifier):
    """Lets the output of a tree show one input of its shader, as a color; that of an emission with its strength."""
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    glow = tree.nodes.new("ShaderNodeEmission")
    copy_input(tree, shader, identifier, glow.inputs["Color"])
    if identifier == SOCKETS["emission"]:
        copy_input(tree, shader, "Emission Strength", glow.inputs["Strength"])
    tree.links.new(glow.outputs[0], tree.get_output_node("CYCLES").inputs["Surface"])


def copy_input(tree, shader, identifier, end):
    """Gives a socket the value of an input of a shader, or its link."""
    socket = next(each for each in shader.inputs if each.identifier == identifier)
    if socket.is_linked and not socket.links[0].is_muted:
        tree.links.new(socket.links[0].from_socket, end)
    elif socket.type == "RGBA":
        end.default_value = socket.default_value
    elif socket.type == "VALUE":
        value = socket.default_value
        end.default_value = value if end.type == "VALUE" else (value,) * 4


def make_images(source):
    """Makes images of 4 x 4 pixels; the first one is gray."""
    images = []
    for number in range(node_trees.IMAGES):
        image = bpy.data.images.new(f"Image {number}", 4, 4, alpha=True)
        pixels = []
        for _ in range(16):
            color = [source.random()] * 3 if number == 0 else [source.random() for _ in range(3)]
            pixels += [*color, source.random()]
        image.pixels[:] = pixels
        image.pack()
        image.colorspace_settings.name = "Non-Color" if number % 2 == 0 else "sRGB"
        image.use_fake_user = True
        images.append(image)
    return images


def introduce(images, studio, harness):
    """Shows all images once, so that they are sent before the first trial."""
    material = bpy.data.materials.new("Images")
    material.use_nodes = True
    tree = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    for image, socket in zip(images, ("Base Color", "Emission Color", "Roughness", "Metallic"), strict=True):
        texture = tree.nodes.new("ShaderNodeTexImage")
        texture.image = image
        tree.links.new(texture.outputs["Color"], shader.inputs[socket])
    studio.show(material)
    harness.edited()
    harness.settle()
    studio.plane.data.materials.clear()
    bpy.data.materials.remove(material)
    harness.edited()
    harness.settle()


def run(seed, count):
    """Tries the trees; returns how many failed."""
    failed, seen = 0, Counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VIBESYNC_RUNTIME_DIR"] = folder
        bpy.ops.wm.read_factory_settings(use_empty=True)
        vibesync.register()
        handlers.bridge.settings.project_folder = folder
        handlers.bridge.settings.budget_at_rest = 0.0
        harness = PatientHarness(Path(folder))
        studio, images = Studio(folder), make_images(random.Random("images"))
        harness.connect()
        introduce(images, studio, harness)
        for number in range(seed, seed + count):
            trial = Trial(number, harness, studio, images)
            try:
                wrong, found = trial.run()
            except Exception:
                report(f"seed {number}:")
                raise
            seen += found
            if wrong:
                failed += 1
                report(f"seed {number}: {wrong[0][:600]}\n  tree: {trial.tree}\n  batch: {trial.wanted}")
            studio.plane.data.materials.clear()
            bpy.data.materials.remove(trial.material)
            trial.settle()
            harness.daemon.received.clear()
    report(
        f"Blender {bpy.app.version_string}: {count} materials from seed {seed}, {seen['written']} of them written, "
        f"{seen['changed']} look different after, {seen['unknown']} without a known shader, "
        f"{seen['inputs']} compared by inputs, {failed} failed"
    )
    return failed or count // 3 > seen["changed"]  # a run in which little changes shows nothing


def report(text):
    """Prints a line: what Blender prints about each picture goes nowhere."""
    os.write(OUTPUT, f"{text}\n".encode())


if __name__ == "__main__":
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    code = 1
    try:
        code = int(bool(run(*map(int, sys.argv[1:]))))
    except Exception:
        report(traceback.format_exc())
    os._exit(code)
