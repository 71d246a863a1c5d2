"""A Blender in a real window, and the mouse and the keyboard in front of it; for use inside tests/window/enter."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

from harness import CONVERGE_SECONDS, Editor, wait_for

PAUSE = ("sleep", "0.2")  # Blender asks which keys are down when it comes to an event, not when that happened
DRAW_SECONDS = 120
MOST_STEPS = 600
HERE = Path(__file__).parent


def called(command):
    """Returns the command that runs a program of the window's root on its screen."""
    names = ("HOME", "DISPLAY")
    env = ["env", "-i", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", *(f"{name}={os.environ[name]}" for name in names)]
    return ["chroot", os.environ["VIBESYNC_WINDOW_ROOT"], *env, *map(str, command)]


def inside(*command):
    """Runs a program of the window's root; returns what it printed."""
    done = subprocess.run(called(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout.decode()}{done.stderr.decode()}")
    return done.stdout


def install(archive):
    """Installs the extension from its zip and enables it, as a user does; Blender remembers it in $HOME."""
    copy = Path(os.environ["HOME"]) / Path(archive).name
    copy.write_bytes(Path(archive).read_bytes())
    said = inside("blender", "--command", "extension", "install-file", "-r", "user_default", "--enable", copy)
    # The second module of a run installs it again.
    assert b'installed "vibesync"' in said.lower(), said


def screenshot(path):
    """The whole screen, as a small PNG."""
    Path(path).write_bytes(inside("import", "-window", "root", "-dither", "None", "-colors", "200", "png8:-"))


def pixels(x, y, size):
    """The square of the screen around a pixel, three bytes each, row by row."""
    square = f"{size}x{size}+{x - size // 2}+{y - size // 2}"
    return inside("import", "-window", "root", "-crop", square, "-depth", "8", "rgb:-")


class Window(Editor):
    """Uses the window. `do` sends commands to the driver; every other method moves a mouse or presses keys."""

    def __init__(self, daemon):
        super().__init__(HERE / "blender", daemon, "blender")
        # Drawing in software, Blender is busy with its first picture for a while; after that its timers run.
        wait_for("Blender has drawn its window", lambda: len(self.do("ticks")["ticks"]) > 20, DRAW_SECONDS)

    def mouse(self, x, y):
        """Moves the pointer there; twice, as Blender takes the first motion for an arrival."""
        inside("xdotool", "mousemove", x - 1, y, "mousemove", x, y)

    def drag(self, x, y):
        """Moves the pointer by so much, in the steps that a hand makes."""
        step = ["mousemove_relative", "--sync", "--", x // 10, y // 10]
        inside("xdotool", *step * 10)

    def still(self, x, y, size):
        """Waits until a square of the screen does not change any more; returns it."""

        def twice():
            before = pixels(x, y, size)
            return before if before == pixels(x, y, size) else None

        return wait_for("a still picture", twice)

    def key(self, *names):
        """Presses keys, one after the other, wherever the pointer is."""
        inside("xdotool", "key", "--delay", "30", *names)

    def write(self, text):
        """Types."""
        inside("xdotool", "type", "--delay", "30", text)

    def click(self, button=1):
        """Clicks where the pointer is."""
        inside("xdotool", "click", button)

    def hands(self):
        """Returns modal operators, mode, active object and selected objects."""
        return self.do("hands")

    def until(self, what, act, condition):
        """Acts, and acts again each second as a person would, until the condition holds."""
        end = time.monotonic() + CONVERGE_SECONDS
        while True:
            act()
            try:
                return wait_for(what, condition, seconds=1)
            except TimeoutError:
                if time.monotonic() > end:
                    raise

    def select(self, uuid):
        """Clicks on an object until it is the selected one."""

        def click():
            there = self.do("where", uuid=uuid)
            self.mouse(there["x"], there["y"])
            self.click()

        self.until("a click selects the object", click, lambda: self.hands()["selected"] == [uuid])

    def delete(self):
        """Presses X, and Enter once Blender asks."""
        wanted = set(self.hands()["selected"])
        self.key("x")
        self.until("the objects are gone", lambda: self.key("Return"), lambda: not wanted & self.dump().keys())

    def rest(self):
        """Lets go of everything and goes back to Object Mode, the pointer over the 3D view."""
        view = self.do("view")
        self.mouse(view["x"], view["y"])
        if self.hands()["modal"]:
            self.finish("Escape")
        if self.hands()["mode"] != "OBJECT":
            self.key("Tab")
            self.mode("OBJECT")

    def select_all(self):
        """Presses A until all objects are selected."""
        everything = {uuid for uuid, entity in self.dump().items() if entity["kind"] == "object"}
        self.until("all is selected", lambda: self.key("a"), lambda: set(self.hands()["selected"]) == everything)

    def hold(self, operator, *keys):
        """Presses keys that start a modal operator, and waits until it holds the mouse."""
        self.key(*keys)
        wait_for(f"{operator} starts", lambda: operator in self.hands()["modal"])

    def finish(self, *keys):
        """Presses keys, or clicks, to end whatever is modal, and waits until it let go."""
        self.key(*keys) if keys else self.click()
        wait_for("the operator ends", lambda: not self.hands()["modal"])

    def mode(self, wanted):
        """Waits for Object Mode or Edit Mode."""
        wait_for(f"{wanted} mode", lambda: self.hands()["mode"] == wanted)

    def open_sidebar(self, tab):
        """Shows the sidebar with N, and turns to a tab with Ctrl and the wheel, as an artist does."""
        if self.do("sidebar")["tab"] is None:
            self.key("n")
            wait_for("the sidebar opens", lambda: self.do("sidebar")["tab"])
        bar = self.do("sidebar")
        self.mouse(bar["x"], bar["y"])
        wheel = "4" if tab == "Item" else "5"  # the first and the last of the tabs
        turn = ["xdotool", "keydown", "ctrl", *PAUSE, "click", wheel, *PAUSE, "keyup", "ctrl"]
        if bar["tab"] != tab:
            self.until("the tab is there", lambda: inside(*turn), lambda: self.do("sidebar")["tab"] == tab)

    @contextlib.contextmanager
    def slide(self, x, y):
        """Drags what is there to the right for as long as it takes, without a rest."""
        self.mouse(x, y)
        inside("xdotool", "mousedown", "1")
        step = ["mousemove_relative", "--", "1", "0", "sleep", "0.05"]
        motion = subprocess.Popen(called(["xdotool", *step * MOST_STEPS]))
        try:
            yield
            assert motion.poll() is None, "the hand moved all the time"
        finally:
            motion.terminate()
            motion.wait()
            inside("xdotool", "mouseup", "1")

    @contextlib.contextmanager
    def hold_number(self, uuid):
        """Drags the number of a light or a material for as long as it takes. Needs the tab Item."""
        there = self.do("offer_number", uuid=uuid)
        time.sleep(0.5)  # until Blender has drawn the panel
        try:
            with self.slide(there["x"], there["y"]):
                yield
        finally:
            self.do("offer_number", uuid="")

    def close_sidebar(self):
        """Hides the sidebar with N."""
        view = self.do("view")
        self.mouse(view["x"], view["y"])
        self.until("the sidebar closes", lambda: self.key("n"), lambda: self.do("sidebar")["tab"] is None)

    def press(self, what, done):
        """Clicks down the left half of the panel, where its first button is, until that had its effect."""
        bar = self.do("sidebar")
        for down in range(40, 300, 10):
            self.mouse(bar["x"] - 80, bar["y"] + down)
            self.click()
            with contextlib.suppress(TimeoutError):
                return wait_for(what, done, seconds=0.5)
        raise TimeoutError(what)
