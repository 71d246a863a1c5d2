# SPDX-License-Identifier: GPL-3.0-or-later
"""The TCP connection to the daemon on loopback, without blocking calls. No other module opens a socket."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from collections import deque
from collections.abc import Sequence

from .frame import MAX_HEADER, Frame, FrameDecoder, Listed, encode
from .pace import Slice
from .sync_error import SyncError

_PENDING = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, getattr(errno, "WSAEWOULDBLOCK", 0)}
_CHUNK = 262_144
_BYTES_PER_POLL = 4 * 1024 * 1024
_FRAMES_PER_POLL = 64
_SECONDS_PER_POLL = 0.002  # for each direction; the kernel may take long for a MiB
MAX_QUEUED = 512 * 1024 * 1024


class Connection:
    """A connection that is being opened or is established. `poll` does a bounded amount of work and returns at once."""

    def __init__(self, host: str, port: int) -> None:
        self.decoder = FrameDecoder()
        self.is_established = False
        self.queued_bytes = 0
        self._queue: deque[memoryview] = deque()
        self._has_unread = False  # the last poll stopped at a limit, so that more may be there already
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        result = self._socket.connect_ex((host, port))
        if result not in _PENDING:
            self._socket.close()
            raise ConnectionError(f"connecting to port {port} failed: {errno.errorcode.get(result, result)}")

    def send(self, header: dict, attachments: Sequence[bytes] = (), listed: Listed | None = None) -> None:
        """Queues one frame. Raises SyncError if it breaks a limit, VS-4006 if too many bytes are queued already."""
        buffers = encode(header, attachments, listed, self.decoder.max_header if listed else MAX_HEADER)
        size = sum(len(buffer) for buffer in buffers)
        if self.queued_bytes + size > MAX_QUEUED:
            raise SyncError("VS-4006", "too many bytes wait for the daemon", header["type"])
        self._queue.extend(memoryview(buffer) for buffer in buffers if len(buffer))
        self.queued_bytes += size

    def poll(self, slice_: Slice | None = None) -> list[Frame]:
        """Sends and receives as much as possible now; parses large headers as long as the slice lasts.

        Raises ConnectionError at the end, SyncError on a bad frame.
        """
        if not self.is_established and not self._finish_connecting():
            return []
        self._write(_SECONDS_PER_POLL)
        if not self.decoder.is_parsing:
            self._read()
        frames = []
        while len(frames) < _FRAMES_PER_POLL and (frame := self.decoder.next(slice_)) is not None:
            frames.append(frame)
        if len(frames) == _FRAMES_PER_POLL or self.decoder.is_parsing:
            self._has_unread = True
        return frames

    def flush(self) -> None:
        """Sends the bytes that the kernel accepts at once. The next poll reports a broken connection."""
        if self.is_established and self._queue:
            with contextlib.suppress(OSError):
                self._write(_SECONDS_PER_POLL)

    def has_news(self) -> bool:
        """Returns whether a poll has anything to do. Much cheaper than a poll."""
        if self._has_unread or self._queue or not self.is_established:
            return True
        try:
            return bool(select.select([self._socket], [], [], 0)[0])
        except (OSError, ValueError):  # closed, or a number that select can't handle: the poll finds out
            return True

    def close(self) -> None:
        """Sends the bytes that the kernel accepts at once, then closes."""
        try:
            if self.is_established:
                self._write()
        except OSError:
            pass  # it is closed anyway
        self._socket.close()

    def end_sending(self) -> None:
        """Sends the bytes that the kernel accepts at once, and tells the daemon that no more follow."""
        try:
            self._write()
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it is closed anyway

    def has_ended(self) -> bool:
        """Discards what arrived after `end_sending`; returns whether the daemon has closed its side as well.

        Closing a socket with unread bytes resets the connection, and the daemon would lose the last messages.
        """
        try:
            for _ in range(_BYTES_PER_POLL // _CHUNK):
                if not self._socket.recv(_CHUNK):
                    return True
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return False

    def _finish_connecting(self) -> bool:
        _, writable, broken = select.select([], [self._socket], [self._socket], 0)
        if not writable and not broken:
            return False
        result = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if result:
            raise ConnectionError(f"connecting failed: {errno.errorcode.get(result, result)}")
        self.is_established = True
        return True

    def _write(self, seconds: float = float("inf")) -> None:
        budget, slice_ = _BYTES_PER_POLL, Slice(seconds)
        while self._queue and budget > 0:
            try:
                sent = self._socket.send(self._queue[0][:_CHUNK])
            except (BlockingIOError, InterruptedError):
                return
            budget = 0 if slice_.is_over else budget - sent
            self.queued_bytes -= sent
            if sent == len(self._queue[0]):
                self._queue.popleft()
            else:
                self._queue[0] = self._queue[0][sent:]

    def _read(self) -> None:
        budget, slice_ = _BYTES_PER_POLL, Slice(_SECONDS_PER_POLL)
        self._has_unread = False
        while budget > 0:
            try:
                data = self._socket.recv(_CHUNK)
            except (BlockingIOError, InterruptedError):
                return
            if not data:
                raise ConnectionError("the daemon closed the connection")
            budget = 0 if slice_.is_over else budget - len(data)
            self._has_unread = budget <= 0
            self.decoder.feed(data)
