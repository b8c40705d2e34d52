"""The base model in memory, as this machine's processors multiply best."""

from __future__ import annotations

import importlib.util
import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .config import TrainingConfig
from .problems import BadInput
from .processes import Processes


def require_cuda_for_qlora(config: TrainingConfig, torch: Any) -> None:
    """Raises BadInput with all that 4-bit weights need and that is not here."""
    if config.method != "qlora":
        return
    missing = [] if torch.cuda.is_available() else ["no CUDA device is visible to PyTorch"]
    if importlib.util.find_spec("bitsandbytes") is None:
        missing.append("the package bitsandbytes is not installed")
    if missing:
        raise BadInput([f'config.method: qlora needs a GPU and bitsandbytes, but {" and ".join(missing)}; use "lora"'])


def load_base(config: TrainingConfig, processes: Processes, torch: Any) -> Any:
    """The base model on this process's device; with method qlora in 4 bit (NF4, Dettmers et al. 2023, section 3)."""
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    options: dict[str, Any] = {"dtype": dtype_of(torch), "attn_implementation": attention_of(torch)}
    if config.method == "qlora":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
        # Quantised weights can't be moved afterwards.
        options["device_map"] = {"": processes.local_rank}
    model = AutoModelForCausalLM.from_pretrained(config.base, local_files_only=True, **options)
    model.config.use_cache = False
    return model


def dtype_of(torch: Any) -> Any:
    """bfloat16 where there are instructions for it: without them it is slower than single precision."""
    able = (
        torch.cuda.is_bf16_supported(including_emulation=False)
        if torch.cuda.is_available()
        else _multiplies_bfloat16(torch)
    )
    return torch.bfloat16 if able else torch.float32


def attention_of(torch: Any) -> str:
    """Flash attention (Dao 2023) where its package and a GPU for it are; else PyTorch's own, which picks a kernel."""
    from transformers.utils import is_flash_attn_2_available

    recent = torch.cuda.is_available() and torch.cuda.get_device_capability()[0] >= 8
    return "flash_attention_2" if recent and is_flash_attn_2_available() else "sdpa"


def use_threads(config: TrainingConfig, processes: Processes, torch: Any) -> None:
    """Shares this machine's processors between the processes."""
    torch.set_num_threads(max(1, (config.threads or os.cpu_count() or 1) // processes.count))


def without_casts(model: Any, torch: Any) -> AbstractContextManager[None]:
    """On a CPU, spares PEFT's copies of every input in single precision: autocast turns them back at once."""
    from peft.helpers import disable_input_dtype_casting

    return nullcontext() if torch.cuda.is_available() else disable_input_dtype_casting(model)


def _multiplies_bfloat16(torch: Any) -> bool:
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
