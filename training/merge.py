"""Adds an adapter's weights into its base: python merge.py --base DIR [--adapter DIR] --output DIR

For places that take whole models and no adapters, such as Bedrock's import. Without an adapter the base is written in the
same form. The folder appears complete or not at all; it holds what Transformers loads without anything of ours.
Exit codes: 0 merged, 2 the input is wrong (every problem on stderr), 1 a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from understudy_training.problems import BadInput

# Readers load and check files one by one.
LARGEST_FILE = "5GB"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--output", type=Path, required=True, help="folder to make; replaced when it exists")
    options = parser.parse_args()
    os.environ.update({"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"})
    try:
        require_folders(options.base, options.adapter)
        merge(options.base, options.adapter, options.output)
    except BadInput as error:
        print("\n".join(error.problems), file=sys.stderr)
        return 2
    return 0


def require_folders(base: Path, adapter: Path | None) -> None:
    wanted = [("base", base, "config.json")]
    if adapter is not None:
        wanted.append(("adapter", adapter, "adapter_config.json"))
    problems = [
        f"{name}: {folder} holds no {file}; name a folder that Transformers or PEFT has written"
        for name, folder, file in wanted
        if not (folder / file).is_file()
    ]
    if problems:
        raise BadInput(problems)


def merge(base: Path, adapter: Path | None, output: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(base, local_files_only=True, dtype="auto")
    if adapter is not None:
        model = with_adapter(model, adapter)
    partial = output.with_name(f"{output.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial, max_shard_size=LARGEST_FILE)
    # In a file of its own the template is not seen by readers such as Bedrock.
    AutoTokenizer.from_pretrained(base, local_files_only=True).save_pretrained(partial, save_jinja_files=False)
    name_precision_twice(partial / "config.json")
    shutil.rmtree(output, ignore_errors=True)
    partial.rename(output)


def with_adapter(model: Any, adapter: Path) -> Any:
    from peft import PeftModel

    try:
        # Refuses weights that are no numbers, rather than to serve them.
        return PeftModel.from_pretrained(model, adapter).merge_and_unload(safe_merge=True)
    except (RuntimeError, ValueError) as error:
        raise BadInput([f"adapter: {adapter} does not fit the base: {error}; name the base that it was trained on"]) from error


def name_precision_twice(path: Path) -> None:
    """Transformers before 4.56 know the precision of the weights as `torch_dtype`, later ones as `dtype`."""
    config = json.loads(path.read_text(encoding="utf-8"))
    precision = config.get("dtype", config.get("torch_dtype"))
    path.write_text(json.dumps({**config, "dtype": precision, "torch_dtype": precision}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
