"""Starts the process that owns the device, and the line between it and this one."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

Address = str | tuple[str, int]


def start(environment: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], Connection[Any, Any]]:
    """The process and our end of the line; OSError where the system has no room for another process.

    The line is closed from the other side when the process ends, also before it could say anything.
    """
    key = secrets.token_bytes(32)
    with ExitStack() as until_connected:
        listener = _listener(key, until_connected)
        address: Address = listener.address
        command = [sys.executable, "-m", "xai_core.worker", json.dumps(address)]
        paths = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), environment.get("PYTHONPATH"))))
        # in a session of its own: Ctrl+C in the terminal is for us, who then tell it to stop what it is doing
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, env={**environment, "PYTHONPATH": paths}, start_new_session=True
        )
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as hand_over:  # if it is dead already, `accept` tells
            hand_over.write(key)
        threading.Thread(target=_knock_when_dead, args=(process, address, key), daemon=True).start()
        return process, listener.accept()


def connect() -> Connection[Any, Any]:
    """The process's own end: the address is on its command line, the key on its standard input."""
    address = json.loads(sys.argv[1])
    return Client(tuple(address) if isinstance(address, list) else address, authkey=sys.stdin.buffer.read())


def _listener(key: bytes, until_connected: ExitStack) -> Listener:
    """Somewhere that only who holds the key can connect to."""
    if sys.platform == "win32":
        pipe = rf"\\.\pipe\second-look-{secrets.token_hex(8)}"
        return until_connected.enter_context(Listener(pipe, "AF_PIPE", authkey=key))
    try:
        # readable by this user alone
        folder = until_connected.enter_context(tempfile.TemporaryDirectory(prefix="second-look-"))
        return until_connected.enter_context(Listener(str(Path(folder, "worker")), "AF_UNIX", authkey=key))
    except OSError:  # the folder for temporary files is full or closed, or its path longer than a socket's may be
        return until_connected.enter_context(Listener(("127.0.0.1", 0), "AF_INET", authkey=key))


def _knock_when_dead(process: subprocess.Popen[bytes], address: Address, key: bytes) -> None:
    """A process that dies before it connects would leave `accept` waiting for ever."""
    process.wait()
    with contextlib.suppress(OSError, EOFError):  # nobody listens any more: it had connected
        Client(address, authkey=key).close()
