"""The web part: gunicorn with threads, started from our settings and without its banner (e25)."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.http import wsgi

from app.factory import Settings, create_app


class PortTaken(Exception):
    """Somebody else listens there already, or the address is not ours."""


def hide_banner() -> None:
    """Let no answer say which server gives it (T23); gunicorn has no setting for that."""
    headers_with_banner = wsgi.Response.default_headers

    def default_headers(self: wsgi.Response) -> list[str]:
        lines: list[str] = headers_with_banner(self)
        return [line for line in lines if not line.startswith("Server:")]

    wsgi.Response.default_headers = default_headers  # type: ignore[method-assign]


class Server(BaseApplication):
    """Gunicorn as we run it; every worker builds its own application after the fork."""

    def __init__(self, settings: Settings, listener: socket.socket, *, grace: int) -> None:
        self.settings = settings
        self.options: dict[str, Any] = {
            "bind": [f"fd://{listener.fileno()}"],
            "worker_class": "gthread",
            "workers": settings.workers,
            "threads": settings.threads,
            "timeout": 60,
            "graceful_timeout": grace,
            "keepalive": 5,
            "max_requests": 5000,
            "max_requests_jitter": 500,
            "loglevel": "warning",
            "accesslog": None,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",
            "proc_name": "nenep-web",
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over; nothing is read from files, arguments or GUNICORN_CMD_ARGS."""
        config: Any = self.cfg
        for name, value in self.options.items():
            config.set(name, value)

    def load(self) -> Flask:
        """Build the application of one worker."""
        return create_app(self.settings)


def listen(host: str, port: int) -> socket.socket:
    """Open the port before anything else starts, so that a taken one is said clearly."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as problem:
        raise PortTaken(f"HOST {host!r} is no address of this machine.") from problem
    family, kind, protocol, _name, address = found[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(512)
    except OSError as problem:
        listener.close()
        raise PortTaken(
            f"Port {port} on {host} cannot be used: {problem.strerror}. "
            f"End what listens there, or choose another with PORT={port + 1}."
        ) from problem
    return listener


def end_with_parent() -> None:
    """End this process when the one that started it is gone, however it went."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


_ARENA_MAX = -8  # of mallopt(3)


def save_memory() -> None:
    """Let workers share what was loaded before they part, and threads their heap (L11)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
    gc.collect()
    gc.freeze()


def serve(settings: Settings, *, grace: int = 30) -> None:
    """Serve until told to stop; requests under way get `grace` seconds to end."""
    save_memory()
    listener = listen(settings.host, settings.port)
    listener.set_inheritable(True)
    hide_banner()
    Server(settings, listener, grace=grace).run()
