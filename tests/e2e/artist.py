"""Random edits of one editor, as an artist might make them; a seed repeats them."""

import math

from harness import close

# What is edited how often. A driver refuses an action that it does not have, so a misspelled one fails.
WEIGHTS = {
    "create": 12,
    "move": 40,
    "rename": 8,
    "reparent": 12,
    "visible": 6,
    "edit_mesh": 10,
    "delete": 5,
}
NAMES = ["Rock", "Würfel", "立方体", "Rock.001", "a" * 63, "tower left", "🪨"]
MOST_OBJECTS = 120
DEEPEST = 6


class Artist:
    """Edits what its editor holds, and remembers what its own moves must lead to."""

    def __init__(self, editor, chance, weights=None):
        self.editor = editor
        self.chance = chance
        self.weights = dict(weights or WEIGHTS)
        self.parents = {}  # object: parent or None
        self.meshes = {}  # object: mesh
        self.expected = {}  # object: translation, as long as nothing else could have changed it
        self.deleted = set()
        self.made = dict.fromkeys(self.weights, 0)

    def edit(self):
        """Makes one edit, whatever is possible now."""
        possible = [name for name in self.weights if name == "create" or self.parents]
        if len(self.parents) >= MOST_OBJECTS:
            possible = [name for name in possible if name not in ("create", "duplicate", "duplicate_linked")]
        if not self.meshes:
            possible = [name for name in possible if name != "edit_mesh"]
        name = self.chance.choices(possible, [self.weights[each] for each in possible])[0]
        getattr(self, name)()
        self.made[name] += 1

    def learn(self):
        """Takes stock of what the editor holds, after something that changed much at once (undo, load)."""
        scene = self.editor.dump()
        objects = {uuid: entity["components"] for uuid, entity in scene.items() if entity["kind"] == "object"}
        self.parents = {uuid: parts["parent"]["uuid"] for uuid, parts in objects.items()}
        self.meshes = {uuid: parts["data"]["uuid"] for uuid, parts in objects.items() if parts["data"]["uuid"]}
        self.expected = {}
        return scene

    def create(self):
        place = self.place()
        shape = self.chance.choice(["cube", "empty"])
        made = self.editor.do("create", name=self.chance.choice(NAMES), shape=shape, translation=place)
        self.parents[made["uuid"]] = None
        self.expected[made["uuid"]] = place
        if made.get("mesh"):
            self.meshes[made["uuid"]] = made["mesh"]

    def move(self):
        uuid = self.any()
        pose = {"translation": self.place(), "rotation": self.rotation()}
        if self.chance.random() < 0.5:
            pose["scale"] = [self.chance.choice([-1, 1]) * self.chance.uniform(0.2, 3) for _ in range(3)]
        self.editor.do("move", uuid=uuid, **pose)
        self.expected[uuid] = pose["translation"]

    def rename(self):
        self.editor.do("rename", uuid=self.any(), name=self.chance.choice(NAMES))

    def reparent(self):
        uuid, parent = self.any(), self.chance.choice([None, *sorted(self.parents)])
        above = self.above(parent)
        if uuid in above or len(above) > DEEPEST:
            parent = None
        self.editor.do("reparent", uuid=uuid, parent=parent)
        self.parents[uuid] = parent

    def visible(self):
        self.editor.do("visible", uuid=self.any(), visible=self.chance.random() < 0.5)

    def edit_mesh(self):
        delta = [self.chance.uniform(-0.5, 0.5) for _ in range(3)]
        self.editor.do("edit_mesh", uuid=self.chance.choice(sorted(self.meshes)), vertex=0, delta=delta)

    def delete(self):
        """Deletes something without children: what becomes of them differs from editor to editor."""
        childless = sorted(self.parents.keys() - set(self.parents.values()))
        uuid = self.chance.choice(childless)
        self.editor.do("delete", uuid=uuid)
        self.forget(uuid)
        self.deleted.add(uuid)

    def duplicate(self):
        self.copy("duplicate")

    def duplicate_linked(self):
        self.copy("duplicate_linked")

    def copy(self, action):
        uuid = self.any()
        made = self.editor.do(action, uuid=uuid)
        self.parents[made["uuid"]] = self.parents[uuid]
        if made.get("mesh"):
            self.meshes[made["uuid"]] = made["mesh"]

    def forget(self, uuid):
        for known in (self.parents, self.meshes, self.expected):
            known.pop(uuid, None)

    def any(self):
        return self.chance.choice(sorted(self.parents))

    def above(self, uuid):
        """The object and its parents, nearest first."""
        found = []
        while uuid is not None:
            found.append(uuid)
            uuid = self.parents.get(uuid)
        return found

    def place(self):
        return [round(self.chance.uniform(-9, 9), 3) for _ in range(3)]

    def rotation(self):
        """A random turn about a random axis, as x y z w."""
        raw = [self.chance.gauss(0, 1) for _ in range(4)]
        length = math.sqrt(sum(part * part for part in raw))
        return [part / length for part in raw]

    def missed(self, scene):
        """What is not in the scene as this artist left it; empty when all is."""
        lost = [
            f"{uuid} is at {found}, not {place}"
            for uuid, place in self.expected.items()
            if not (found := position(scene, uuid)) or not all(close(a, b) for a, b in zip(found, place, strict=True))
        ]
        return lost + [f"{uuid} is back" for uuid in self.deleted & scene.keys()]


def position(scene, uuid):
    return scene[uuid]["components"]["transform"]["translation"] if uuid in scene else None
