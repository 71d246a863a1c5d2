# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests that an evaluated mesh whose last bits differ is no other one."""

import numpy as np
from vibesync.core import shown_memory
from vibesync.core.mesh import Mesh
from vibesync.core.pace import finish
from vibesync.core.shown_memory import ShownMemory


def triangle(x):
    position = np.array([[x, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    return Mesh(position, np.arange(3, dtype=np.uint32), [(0, 0, 3)])


def digest(memory, x, uuid="a"):
    return finish(memory.digest_steps(uuid, triangle(x)))


def test_mesh_within_epsilon_has_the_former_digest():
    memory = ShownMemory()
    first = digest(memory, 0.0)
    assert digest(memory, 4e-6) == first == triangle(0.0).digest()
    assert digest(memory, 8e-6) == first, "it is compared with the mesh that was sent"
    other = digest(memory, 2e-5)
    assert other == triangle(2e-5).digest() != first, "small differences do not add up"
    assert digest(memory, 4e-6, "b") == triangle(4e-6).digest()


def test_object_without_a_mesh_is_forgotten():
    memory = ShownMemory()
    digest(memory, 0.0)
    assert finish(memory.digest_steps("a", None)) is None
    assert digest(memory, 4e-6) == triangle(4e-6).digest()


def test_memory_is_limited(monkeypatch):
    monkeypatch.setattr(shown_memory, "_MAX_BYTES", 100)  # two triangles
    memory = ShownMemory()
    for uuid in "abc":
        digest(memory, 0.0, uuid)
    assert digest(memory, 4e-6, "c") == triangle(0.0).digest()
    assert digest(memory, 4e-6, "a") == triangle(4e-6).digest()
