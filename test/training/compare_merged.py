"""Merges an adapter of random weights into a base and says how far its answers are from those of base and adapter.

python compare_merged.py BASE FOLDER
"""

import json
import sys
from pathlib import Path

import merge
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

base, folder = Path(sys.argv[1]), Path(sys.argv[2])
adapter, output = folder / "adapter", folder / "merged"
tokenizer = AutoTokenizer.from_pretrained(base)
question = tokenizer("Where is my parcel PX100000?", return_tensors="pt")


def load(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)


def answers(model):
    with torch.no_grad():
        return model(**question).logits


torch.manual_seed(7)
config = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
get_peft_model(load(base), config).save_pretrained(adapter)
merge.merge(base, adapter, output)
alone = answers(load(base))
together = answers(PeftModel.from_pretrained(load(base), adapter))
merged = answers(load(output))
print(
    json.dumps(
        {
            "fromBase": (merged - alone).norm().item(),
            "fromBoth": (merged - together).norm().item(),
            "prompt": AutoTokenizer.from_pretrained(output).apply_chat_template(
                [{"role": "user", "content": "Hi"}], tokenize=False
            ),
        }
    )
)
