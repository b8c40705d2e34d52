"""One process of train.py for each GPU of a machine, as accelerate expects to find them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from .rendezvous import RENDEZVOUS

KEPT_LINES = 40
GRACE_SECONDS = 30
POLL_SECONDS = 0.1
# Of Linux, and of Linux within Windows.
DRIVERS = ("/proc/driver/nvidia/version", "/dev/dxg")


def visible_gpus() -> int:
    """How many NVIDIA GPUs PyTorch may use here. It is asked only where there is a driver: its import takes seconds."""
    if not any(Path(driver).exists() for driver in DRIVERS):
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def is_launched() -> bool:
    """Whether a launcher has started this process as one of several."""
    return "RANK" in os.environ


def _end_with_parent() -> None:
    """A launcher that is killed must leave nobody behind who goes on writing checkpoints: prctl's PR_SET_PDEATHSIG."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Launch:
    """Starts `count` processes of a command, passes SIGTERM and SIGINT on to them, and ends all when one has failed."""

    def __init__(self, command: list[str], count: int) -> None:
        self._command = command
        self._count = count
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._running: list[subprocess.Popen[str]] = []

    @property
    def last_lines(self) -> str:
        """The end of what the processes wrote on stderr."""
        return "".join(self._last_lines)

    def run(self) -> int:
        """Returns when all have ended: 0, or the exit code of the first that failed."""
        with tempfile.TemporaryDirectory(prefix="understudy-rendezvous-") as folder:
            before = {number: signal.signal(number, self._pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
            try:
                for rank in range(self._count):
                    self._running.append(self._start(rank, Path(folder) / "processes"))
                readers = [threading.Thread(target=self._read, args=(one,), daemon=True) for one in self._running]
                for reader in readers:
                    reader.start()
                code = self._wait()
                for reader in readers:
                    reader.join()
                return code
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    def _start(self, rank: int, rendezvous: Path) -> subprocess.Popen[str]:
        environment = os.environ | {
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": str(self._count),
            "LOCAL_WORLD_SIZE": str(self._count),
            RENDEZVOUS: str(rendezvous),
        }
        # Processes of one machine need no network, which a training job may not have.
        environment.setdefault("GLOO_SOCKET_IFNAME", "lo")
        return subprocess.Popen(
            self._command,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            preexec_fn=_end_with_parent,
        )

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._last_lines.append(line)
            print(line, end="", file=sys.stderr, flush=True)

    def _wait(self) -> int:
        failed = 0
        while any(one.poll() is None for one in self._running):
            failed = next((one.returncode for one in self._running if one.poll()), 0)
            if failed:
                self._end_all()
                break
            time.sleep(POLL_SECONDS)
        failed = failed or next((one.returncode for one in self._running if one.returncode), 0)
        # A process that a signal killed has the signal's number below 0.
        return failed if failed >= 0 else 1

    def _end_all(self) -> None:
        """The others wait for the one that failed: they are told to end, and made to."""
        for one in self._running:
            if one.poll() is None:
                one.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for one in self._running:
            try:
                one.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def _pass_on(self, number: int, _: Any) -> None:
        for one in self._running:
            if one.poll() is None:
                one.send_signal(number)
