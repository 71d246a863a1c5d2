"""Random edits of one editor, as an artist might make them; a seed repeats them."""

import math
import time

from harness import is_close

# Relative frequency of each kind of edit.
WEIGHTS = {
    "create": 12,
    "move": 40,
    "rename": 8,
    "reparent": 12,
    "visible": 6,
    "edit_mesh": 10,
    "colors": 4,
    "uvs": 4,
    "edit_view": 8,
    "delete": 5,
    "duplicate": 4,
    "duplicate_linked": 3,
}
# Additional edits of meshes that only Blender can do.
MODELING = {"join": 3, "separate": 3, "apply_modifier": 3}
# Unity has no collections.
COLLECTIONS = {"edit_collections": 15}
# Lights and cameras by their names on the wire, and what a person changes about them by the editor's own names.
TYPES = {"light": ["point", "sun", "spot", "area"], "camera": ["perspective", "orthographic"]}
FIELDS = {
    "blender": {
        "light": {"energy": 0.0, "use_shadow": None},
        "camera": {"lens": 10.0, "clip_end": 50.0, "shift_x": -0.5, "ortho_scale": 1.0},
    },
    "unity": {
        "light": {"intensity": 0.0, "spotAngle": 20.0, "shadows": None},
        "camera": {"fieldOfView": 20.0, "farClipPlane": 50.0, "orthographicSize": 1.0},
    },
}
SHININESS = {"blender": "roughness", "unity": "_Glossiness"}
COLOR = {"blender": "base_color", "unity": "_Color"}
MOST_MATERIALS = 12
MODIFIERS = ["TRIANGULATE", "MIRROR", "BEVEL"]
NAMES = ["Rock", "Würfel", "立方体", "Rock.001", "a" * 63, "tower left", "🪨"]
MOST_OBJECTS = 120
DEEPEST = 6


class Artist:
    """Edits the scene of its editor and remembers the expected result of its own edits.

    An artist that is not alone edits only the objects that it created itself; somebody else edits the others.
    """

    def __init__(self, editor, rng, is_alone=True, weights=None):
        self.editor = editor
        self.rng = rng
        self.is_alone = is_alone
        modeling = MODELING if editor.name == "blender" and is_alone else {}
        collections = COLLECTIONS if editor.name == "blender" else {}
        self.weights = {**WEIGHTS, **modeling, **collections, **(weights or {})}
        self.parents = {}  # object: parent or None
        self.meshes = {}  # object: mesh
        self.views = {}  # object: light or camera
        self.materials = set()  # that are this editor's to change
        self.expected = {}  # object: translation, as long as nothing else could have changed it
        self.deleted = set()
        self.made = dict.fromkeys(self.weights, 0)

    def edit(self):
        """Makes one edit of a random kind that is possible now."""
        needed = {
            "create": 0,
            "join": 2,
            "edit_mesh": 1,
            "edit_materials": 1,
            "colors": 1,
            "uvs": 1,
            "separate": 1,
            "apply_modifier": 1,
        }
        has_view = bool(self.views)
        growing = ("create", "duplicate", "duplicate_linked", "separate")
        crowded = len(self.parents) >= MOST_OBJECTS
        possible = [
            name
            for name in self.weights
            if len(self.meshes if name in needed else self.parents) >= needed.get(name, 1)
            and (has_view or name != "edit_view")
            and not (crowded and name in growing)
        ]
        name = self.rng.choices(possible, [self.weights[each] for each in possible])[0]
        getattr(self, name)()
        self.made[name] += 1

    def learn(self, others=frozenset()):
        """Takes stock of what the editor holds, after something that changed much at once (undo, load).

        A copy that undo has just brought back has the uuid of its original at first: it is left out.
        """
        scene = {uuid: entity for uuid, entity in self.editor.dump().items() if not uuid.endswith(" again")}
        objects = {
            uuid: entity["components"]
            for uuid, entity in scene.items()
            if entity["kind"] == "object" and uuid not in others
        }
        self.parents = {uuid: parts["parent"]["uuid"] for uuid, parts in objects.items()}
        kinds = {
            uuid: scene[data]["kind"] for uuid, parts in objects.items() if (data := parts["data"]["uuid"]) in scene
        }
        self.meshes = {uuid: objects[uuid]["data"]["uuid"] for uuid, kind in kinds.items() if kind == "mesh"}
        self.views = {uuid: kind for uuid, kind in kinds.items() if kind in TYPES}
        owners = {
            uuid: entity["components"].get("locks", {}).keys() - {self.editor.name}
            for uuid, entity in scene.items()
            if entity["kind"] == "material"
        }
        if self.is_alone:
            self.materials = {uuid for uuid, locked_by in owners.items() if not locked_by}
        self.materials &= owners.keys()
        self.expected = {}
        return scene

    def create(self):
        place = self.place()
        shape = self.rng.choice(["cube", "cube", "empty", "empty", "light", "camera"])
        kind = {"type": self.rng.choice(TYPES[shape])} if shape in TYPES else {}
        made = self.editor.do("create", name=self.rng.choice(NAMES), shape=shape, translation=place, **kind)
        self.adopt(made, None)
        if shape in TYPES:
            self.views[made["uuid"]] = shape
        self.expected[made["uuid"]] = place

    def move(self):
        uuid = self.any()
        pose = {"translation": self.place(), "rotation": self.rotation()}
        if self.rng.random() < 0.5:
            pose["scale"] = [self.rng.choice([-1, 1]) * self.rng.uniform(0.2, 3) for _ in range(3)]
        self.editor.do("move", uuid=uuid, **pose)
        self.expected[uuid] = pose["translation"]

    def drag(self):
        """Holds an object and moves it, which the other editor sees meanwhile; then lets go, or cancels."""
        uuid = self.any()
        start, places = self.expected.get(uuid), [self.place() for _ in range(self.rng.randrange(1, 4))]
        is_canceled = start is not None and self.rng.random() < 0.3
        if self.editor.name == "unity":
            self.editor.do("select", uuids=[uuid])
        self.editor.do("hold", on=True)
        try:
            for place in places:
                self.editor.do("drag", uuid=uuid, translation=place)
                time.sleep(0.02)  # a tick, which sends it
            if is_canceled:
                self.editor.do("drag", uuid=uuid, translation=start)
            else:
                self.editor.do("move", uuid=uuid, translation=places[-1])
                self.expected[uuid] = places[-1]
        finally:
            self.editor.do("hold", on=False)

    def rename(self):
        self.editor.do("rename", uuid=self.any(), name=self.rng.choice(NAMES))

    def reparent(self):
        uuid, parent = self.any(), self.rng.choice([None, *sorted(self.parents)])
        above = self.above(parent)
        if uuid in above or len(above) > DEEPEST:
            parent = None
        keep = self.rng.random() < 0.5
        self.editor.do("reparent", uuid=uuid, parent=parent, keep=keep)
        has_other_axes = (self.parents[uuid] in self.views) != (parent in self.views)
        self.parents[uuid] = parent
        if keep or has_other_axes:  # its place relative to the new parent is another one
            self.expected.pop(uuid, None)

    def visible(self):
        self.editor.do("visible", uuid=self.any(), visible=self.rng.random() < 0.5)

    def edit_mesh(self):
        delta = [self.rng.uniform(-0.5, 0.5) for _ in range(3)]
        self.editor.do("edit_mesh", uuid=self.any_mesh(), vertex=0, delta=delta)

    def colors(self):
        self.editor.do("colors", uuid=self.any_mesh(), seed=self.rng.randrange(1000))

    def uvs(self):
        layers, seed = self.rng.randrange(9), self.rng.randrange(1000)
        self.editor.do("uvs", uuid=self.any_mesh(), layers=layers, seed=seed)

    def edit_view(self):
        """Changes one value of a light or camera."""
        uuid = self.rng.choice(sorted(self.views))
        kind = self.views[uuid]
        name, least = self.rng.choice(sorted(FIELDS[self.editor.name][kind].items()))
        value = self.rng.uniform(least, least + 60.0) if least is not None else self.rng.random() < 0.5
        if name == "shadows":
            value = "Soft" if value else "None"
        self.editor.do(f"edit_{kind}", uuid=uuid, **{name: value})

    def edit_collections(self):
        """Changes collections, their instances, or what renders show."""
        self.editor.do("edit_collections", uuid=self.any(), seed=self.rng.randrange(1 << 30))

    def edit_materials(self):
        """Shows a new material, another one or none in a slot, or changes one."""
        chance, material = self.rng.random(), None
        if chance < 0.4 and self.materials:
            values = {SHININESS[self.editor.name]: self.rng.random(), COLOR[self.editor.name]: [*self.color(), 1.0]}
            self.editor.do("edit_material", uuid=self.rng.choice(sorted(self.materials)), **values)
            return
        if chance < 0.7 and len(self.materials) < MOST_MATERIALS:
            material = self.editor.do("create_material", name=self.rng.choice(NAMES))["uuid"]
            self.materials.add(material)
        elif self.materials and chance < 0.95:
            material = self.rng.choice(sorted(self.materials))
        self.editor.do("assign_material", uuid=self.any_mesh(), slot=self.rng.randrange(2), material=material)

    def edit_characters(self):
        """Changes armatures, poses, skins, shape keys or materials, in Blender."""
        self.editor.do("edit_characters", uuid=self.any(), seed=self.rng.randrange(1 << 30))

    def delete(self):
        uuid, childless = self.any_to_change_as_a_whole()
        self.editor.do("delete", uuid=uuid)
        self.forget(uuid)
        self.deleted.add(uuid)
        if not childless:  # Blender frees the children, Unity deletes them
            self.learn()

    def duplicate(self):
        self.copy("duplicate")

    def duplicate_linked(self):
        self.copy("duplicate_linked")

    def copy(self, action):
        uuid, childless = self.any_to_change_as_a_whole()
        made = self.editor.do(action, uuid=uuid)
        self.adopt(made, self.parents[uuid])
        if uuid in self.views:
            self.views[made["uuid"]] = self.views[uuid]
        if not childless:  # Unity copies the children too
            self.learn()

    def any_to_change_as_a_whole(self):
        """An object, and whether it has no children; where somebody else edits too, it never has any."""
        childless = self.parents.keys() - set(self.parents.values())
        uuid = self.rng.choice(sorted(self.parents if self.is_alone else childless))
        return uuid, uuid in childless

    def join(self):
        active, other = self.rng.sample(sorted(self.meshes), 2)
        self.editor.do("join", uuids=[active, other])
        self.learn()
        if other not in self.parents:  # an object in a hidden collection is not selected, and stays
            self.deleted.add(other)

    def separate(self):
        uuid = self.any_mesh()
        made = self.editor.do("separate", uuid=uuid)
        if made.get("uuid"):
            self.adopt(made, self.parents[uuid])

    def apply_modifier(self):
        uuid = self.any_mesh()
        self.adopt(self.editor.do("apply_modifier", uuid=uuid, kind=self.rng.choice(MODIFIERS)), self.parents[uuid])

    def adopt(self, made, parent):
        """An object that an edit has made or given another mesh."""
        self.parents[made["uuid"]] = parent
        if made.get("mesh"):
            self.meshes[made["uuid"]] = made["mesh"]

    def forget(self, uuid):
        for known in (self.parents, self.meshes, self.views, self.expected):
            known.pop(uuid, None)

    def any(self):
        return self.rng.choice(sorted(self.parents))

    def any_mesh(self):
        return self.rng.choice(sorted(self.meshes))

    def above(self, uuid):
        """The object and its parents, nearest first."""
        found = []
        while uuid is not None:
            found.append(uuid)
            uuid = self.parents.get(uuid)
        return found

    def place(self):
        return [round(self.rng.uniform(-9, 9), 3) for _ in range(3)]

    def color(self):
        return [round(self.rng.random(), 3) for _ in range(3)]

    def rotation(self):
        """A random turn about a random axis, as x y z w."""
        raw = [self.rng.gauss(0, 1) for _ in range(4)]
        length = math.sqrt(sum(part * part for part in raw))
        return [part / length for part in raw]

    def differences_from(self, scene):
        """Lists the entities of the scene that are not as this artist left them."""
        lost = [
            f"{uuid} is at {found}, not {place}"
            for uuid, place in self.expected.items()
            if not (found := position(scene, uuid))
            or not all(is_close(a, b) for a, b in zip(found, place, strict=True))
        ]
        return lost + [f"{uuid} is back" for uuid in self.deleted & scene.keys()]


def position(scene, uuid):
    return scene[uuid]["components"]["transform"]["translation"] if uuid in scene else None
