# SPDX-License-Identifier: GPL-3.0-or-later
"""Help texts of the error codes. Generated from crates/scene/src/code.rs; to change it:

VIBESYNC_BLESS=1 cargo test -p vibesync-scene errors
"""

HELP = {
    # FrameTruncated
    "VS-1001": "Update VibeSync on both sides; this client writes broken frames.",
    # FrameTooLong
    "VS-1002": "Split the change, or reduce the size of the mesh.",
    # HeaderInvalid
    "VS-1003": "Update VibeSync on both sides; this client writes broken frames.",
    # AttachmentsInvalid
    "VS-1004": "Update VibeSync on both sides; this client writes broken frames.",
    # MessageUnknown
    "VS-1005": "Install the same VibeSync version on both sides.",
    # MessageMalformed
    "VS-1006": "Install the same VibeSync version on both sides.",
    # VersionUnsupported
    "VS-2001": "Install the same VibeSync version on both sides.",
    # WrongProof
    "VS-2002": "Restart daemon and editor as the same user; the token may be old, or another program uses this port.",
    # WrongProject
    "VS-2003": "Open the file that belongs to this project, or start a daemon in the project of this file.",
    # HandshakeTimeout
    "VS-2004": "Reconnect; the daemon or the editor was too busy to answer.",
    # RoleTaken
    "VS-2005": "Close the other editor, or this one.",
    # TooManyConnections
    "VS-2006": "Close clients that are not needed.",
    # PeerSilent
    "VS-2007": "Bring the editor to the front, and check that the daemon runs; the connection comes back by itself.",
    # UuidUnknown
    "VS-3001": "Press Resync in the editor.",
    # UuidOtherKind
    "VS-3002": "Press Resync in the editor.",
    # NumberInvalid
    "VS-3003": "Undo the last edit; it produced a number that is not finite or far too large.",
    # ComponentInvalid
    "VS-3004": "Correct the value that the location names, or install the same VibeSync version on both sides.",
    # MeshInvalid
    "VS-3005": "Validate the mesh in the editor that it came from (Mesh > Clean Up).",
    # Tombstoned
    "VS-3006": "Duplicate the object to keep a copy; it was deleted in the other editor.",
    # IntentShape
    "VS-3007": "Update the client; it sends changes that the protocol does not allow.",
    # ParentCycle
    "VS-3008": "Choose another parent or collection; an object cannot be in itself, nor in what it shows.",
    # ChildrenLeft
    "VS-3009": "Delete the children too, or move them elsewhere first.",
    # BlobUnknown
    "VS-3010": "Press Resync in the editor.",
    # Conflict
    "VS-3011": "Edit the object as it should be; both versions are in the log.",
    # Superseded
    "VS-3012": "Look at the object, and repeat your change if it should stand.",
    # Quarantined
    "VS-3013": "Look at the object in an editor, and edit it as it should be.",
    # PersonEditing
    "VS-3014": "Wait; automation continues by itself once the person has let go and rested.",
    # FieldLocked
    "VS-3015": "Change what drives the value in the editor that locks it, such as a constraint or a driver.",
    # ImageInvalid
    "VS-3016": "Save the image again in the editor that it came from, as PNG or OpenEXR.",
    # VerificationFailed
    "VS-4001": "Read the message, then try again; the change was undone in both editors.",
    # VerificationTimeout
    "VS-4002": "Bring the other editor to the front and try again; it did not answer.",
    # OperationReused
    "VS-4003": "Update the client; it uses an operation id twice.",
    # BatchUnknown
    "VS-4004": "Nothing to do; the editor answered too late.",
    # ApplyFailed
    "VS-4005": "Read the message for the reason; the change was undone in both editors.",
    # QueueFull
    "VS-4006": "Wait until the other editor has caught up, then try again.",
    # SequenceAhead
    "VS-4007": "Press Resync. If an older log replaced the newer one, `vibesync recover` shows what each copy holds.",
    # Interrupted
    "VS-4008": "Repeat the last edit if it is missing.",
    # Stale
    "VS-4009": "Read the scene again, then decide anew.",
    # LogDamaged
    "VS-5001": "Run `vibesync recover`: it shows what each copy holds. With a backup: `vibesync restore FILE`.",
    # LogPoisoned
    "VS-5002": "Check the disk, then restart the daemon.",
    # DiskFull
    "VS-5003": "Free disk space, then restart the daemon.",
    # RegistryRebuilt
    "VS-5004": "Restart the daemon, or run `vibesync registry rebuild`; nothing is lost.",
    # AuditUnavailable
    "VS-5005": "Check the folder .git_safety; missing commits are added by themselves.",
    # BlobDamaged
    "VS-5006": "Open the mesh in an editor that has it: VibeSync stores it again. Otherwise edit it once more.",
    # CommitUnknown
    "VS-5007": "List the commits with `vibesync audit log`.",
    # NewerFormat
    "VS-5008": "Install the newer VibeSync again; nothing was changed.",
    # DiskFailed
    "VS-5009": "Check the disk and the rights on the project's folder, then restart the daemon.",
    # LogDiverged
    "VS-5010": "Run `vibesync recover`: it shows what each copy holds. With a backup: `vibesync restore FILE`.",
    # BackupDamaged
    "VS-5011": "Name another backup file; nothing was changed.",
    # AuditDamaged
    "VS-5012": "Nothing to do: the daemon keeps the damaged history in .vibesync/recovered and begins a new one.",
    # ConfigInvalid
    "VS-6001": "Correct the line that the message names.",
    # ProjectTaken
    "VS-6002": "Stop the other daemon, or use it.",
    # NoDaemon
    "VS-6003": "Start the daemon in the folder of the project with `vibesync run`.",
    # CannotListen
    "VS-6004": "Set another port in vibesync.toml, or 0 for a free one.",
    # RuntimeFolder
    "VS-6005": "Check that the runtime folder and the token file belong to you and are writable.",
    # InternalError
    "VS-6006": "Restart the daemon; if it happens again, report it with the daemon's log.",
    # ServiceUnavailable
    "VS-6007": "Start the daemon by hand with `vibesync run`; docs/operations.md describes the service.",
    # EditorRegistryDamaged
    "VS-7001": "Save the file if one copy could be read; otherwise restore a backup, or press Rebuild Registry.",
    # UuidDuplicated
    "VS-7002": "Nothing to do; the copy has its own identity now.",
    # ReadOnlyData
    "VS-7003": "Make the data local, or edit it in its own file.",
    # Shear
    "VS-7004": "Apply the scale of the parent (Ctrl+A); Unity cannot show sheared objects.",
    # ObjectVanished
    "VS-7005": "Press Resync in the editor if it happens again.",
    # MeshLost
    "VS-7006": "Nothing to do: the daemon sends the mesh again. Without a daemon, restore the file from a backup.",
    # BreakerOpen
    "VS-8001": "Correct the cause, then edit the object in an editor, or run `vibesync governance reset`.",
    # KnownBad
    "VS-8002": "Inspect it with `vibesync governance show`; `vibesync governance reset` allows another try.",
    # SafeMode
    "VS-8003": "Find the reason with `vibesync governance show`, then run `vibesync governance reset safe-mode`.",
    # EditorCrashed
    "VS-8004": "Start the editor again; its changes arrive in small batches until the cause is found.",
    # RateLimited
    "VS-8005": "Send fewer operations; the message says when to try again.",
    # GraphUnreadable
    "VS-9001": "Check the path, and that the file can be read.",
    # CatalogueUnusable
    "VS-9002": "Name a Blender version whose catalogue is included, or make one with scripts/gen-catalogue.",
    # GraphInvalid
    "VS-9003": "Run `vibesync graph check` for all errors, or `vibesync graph fix`.",
    # ManifestRefused
    "VS-9101": "Correct `addon_ai.json` at the lines that the message names; other add-ons are not affected.",
    # CapabilityUnknown
    "VS-9102": "List what there is with `list_capabilities`; the add-on may have been disabled since.",
    # ParametersWrong
    "VS-9103": "Read the parameters with `describe_capability`, and call again.",
    # RequirementNotMet
    "VS-9104": "Enable, disable or update the add-on or editor that the message names.",
    # NotAllowed
    "VS-9105": "Ask a person to allow the add-on in the editor's panel, or with `vibesync agents allow ADDON`.",
    # HandlerFailed
    "VS-9106": "Read the message; call with other arguments, or tell the author of the add-on.",
    # HandlerLate
    "VS-9107": "Look at the history and the scene: it is unknown whether the tool ran.",
    # ResultUnusable
    "VS-9108": "Report it: a tool must return status, message and data, and an editor a picture as the fields say.",
    # HandlerMissing
    "VS-9109": "Tell the author of the add-on: `AI_COMMAND_HANDLERS` lacks the tool.",
    # ForbiddenChange
    "VS-9110": "A person allowed the add-on to read only, or it changed too much; its changes were taken back.",
    # ScopeNotGranted
    "VS-9201": "A person decides what the agent may do: in an editor, or with `vibesync agents`.",
    # ApprovalAwaited
    "VS-9202": "Ask the person to answer in an editor, or with `vibesync agents`; then send the same operation again.",
    # PersonRefused
    "VS-9203": "Do not send the same again; ask the person what they want instead.",
    # BudgetUsedUp
    "VS-9204": "Wait as long as the message says, or raise the limit in the settings.",
    # KeptForPeople
    "VS-9205": "A person keeps this from agents; ask the person to change it, or to free it with Keep from Agents.",
    # EditorUnable
    "VS-9206": "Wait until the editor is connected and free, then call again.",
}
