"""Parses arguments as vLLM's server does, without starting one: a JSON list of lists in, one JSON object a line out."""

import json
import sys

from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser

told = ("nnodes", "node_rank", "pipeline_parallel_size", "tensor_parallel_size", "headless", "shutdown_timeout")
for arguments in json.loads(sys.argv[1]):
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(arguments)
    validate_parsed_serve_args(parsed)
    modules = [[one.name, one.path] for one in parsed.lora_modules or []]
    print(json.dumps({"loraModules": modules, **{name: getattr(parsed, name) for name in told}}))
