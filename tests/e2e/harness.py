"""A daemon and two editors as child processes, for end-to-end tests and the demonstration."""

import atexit
import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "runner"))
import containment  # noqa: E402  (found through the path set above)

ANSWER_SECONDS = 60
CONVERGE_SECONDS = 30


def wait_for(what, condition, seconds=CONVERGE_SECONDS):
    """Polls until `condition` returns a true value, and returns that; the error after `seconds` names `what`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def start_process(command, **options):
    """Starts a child process that ends with this one: the whole group is killed at exit, or by the kernel.

    The child leads a process group, as a script may stand between this process and the editor or daemon.
    """
    process = subprocess.Popen([*containment.prefix(), *command], process_group=0, **options)
    atexit.register(kill_group, process)
    return process


def kill_group(process):
    """Kills a child process and its group, and collects its exit code; does nothing once that is collected."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Daemon:
    """The real daemon, serving a project folder of its own."""

    def __init__(self, binary, folder):
        self.binary = str(binary)
        self.project = Path(folder) / "project"
        self.runtime = Path(folder) / "runtime"
        self.project.mkdir(parents=True, exist_ok=True)
        self.env = {**os.environ, "VIBESYNC_RUNTIME_DIR": str(self.runtime), "XDG_CONFIG_HOME": str(folder)}
        self.env["VIBESYNC_TEST_PROJECT"] = str(self.project)  # which the drivers choose, as a person does
        self.env["VIBESYNC_TEST_UNITY_PROJECT"] = str(Path(folder) / "unity")  # its assets outlive a kill
        self.output = Path(folder) / "daemon.log"
        self.process = None

    def start(self):
        with self.output.open("ab") as log:
            command = [self.binary, "--project", str(self.project), "run"]
            self.process = start_process(command, env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_for("the daemon answers", lambda: self.is_alive() and self.cli("status").returncode == 0)
        return self

    def is_alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the daemon ended with {self.process.returncode}:\n{self.output.read_text()[-2000:]}")
        return True

    def kill(self):
        """SIGKILL: a crash of the daemon."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def cli(self, *arguments):
        command = [self.binary, "--project", str(self.project), *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60, check=False)

    def status(self):
        return json.loads(self.cli("status", "--json").stdout)

    def is_settled(self):
        """Whether no transaction is open and no delivery queue holds anything.

        Comparing the editors alone is not enough: two editors that lack the same change are equal too.
        """
        status = self.status()
        counts = [status["open_transactions"]]
        for session in status["sessions"]:
            counts += [session["comparing"], session["owed"], session["in_flight"]]
        return not any(counts)

    def log(self):
        """Reads every record of the transaction log."""
        records = []
        for segment in sorted((self.project / ".vibesync" / "wal").glob("*.jsonl")):
            for line in segment.read_text("utf-8").splitlines():
                # A torn line right after a kill is no record; `log verify` checks the log.
                with contextlib.suppress(ValueError):
                    records.append(json.loads(line))
        return records

    def story_of(self, uuid, last=40):
        """Returns the last records of connections and of an entity, one a line, each cut to what fits a screen."""
        told = [record for record in self.log() if record["phase"] == "SESSION" or uuid in json.dumps(record)]
        return [json.dumps(record)[:1500] for record in told[-last:]]


class Editor:
    """A driver process: a real Blender, or the compiled package on the faked Unity editor."""

    def __init__(self, script, daemon, name, *arguments):
        self.name = name
        self.env = daemon.env
        self.log = daemon.output.with_name(f"{name}.log")
        self.command = [str(ROOT / "scripts" / script), *arguments]
        self.commands = daemon.output.with_name(f"{name}.commands.jsonl").open("a", buffering=1)
        self.start()

    def start(self):
        self.answers = queue.Queue(maxsize=1000)
        pipe = subprocess.PIPE
        with self.log.open("ab") as log:
            self.process = start_process(
                self.command, env=self.env, stdin=pipe, stdout=pipe, stderr=log, text=True, bufsize=1
            )
        threading.Thread(target=self._listen, args=(self.process, self.answers), daemon=True).start()
        self.version = self._answer()["version"]

    def kill(self):
        """SIGKILL: a crash of the editor, which loses its unsaved work."""
        kill_group(self.process)

    @staticmethod
    def _listen(process, answers):
        for line in process.stdout:
            with contextlib.suppress(ValueError):  # half a line of an editor that was killed
                answers.put(json.loads(line))
        answers.put(None)

    def _answer(self):
        answer = self.answers.get(timeout=ANSWER_SECONDS)
        if answer is None or not answer.get("ok"):
            raise RuntimeError(f"{self.name}: {answer}")
        return answer

    def do(self, action, **arguments):
        line = json.dumps({"do": action, **arguments}) + "\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        answer = self._answer()
        if action not in ("status", "dump"):  # a record of the run, to read and repeat it
            self.commands.write(line[:-2] + f', "answer": {json.dumps(answer)}}}\n')
        return answer

    def status(self):
        return self.do("status")

    def dump(self):
        return self.do("dump")["entities"]

    def wait_until_connected(self):
        return wait_for(f"{self.name} connects", lambda: self.status()["state"] == "connected")

    def is_idle(self):
        return self.status()["pending"] == 0

    def last_lines(self, count=10):
        """Returns the end of its console, each line cut to what fits a screen."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return [f"{self.name}: {line[:300]}" for line in lines[-count:]]

    def stop(self):
        self.commands.close()
        if self.process.poll() is None:
            try:
                self.process.stdin.write('{"do": "quit"}\n')
                self.process.stdin.flush()
                self._answer()
                self.process.wait(timeout=20)
            except (OSError, RuntimeError, queue.Empty, subprocess.TimeoutExpired):
                self.kill()


# Settings in which agents may work.
AGENTS_WORK = '[agents]\nmode = "work"\n'


@contextlib.contextmanager
def running(binary, folder, settings="", agents=AGENTS_WORK):
    """A daemon with these settings, in which agents may work, and both editors in session with it."""
    daemon = Daemon(binary, folder)
    (daemon.project / ".vibesync").mkdir()
    (daemon.project / ".vibesync" / "vibesync.toml").write_text(f"{settings}\n{agents}", "utf-8")
    both = []
    try:
        daemon.start()
        both = editors(daemon)
        yield daemon, *both
    finally:
        for editor in both:
            editor.stop()
        daemon.stop()


def editors(daemon):
    """Both editors, started side by side and connected."""
    both = []
    try:
        for script, name in (("blender-driver", "blender"), ("unity-driver", "unity")):
            both.append(Editor(script, daemon, name))
        for editor in both:
            editor.wait_until_connected()
    except BaseException:
        for editor in both:
            editor.kill()
        raise
    return both


def resident_memory(pid):
    """Resident memory of a process and its children, in bytes; 0 for one that is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident_memory(int(child)) for child in children)


def git(daemon, *arguments):
    """Runs git in the history of the scene; returns its output."""
    command = ["git", "-c", "safe.directory=*", "-C", str(daemon.project / ".git_safety"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


# Components that a dump leaves out where they are empty.
OPTIONAL = ("slots", "materials", "locks")


# The values of entities without the components that concern collections.
PLAIN = {
    "collections": {"in": [], "root": True},
    "instance": {"of": None},
    "render_visibility": {"visible": True},
}


def collections_difference(shown, known):
    """Describes the first difference between the collections in Blender and those of the daemon; empty if none.

    `shown`: what Blender's driver has read; `known`: the entities of the daemon.
    """
    for uuid, entity in known.items():
        if entity["kind"] not in ("object", "collection"):
            continue
        if uuid not in shown:
            return f"{uuid} is not in Blender"
        for name, value in shown[uuid].items():
            wanted = entity["components"].get(name, PLAIN.get(name))
            if name == "collection" and all(map(is_close, value["offset"], wanted["offset"])):
                wanted = {**wanted, "offset": value["offset"]}
            if name != "is_in_scene" and value != wanted:
                return f"{uuid}.{name}: {value} is not {wanted}"
    unknown = shown.keys() - known.keys()
    lost = [uuid for uuid in unknown if shown[uuid].get("is_in_scene", True)]
    return f"{lost} are in Blender alone" if lost else ""


def is_close(a, b):
    """Whether two numbers are equal within the epsilon of the protocol."""
    return abs(a - b) <= max(1e-5, 4 / 8388608 * max(abs(a), abs(b)))


def is_same_rotation(a, b):
    """Whether two quaternions are equal up to their sign.

    The daemon accepts the value of each editor within its epsilon. The editors may differ by twice that.
    """
    pairs = list(zip(a, b, strict=True))
    return any(all(abs(x - sign * y) <= 2e-5 for x, y in pairs) for sign in (1, -1))


def difference(mine, theirs):
    """Describes the first difference between two dumps; empty if there is none."""
    mine, theirs = without_unshown(mine), without_unshown(theirs)
    if mine.keys() != theirs.keys():
        alone, others = sorted(mine.keys() - theirs.keys()), sorted(theirs.keys() - mine.keys())
        return f"{len(alone)} only here {alone[:3]}, {len(others)} only there {others[:3]}, {len(mine)} in all"
    for uuid, entity in mine.items():
        other = theirs[uuid]
        if entity["kind"] != other["kind"]:
            return f"{uuid}: kind"
        for name in OPTIONAL:
            if name not in entity["components"] and name in other["components"]:
                return f"{uuid}.{name}: only there, {other['components'][name]}"
        for name, value in entity["components"].items():
            found = other["components"].get(name)
            if not is_same_component(name, value, found):
                parts = mesh_difference(value, found) if name == "mesh" else f"{value} is not {found}"
                return f"{uuid}.{name}: {parts[:600]}"
    return ""


def _without_data(entity, uuids):
    """Returns the entity without its data if that is one of these."""
    components = entity["components"]
    if components.get("data", {}).get("uuid") not in uuids:
        return entity
    return {**entity, "components": {**components, "data": {"uuid": None}}}


def without_unshown(scene):
    """Leaves out lights and cameras that no object shows, and all armatures: the dump of Unity has neither."""
    armatures = {uuid for uuid, entity in scene.items() if entity["kind"] == "armature"}
    scene = {uuid: _without_data(entity, armatures) for uuid, entity in scene.items() if uuid not in armatures}
    objects = (entity["components"] for entity in scene.values() if entity["kind"] == "object")
    shown = {components["data"]["uuid"] for components in objects}
    return {uuid: it for uuid, it in scene.items() if it["kind"] not in ("light", "camera") or uuid in shown}


def mesh_difference(mine, theirs):
    """Describes the first corner that differs."""
    if mine.keys() != theirs.keys():
        return f"{sorted(mine)} is not {sorted(theirs)}"
    for part, values in mine.items():
        if len(values) != len(theirs[part]):
            return f"{len(values)} {part} are not {len(theirs[part])}"
        for corner, (a, b) in enumerate(zip(values, theirs[part], strict=True)):
            if part != "submeshes" and not has_same_corners([a], [b]):
                return f"{part} at corner {corner} of {len(values)}: {a} is not {b}"
    return f"{mine['submeshes']} is not {theirs['submeshes']}"


def is_same_component(name, a, b):
    if b is None:
        return False
    if name == "transform":
        vectors = all(
            is_close(x, y) for part in ("translation", "scale") for x, y in zip(a[part], b[part], strict=True)
        )
        return vectors and is_same_rotation(a["rotation"], b["rotation"])
    if name in ("light", "camera", "pbr", "emission"):
        return has_same_values(a, b)
    if name == "maps":
        return a.keys() == b.keys() and all(is_same_map(a[field], b[field]) for field in a)
    if name == "mesh":
        if not a["corners"] and not b["corners"]:  # no corner has a normal, whether the list exists or not
            return True
        return (
            a.keys() == b.keys()
            and all(has_same_corners(a[part], b[part]) for part in a if part != "submeshes")
            and (a["submeshes"] == b["submeshes"])
        )
    return a == b


def has_same_values(a, b):
    """Whether two lights, cameras or materials are equal. Color and strength count as a product; an aspect does not."""
    if a.keys() != b.keys():
        return False
    if "color" in a:
        factor = "intensity" if "intensity" in a else "strength"
        products = zip(*([channel * it[factor] for channel in it["color"]] for it in (a, b)), strict=True)
        if not all(abs(x - y) <= max(1e-5, 2**-18 * max(x, y)) for x, y in products):
            return False
    uncompared = ("color", "intensity", "strength", "aspect")
    return all(is_same_field(a[name], b[name]) for name in a if name not in uncompared)


def is_same_map(a, b):
    """Whether two maps are equal."""
    if a is None or b is None:
        return a is b
    return a.keys() == b.keys() and all(is_same_field(a[name], b[name]) for name in a)


def is_same_field(a, b):
    """Whether two fields are equal; numbers within the epsilon of the protocol."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(is_same_field(x, y) for x, y in zip(a, b, strict=True))
    is_number = all(isinstance(it, (int, float)) and not isinstance(it, bool) for it in (a, b))
    return is_close(a, b) if is_number else a == b


def has_same_corners(a, b):
    return len(a) == len(b) and all(
        is_close(x, y) for p, q in zip(a, b, strict=True) for x, y in zip(p, q, strict=True)
    )


def converge(daemon, one, other):
    """Waits until nothing is in flight and both editors hold the same scene; returns the scene."""

    def agree():
        if not (one.is_idle() and other.is_idle() and daemon.is_settled()):
            return None
        scene = one.dump()
        return None if difference(scene, other.dump()) else (scene,)

    try:
        return wait_for("both editors hold the same", agree)[0]
    except TimeoutError as error:
        detail = difference(one.dump(), other.dump())
        states = [one.status(), other.status(), daemon.status()]
        named = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", detail)
        story = "\n".join(daemon.story_of(named[0] if named else "no uuid"))
        consoles = "\n".join(one.last_lines() + other.last_lines())
        raise AssertionError(f"{error}: {detail}; {states}\n{consoles}\nlast records of it:\n{story}") from None
