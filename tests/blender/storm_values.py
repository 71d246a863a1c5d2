# SPDX-License-Identifier: GPL-3.0-or-later
"""Random values of materials, lights and cameras, as a part of the storm."""

from vibesync.core import cameras, lights


class RandomValues:
    """The values that the other editor of a storm sends."""

    def random_material(self, uuid):
        """Returns a change of the fields that Blender has not locked."""
        seen, number = self.harness.bridge.replica.entries[uuid].last_seen, self.chance.uniform
        locked = seen.get("locks", {}).get("blender", {})
        color = [number(0, 1) for _ in range(4)]
        wanted = {
            "pbr": {
                "base_color": color,
                "metallic": number(0, 1),
                "roughness": number(0, 1),
                "alpha_mode": self.chance.choice(("opaque", "mask", "blend")),
                "double_sided": self.chance.random() < 0.5,
                "alpha_cutoff": number(0, 1),
            },
            "emission": {"color": color[:3], "strength": number(0, 9)},
        }
        components = {
            name: {**seen[name], **{field: it for field, it in fields.items() if field not in locked.get(name, ())}}
            for name, fields in wanted.items()
        }
        return {"op": "update", "uuid": uuid, "components": components}

    def random_values(self, kind):
        number = self.chance.uniform
        if kind == "camera":
            return {**cameras.DEFAULTS, "focal": number(10, 100), "fit": self.chance.choice(("fill", "vertical"))}
        outer = number(0.01, 1.5)
        return {
            **lights.DEFAULTS,
            "type": self.chance.choice(list(lights.NATIVE_TYPES)),
            "intensity": number(0, 1e5),
            "color": [number(0, 1) for _ in range(3)],
            "outer": outer,
            "inner": number(0, outer),
            "size": [number(0.1, 3), number(0.1, 3)],
            "radius": number(0, 2),
        }
