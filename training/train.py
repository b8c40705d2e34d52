"""Fine-tunes an adapter: python train.py --config config.json

Writes to the configuration's outputDir: progress.json (a heartbeat), metrics.jsonl (a row a step), adapter/, and
result.json last; prints a line a step. Started again after a crash it goes on from the last complete checkpoint.
SIGTERM saves and stops. With several GPUs one process a GPU shares the rows of each step; --processes says how many
instead. `torchrun` may start it as well, and `accelerate launch`, which on GPUs uses it.
Exit codes: 0 trained or stopped (result.json says which), 2 the input is wrong (every problem on stderr), 1 a failure.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from understudy_training.batches import share_of_step
from understudy_training.config import TrainingConfig, read_config
from understudy_training.launch import Launch, is_launched, visible_gpus
from understudy_training.lines import print_row
from understudy_training.problems import BadInput

QUIET_AND_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--processes", type=int, help="default: one for each GPU that is visible, at least one")
    options = parser.parse_args()
    if options.processes is not None and options.processes < 1:
        parser.error(f"--processes: found {options.processes}, expected a whole number from 1")
    try:
        config = read_config(options.config)
        prepare_environment(config)
        if is_launched():
            report(train_here(config))
            return 0
        count = processes_for(config, options.processes)
        if count > 1:
            return Launch(train_command(options.config), count).run()
        report(train_here(config))
    except BadInput as error:
        # All processes find the same.
        if os.environ.get("RANK", "0") == "0":
            print("\n".join(error.problems), file=sys.stderr)
        return 2
    return 0


def prepare_environment(config: TrainingConfig) -> None:
    """Sets what PyTorch and its neighbours read when they are imported."""
    os.environ.update(QUIET_AND_OFFLINE)
    # Turns a thread spins before it sleeps. Asleep at once, three threads take 1.9 s for a step of SmolLM2, at 3,000
    # turns 1.3 s. The default of 300,000 is faster still, but three times slower than sleep where others use the cores.
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
    if config.threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(config.threads)


def processes_for(config: TrainingConfig, wanted: int | None) -> int:
    """One for each GPU, or as many as are wanted. Raises BadInput where they can't share a step's rows."""
    count = wanted or max(1, visible_gpus())
    share_of_step(config, count)
    return count


def train_command(config: Path) -> list[str]:
    """What starts one of several processes."""
    return [sys.executable, str(Path(__file__).resolve()), "--config", str(config)]


def train_here(config: TrainingConfig) -> dict[str, Any]:
    """Trains in this process; returns the result. Raises BadInput."""
    from understudy_training.fine_tune import fine_tune

    return fine_tune(config, on_row=print_row)


def report(result: dict[str, Any]) -> None:
    if os.environ.get("RANK", "0") == "0":
        print(f"{result['status']} after {result['steps']} steps, loss {result['trainLoss']}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
