"""Ports on this machine's loopback interface, the only one that the lab listens on."""

from __future__ import annotations

import os
import socket

from helpers.errors import LabError

HOST = "127.0.0.1"


class PortTakenError(LabError):
    """Another program listens on the port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} on {HOST} is taken by another program: end that one, or choose another port.")


class InvalidPortError(LabError):
    """The number is no port that an ordinary user may listen on."""

    def __init__(self, port: int) -> None:
        super().__init__(f"{port} is not a port the lab can listen on: choose one from 1024 to 65535.")


def check_port(port: int) -> None:
    """Raise `InvalidPortError` unless an ordinary user may listen on `port`."""
    if not 1024 <= port <= 65535:
        raise InvalidPortError(port)


def answers(port: int) -> bool:
    """Return whether anything accepts connections on `port`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def listen(port: int) -> socket.socket:
    """Return a socket that listens on `port`, 0 for any free one.

    A program that listens on every interface counts as well: macOS would let a listener on the
    loopback address alone take its callers away.

    Raises
    ------
    PortTakenError
        If another program has the port.
    """
    if port and answers(port):
        raise PortTakenError(port)
    listener = socket.socket()
    if os.name == "posix":
        # Else a port stays unusable for a minute after its last user has gone. On Windows the same
        # option would share the port with another listener.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTakenError(port) from error
    return listener
