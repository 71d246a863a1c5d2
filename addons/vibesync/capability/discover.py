# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds capability add-ons by their manifests, again and again, in small steps. Nothing is imported or run for it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

from ..core.pace import Job, Slice, Steps, finish
from ..core.sync_error import SyncError
from . import handlers
from .digest import FileStamp, code_digest, hash_files, list_files, open_regular

MANIFEST = "addon_ai.json"
MAX_MANIFEST = 256 << 10
MAX_ADDONS = 500
SURVEY_SECONDS = 2.0
_STEP_SECONDS = 0.001
_STEP_AT_REST = 0.00015  # while nobody waits for the result, so that no tick at rest takes long
_PART_BYTES = 4 << 20


@dataclass(frozen=True)
class Candidate:
    """A folder that may hold a capability add-on. `loaded` has the modules of it that are loaded, by name."""

    module: str
    folder: str
    is_enabled: bool


@dataclass
class Addon:
    """A capability add-on as last read."""

    module: str
    folder: str
    is_enabled: bool
    manifest: str | None = None
    manifest_sha256: str | None = None
    code_sha256: str | None = None
    declared: list[str] = field(default_factory=list)
    problem: SyncError | None = None
    files: tuple[FileStamp, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)  # of each file by path

    def to_wire(self) -> dict:
        """Returns the entry of the message `capabilities`."""
        problem = self.problem
        wire = {"code": problem.code, "message": problem.message, "location": problem.location} if problem else None
        return {
            "module": self.module,
            "folder": self.folder,
            "enabled": self.is_enabled,
            "manifest": self.manifest,
            "manifest_sha256": self.manifest_sha256,
            "code_sha256": self.code_sha256,
            "files": len(self.files),
            "declared": self.declared,
            "problem": wire,
        }


class Discovery:
    """The capability add-ons of this Blender.

    `list_candidates` returns the folders to look into, in steps. `modules` is the table of loaded modules, by name.
    """

    def __init__(self, list_candidates: Callable[[], Steps[list[Candidate]]], modules: dict[str, ModuleType]) -> None:
        self.addons: list[Addon] = []
        self.enabled: list[str] = []  # module names of all enabled add-ons, with or without a manifest
        self.interval = SURVEY_SECONDS
        self.is_surveyed = False  # at least one survey has ended
        self._list_candidates = list_candidates
        self._modules = modules
        self._known: dict[str, Addon] = {}  # by folder
        self._loaded: dict[str, tuple[object, str]] = {}  # module name -> its spec, and the digest of its file then
        self._job: Job[list[Addon]] | None = None
        self._next = 0.0
        self._is_awaited = True  # the present survey is the first one, or was asked for

    def is_due(self, now: float) -> bool:
        """Returns whether `work` has anything to do."""
        return self._job is not None or now >= self._next

    def work(self, now: float) -> bool:
        """Goes on with a survey for a millisecond at most; returns True if one ended now."""
        if not self.is_due(now):
            return False
        if self._job is None:
            self._is_awaited = self._next == 0.0
            self._next = now + self.interval
            self._job = Job(self._survey())
        if not self._job.run(Slice(_STEP_SECONDS if self._is_awaited else _STEP_AT_REST)):
            return False
        self.addons, self._job, self.is_surveyed = self._job.result, None, True
        return True

    def survey_soon(self) -> None:
        """Makes the next step begin a survey, because something was found to differ."""
        self._next = 0.0

    def is_unchanged(self, addon: Addon) -> bool:
        """Returns whether the files of an add-on are those that were read, at this moment."""
        try:
            return finish(list_files(addon.folder)) == addon.files
        except (OSError, SyncError):
            return False

    def messages(self, editor_version: str) -> list[dict]:
        """Returns the list of add-ons as messages `capabilities`, each far below the limit of a header."""
        parts, size = [[]], 0
        for addon in self.addons:
            cost = 1_000 + len(addon.manifest or "")
            if parts[-1] and size + cost > _PART_BYTES:
                parts.append([])
                size = 0
            parts[-1].append(addon.to_wire())
            size += cost
        common = {"enabled_addons": self.enabled, "editor_version": editor_version}
        last = len(parts) - 1
        return [
            {"type": "capabilities", "addons": part, **common, "last": number == last}
            for number, part in enumerate(parts)
        ]

    def _survey(self) -> Steps[list[Addon]]:
        candidates = yield from self._list_candidates()
        names = {each.module for each in candidates if each.is_enabled}
        self.enabled = sorted(names | {name.rpartition(".")[2] for name in names})
        found: dict[str, Addon] = {}
        for candidate in candidates:
            addon = yield from self._look_at(candidate)
            if addon and len(found) < MAX_ADDONS:
                found[candidate.folder] = addon
            yield
        self._known = found
        return sorted(found.values(), key=lambda each: (each.folder, each.module))

    def _look_at(self, candidate: Candidate) -> Steps[Addon | None]:
        path = os.path.join(candidate.folder, MANIFEST)
        try:
            found = os.lstat(path)
        except (OSError, ValueError):
            return None
        addon = Addon(candidate.module, candidate.folder, candidate.is_enabled)
        try:
            _check_manifest_file(found)
            addon.files = yield from list_files(candidate.folder)
            known = self._known.get(candidate.folder)
            if known and known.files == addon.files and known.digests:
                addon.manifest, addon.manifest_sha256 = known.manifest, known.manifest_sha256
                addon.digests, addon.code_sha256, addon.declared = known.digests, known.code_sha256, known.declared
            else:
                yield from self._read(addon, path)
            self._check_loaded(addon)
        except SyncError as problem:
            addon.problem = problem
        except OSError as error:
            addon.problem = SyncError("VS-9101", f"the add-on cannot be read: {error.strerror or error}", MANIFEST)
        return addon

    def _read(self, addon: Addon, path: str) -> Steps[None]:
        with open_regular(path) as file:
            content = file.read(MAX_MANIFEST + 1)
        if len(content) > MAX_MANIFEST:
            raise SyncError("VS-9101", f"more than {MAX_MANIFEST >> 10} KiB", MANIFEST)
        yield
        try:
            addon.manifest = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SyncError("VS-9101", "not UTF-8", f"{MANIFEST} byte {error.start}") from None
        addon.manifest_sha256 = hashlib.sha256(content).hexdigest()
        addon.digests = yield from hash_files(addon.folder, addon.files)
        addon.code_sha256 = code_digest(addon.digests)
        addon.declared = self._declared(addon)

    def _declared(self, addon: Addon) -> list[str]:
        try:
            with open_regular(os.path.join(addon.folder, "__init__.py")) as file:
                source = file.read(handlers.MAX_SOURCE)
        except OSError:
            return []
        names = handlers.declared_names(source)
        return names or (handlers.loaded_names(self._modules.get(addon.module)) if addon.is_enabled else [])

    def _check_loaded(self, addon: Addon) -> None:
        """Raises SyncError VS-9105 if Blender has loaded other code than the folder holds now.

        A module that is loaded again has another spec.
        """
        for name, module in list(self._modules.items()):
            is_part = name == addon.module or name.startswith(f"{addon.module}.")
            if not is_part or not isinstance(module, ModuleType):
                continue
            spec, path = vars(module).get("__spec__"), vars(module).get("__file__")
            relative = _path_below(addon.folder, path)
            digest = addon.digests.get(relative)
            known = self._loaded.get(name)
            if known is None or known[0] is not spec:
                self._loaded[name] = (spec, digest)
            elif known[1] != digest:
                message = "the file changed after Blender had loaded it; restart Blender"
                raise SyncError("VS-9105", message, relative)


def _check_manifest_file(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise SyncError("VS-9101", "the manifest is a link", MANIFEST)
    if not stat.S_ISREG(found.st_mode):
        raise SyncError("VS-9101", "the manifest is not a file", MANIFEST)
    if found.st_size > MAX_MANIFEST:
        raise SyncError("VS-9101", f"more than {MAX_MANIFEST >> 10} KiB", MANIFEST)


def _path_below(folder: str, path: object) -> str:
    if not isinstance(path, str) or not path.startswith(folder):
        return ""
    return path[len(folder) :].replace(os.sep, "/").lstrip("/")
