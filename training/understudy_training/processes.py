"""Several processes that train one adapter together, one a GPU: what each knows of the others."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .rendezvous import RENDEZVOUS


@dataclass(frozen=True)
class Processes:
    """This process among those of one training; `rank` 0 alone writes files."""

    rank: int
    local_rank: int
    count: int

    @property
    def writes(self) -> bool:
        return self.rank == 0

    def join(self, torch: Any) -> None:
        """Makes the group that accelerate then finds: over launch.py's file, for which no port must be free, or where
        accelerate's or PyTorch's own launcher has put MASTER_ADDR and MASTER_PORT.
        """
        if self.count == 1:
            return
        place = f"file://{Path(os.environ[RENDEZVOUS]).resolve()}" if RENDEZVOUS in os.environ else "env://"
        cuda = torch.cuda.is_available()
        if cuda:
            torch.cuda.set_device(self.local_rank)
        torch.distributed.init_process_group(
            "nccl" if cuda else "gloo", init_method=place, rank=self.rank, world_size=self.count
        )

    def wait(self, torch: Any) -> None:
        """Returns once every process has come here."""
        if self.count > 1:
            torch.distributed.barrier()

    def any(self, flag: bool, device: Any, torch: Any) -> bool:
        """Whether `flag` is true in any of them; all must ask."""
        if self.count == 1:
            return flag
        told = torch.tensor(int(flag), device=device)
        torch.distributed.all_reduce(told, op=torch.distributed.ReduceOp.MAX)
        return bool(told.item())

    def leave(self, torch: Any) -> None:
        if self.count > 1:
            torch.distributed.destroy_process_group()


def this_process() -> Processes:
    """This process as launch.py, or accelerate's or PyTorch's launcher, has described it in the environment."""
    rank, local_rank = (int(os.environ.get(name, "0")) for name in ("RANK", "LOCAL_RANK"))
    return Processes(rank, local_rank, int(os.environ.get("WORLD_SIZE", "1")))
