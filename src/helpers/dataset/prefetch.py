"""Read ahead in a thread, so that reading and what is done with it use a core each."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

AHEAD = 4

Item = TypeVar("Item")


@contextmanager
def prefetched(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """Hand out `items`, at most `AHEAD` of them made ahead; an error comes where it would have come.

    Leaving the context stops the making, whether all items were taken or not.
    """
    ready: queue.Queue[Item | BaseException | None] = queue.Queue(AHEAD)
    stopped = threading.Event()

    def hand_over(item: Item | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def make() -> None:
        try:
            for item in items:
                hand_over(item)
                if stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by the reader below
            hand_over(error)
        else:
            hand_over(None)

    def taken() -> Iterator[Item]:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    thread = threading.Thread(target=make, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stopped.set()
        thread.join()
