"""Prints by how much, in log-probability a pair, the chosen answers lead: after the supervised part, and at the end.

Loads the adapters as a server would, with PEFT alone, and adds up the tokens' log-probabilities in single precision.
"""

import contextlib
import json
import sys
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from understudy_training.config import read_config
from understudy_training.conversations import read_preferences
from understudy_training.progress import supervised_folder
from understudy_training.tokens import tokenise_pairs


def weight(model, prompt, answer):
    ids = torch.tensor([prompt + answer])
    with torch.no_grad():
        logits = model(input_ids=ids).logits.float().log_softmax(-1)
    return sum(logits[0, at - 1, ids[0, at]].item() for at in range(len(prompt), ids.shape[1]))


torch.set_num_threads(1)
with contextlib.redirect_stdout(sys.stderr):
    config = read_config(Path(sys.argv[1]))
    tokenizer = AutoTokenizer.from_pretrained(config.base)
    pairs = tokenise_pairs(read_preferences(config.preferences.file, "pairs"), tokenizer, config.max_length, "pairs")
    leads = []
    for adapter in (supervised_folder(config), config.output_dir / "adapter"):
        base = AutoModelForCausalLM.from_pretrained(config.base, dtype=torch.float32)
        model = PeftModel.from_pretrained(base, adapter).eval()
        chosen, rejected = (
            sum(weight(model, row["prompt_ids"], row[name]) for row in pairs.rows)
            for name in ("chosen_ids", "rejected_ids")
        )
        leads.append((chosen - rejected) / len(pairs.rows))
print(json.dumps({"supervised": leads[0], "preferences": leads[1]}))
