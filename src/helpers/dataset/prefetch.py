"""Read ahead in a thread, so that unpacking or the disk and the checking use a core each."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CHUNKS_AHEAD = 8


@contextmanager
def prefetched(chunks: Iterator[bytes]) -> Iterator[Iterator[bytes]]:
    """Hand out `chunks`, read at most `CHUNKS_AHEAD` ahead; an error comes where it would have come.

    Leaving the context stops the reading, whether all chunks were taken or not.
    """
    ready: queue.Queue[bytes | Exception | None] = queue.Queue(CHUNKS_AHEAD)
    stopped = threading.Event()

    def hand_over(item: bytes | Exception | None) -> None:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for chunk in chunks:
                hand_over(chunk)
                if stopped.is_set():
                    return
        except Exception as error:  # noqa: BLE001 - raised again by the reader below
            hand_over(error)
        else:
            hand_over(None)

    def taken() -> Iterator[bytes]:
        while (item := ready.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item

    thread = threading.Thread(target=read, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stopped.set()
        thread.join()
