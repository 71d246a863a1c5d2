"""An editor without a scene: takes each batch, and shows previews. A client written from the protocol page alone."""

import contextlib
import json
import struct
import threading

from agent import Agent


class PlainEditor(Agent):
    """Takes the place of Unity. Its own thread receives; `shown` has what a person would see of previews."""

    role = "unity"
    components = ("name", "transform", "visibility", "parent", "data", "mesh", "guard", "light", "pbr", "emission")

    def __init__(self, daemon):
        self.entities = {}  # uuid -> components, as applied
        # uuid -> transform of a preview; of a mesh: the patch of its positions; of other data: its components
        self.shown = {}
        self.ended = []  # uuids that `preview_end` named
        self._seq = 0
        self._writing = threading.Lock()
        super().__init__(daemon)
        self.send({"type": "inventory", "entities": [], "last": True})
        threading.Thread(target=self._listen, daemon=True).start()

    def introduction(self):
        """Returns what else `hello` tells."""
        return {"features": ["previews", "mesh_previews"]}

    def send(self, header, attachments=b""):
        """Sends a message, from either thread."""
        data = json.dumps(header).encode()
        with self._writing:
            self.socket.sendall(struct.pack(">II", 4 + len(data) + len(attachments), len(data)) + data + attachments)

    def preview(self, uuid, transform):
        """Sends a preview of one object."""
        self._seq += 1
        changes = [{"uuid": uuid, "components": {"transform": transform}}]
        self.send({"type": "preview", "seq": self._seq, "changes": changes})

    def preview_end(self, uuid):
        """Ends a preview of one object."""
        self.send({"type": "preview_end", "uuids": [uuid]})

    def _listen(self):
        with contextlib.suppress(OSError):  # closed
            while True:
                message = self.receive()
                handle = getattr(self, f"_on_{message['type']}", None)
                if handle:
                    handle(message)

    def _on_preview(self, message):
        for change in message["changes"]:
            values = change["components"].get("transform", change["components"])
            self.shown[change["uuid"]] = self.bulk if "positions" in change else values

    def _on_preview_end(self, message):
        self.ended += message["uuids"]
        for uuid in message["uuids"]:
            self.shown.pop(uuid, None)

    def _on_apply(self, message):
        results = []
        for change in message["changes"]:
            self.shown.pop(change["uuid"], None)
            results.append({"uuid": change["uuid"], "status": "applied", "state": self._apply(change), "error": None})
        lengths = {"attachments": message["attachments"]} if self.bulk else {}
        self.send({"type": "applied", "batch_id": message["batch_id"], "results": results, **lengths}, self.bulk)

    def _apply(self, change):
        """Applies a change; returns the state with the components that came."""
        uuid = change["uuid"]
        if change["op"] == "delete":
            self.entities.pop(uuid, None)
            return None
        entity = self.entities.setdefault(uuid, {"kind": change.get("kind"), "components": {}})
        entity["components"].update(change["components"])
        return {"uuid": uuid, "kind": entity["kind"], "components": change["components"]}
