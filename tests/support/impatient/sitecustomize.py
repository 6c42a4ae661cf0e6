"""Found by every Python that starts with this folder on its path: it waits half a second at the most.

The AWS CLI looks at a stack every 30 seconds, and has no option for it; the local AWS makes one in two.
"""

import time

_LONGEST_SECONDS = 0.5
_sleep = time.sleep


def _nap(seconds: float) -> None:
    _sleep(min(seconds, _LONGEST_SECONDS))


time.sleep = _nap
