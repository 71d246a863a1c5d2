"""The service as a child process, with the editors that its user opens."""

import contextlib
import json
import os
import subprocess

from harness import Daemon, Editor, start_process, wait_for

IDLE_SECONDS = 3  # after which a daemon without editors ends
# Kills all processes whose runtime folder is in the folder, once its input ends: also if pytest was killed. A daemon
# does not end with the supervisor that has started it.
REAPER = r"""cat >/dev/null; for p in /proc/[0-9]*; do case "$(tr '\0' '\n' 2>/dev/null <$p/environ)" in
*"VIBESYNC_RUNTIME_DIR=$FOLDER/"*) kill -9 "${p#/proc/}";; esac; done"""


class Service(Daemon):
    """The supervisor in place of the daemon, with one project in its list. `cli` and `log` are those of the project."""

    def __init__(self, binary, folder):
        super().__init__(binary, folder)
        del self.env["VIBESYNC_TEST_PROJECT"]  # the editors find their project themselves
        self.env["XDG_STATE_HOME"] = str(folder / "state")
        settings = folder / "vibesync" / "vibesync.toml"
        settings.parent.mkdir()
        settings.write_text(f"[service]\nidle_minutes = {IDLE_SECONDS / 60}\n", "utf-8")
        self.open_editors = []

    def add(self):
        added = self.cli("projects", "add", str(self.project))
        assert added.returncode == 0, added.stderr

    def start(self):
        with self.output.open("ab") as log:
            command = [self.binary, "service", "run"]
            self.process = start_process(command, env=self.env, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_for("the supervisor runs", lambda: self.is_alive() and self.report().get("pid") == self.process.pid)
        return self

    def report(self):
        """Reads the state that the supervisor has written."""
        with contextlib.suppress(FileNotFoundError):
            return json.loads((self.runtime / "service.json").read_text("utf-8"))
        return {}

    def listed(self):
        """Returns what `vibesync projects list` says of the project."""
        return json.loads(self.cli("projects", "list", "--json").stdout)

    def wait_until(self, state):
        """Waits for a state of the project; returns its process."""
        wait_for(f"the project is {state}", lambda: self.is_alive() and self.listed()["state"] == state)
        return self.listed()["pid"]

    def open_editor(self, name, **environment):
        self.env.update(environment)
        editor = Editor(f"{name}-driver", self, name)
        self.open_editors.append(editor)
        return editor

    def close_editors(self):
        while self.open_editors:
            self.open_editors.pop().stop()


@contextlib.contextmanager
def supervised(binary, folder):
    """A supervisor with one project. Everything ends with it, whatever the test has done."""
    environment = {**os.environ, "FOLDER": str(folder)}
    reaper = subprocess.Popen(["sh", "-c", REAPER], env=environment, stdin=subprocess.PIPE)
    service = Service(binary, folder)
    try:
        service.add()
        yield service.start()
        service.close_editors()
        service.stop()
    finally:
        reaper.stdin.close()
        reaper.wait()
