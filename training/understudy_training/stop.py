"""Ending a training in order."""

from __future__ import annotations

import signal
from typing import Any


class StopRequest:
    """Remembers that SIGTERM or SIGINT came; the training stops after the step in progress."""

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._remember)

    def _remember(self, *_: Any) -> None:
        self.requested = True
