"""The loss of the answers' tokens, at the speed a CPU can give it."""

from __future__ import annotations

from typing import Any

from .tokens import IGNORED

# Models whose logits are the head's projection and nothing more: others scale or cap them.
PLAIN_HEADS = frozenset({"llama", "mistral", "qwen2", "qwen3", "smollm3"})


def trainer_for(model: Any, torch: Any) -> type[Any]:
    """TRL's trainer; on a CPU, in one process, for a model with a plain head, with its loss computed in one piece.

    TRL works through the head in tiles, with the logits computed again on the way back, so that they never lie in a
    GPU's memory. Without its GPU kernel that is some twenty passes over every logit. A batch that a CPU can train on
    has room for its logits: a step of SmolLM2-135M then takes 0.94 s instead of 1.33 s on four cores.
    """
    from trl import SFTTrainer

    # Processes share their gradients in the model's own forward, which the way below goes around.
    several = torch.distributed.is_initialized()
    if torch.cuda.is_available() or several or model.config.model_type not in PLAIN_HEADS:
        return SFTTrainer

    class WholeLogitsTrainer(SFTTrainer):
        def compute_loss(
            self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            labels = inputs["labels"][:, 1:]
            answered = labels != IGNORED
            causal = self.accelerator.unwrap_model(model).get_base_model()
            with self.accelerator.autocast():
                hidden = causal.base_model(
                    input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
                ).last_hidden_state
                logits = causal.get_output_embeddings()(hidden[:, :-1][answered])
            targets = labels[answered]
            losses = torch.nn.functional.cross_entropy(logits.float(), targets, reduction="sum")
            loss = losses / (targets.numel() if num_items_in_batch is None else num_items_in_batch)
            correct = (logits.argmax(-1) == targets).float().mean().item()
            self._metrics["train" if self.model.training else "eval"]["mean_token_accuracy"].append(correct)
            return (loss, {"logits": logits}) if return_outputs else loss

    return WholeLogitsTrainer
