"""A vLLM plugin: adapters on the CPU cost a fraction of what vLLM's own implementation takes."""


def register() -> None:
    """Makes vLLM use our adapter arithmetic where it runs on the CPU; elsewhere nothing changes.

    vLLM calls it in each of its processes, before a model is loaded (entry point `vllm.general_plugins`).
    """
    from vllm.platforms import current_platform

    if not current_platform.is_cpu():
        return
    type(current_platform).get_punica_wrapper = classmethod(  # type: ignore[method-assign]
        lambda _: "understudy_vllm.adapters_on_cpu.GroupedAdapters"
    )
