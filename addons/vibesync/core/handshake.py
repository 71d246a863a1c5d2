# SPDX-License-Identifier: GPL-3.0-or-later
"""The handshake: both sides prove that they can read the user's token file. The token itself never travels."""

from __future__ import annotations

import hashlib
import hmac

from .sync_error import SyncError

PROTOCOL = 1
SCHEMA = 1


def parse_token(text: str) -> bytes:
    """Returns the 32 bytes that the token file spells in 64 hex digits. Raises SyncError VS-6005."""
    digits = text.strip()
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(key) != 32 or len(digits) != 64:
        raise SyncError("VS-6005", "the token file does not hold 64 hex digits", "token")
    return key


def client_proof(key: bytes, daemon_nonce: str, client_nonce: str, project_id: str) -> str:
    """Returns the proof for `hello`, as lower-case hex."""
    return _proof(key, "vibesync-client-1", daemon_nonce, client_nonce, project_id)


def daemon_proof(key: bytes, daemon_nonce: str, client_nonce: str, project_id: str) -> str:
    """Returns the proof that `welcome` must carry, as lower-case hex."""
    return _proof(key, "vibesync-daemon-1", client_nonce, daemon_nonce, project_id)


def _proof(key: bytes, tag: str, first: str, second: str, project_id: str) -> str:
    text = f"{tag}\n{first}\n{second}\n{project_id}"
    return hmac.new(key, text.encode("ascii"), hashlib.sha256).hexdigest()


def check_challenge(challenge: dict, project_id: str) -> None:
    """Raises SyncError VS-2001 or VS-2003 if the client can't talk to that daemon, VS-1006 if it is malformed."""
    low, high = challenge.get("protocol_min"), challenge.get("protocol_max")
    if type(low) is not int or type(high) is not int or not isinstance(challenge.get("nonce"), str):
        raise SyncError("VS-1006", "the challenge is malformed", "challenge")
    if not low <= PROTOCOL <= high:
        raise SyncError("VS-2001", f"the daemon speaks protocol {low} to {high}, this addon {PROTOCOL}", "challenge")
    if challenge.get("schema_version") != SCHEMA:
        theirs = challenge.get("schema_version")
        raise SyncError("VS-2001", f"the daemon's schema is {theirs}, this addon's {SCHEMA}", "challenge")
    if challenge.get("project_id") != project_id:
        raise SyncError("VS-2003", "the daemon on this port serves another project", "challenge.project_id")


def check_welcome(welcome: dict, expected_proof: str) -> None:
    """Raises SyncError VS-2002 if the daemon can't read the token file, VS-1006 if the message is malformed."""
    proof = welcome.get("proof")
    if not isinstance(proof, str) or not hmac.compare_digest(proof.encode("utf-8"), expected_proof.encode("ascii")):
        raise SyncError("VS-2002", "the daemon's proof is wrong", "welcome.proof")
    diverged_after = welcome.get("diverged_after")
    numbers = {key: welcome.get(key) for key in ("head_seq", "heartbeat_ms")}
    numbers |= {} if diverged_after is None else {"diverged_after": diverged_after}
    for key, value in numbers.items():
        if type(value) is not int or value < 0:
            raise SyncError("VS-1006", f"welcome.{key} is not a number", f"welcome.{key}")
    if not isinstance(welcome.get("epochs", []), list):
        raise SyncError("VS-1006", "welcome.epochs is not a list", "welcome.epochs")
