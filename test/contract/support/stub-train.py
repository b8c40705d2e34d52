"""Ends in every way a training process can end; the way is the name of the folder that the configuration calls base."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

config = json.loads(Path(sys.argv[sys.argv.index("--config") + 1]).read_text())
output = Path(config["outputDir"])
way = Path(config["base"]).name
runs = output / "runs"
with runs.open("a") as stream:
    stream.write(f"{os.getpid()}\n")


def write(path: Path, value: object) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value))
    partial.replace(path)


def result(status: str, digest: str | None = None) -> None:
    files = []
    for name in ("adapter_config.json", "adapter_model.safetensors") if status == "completed" else ():
        file = output / "adapter" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{name} of seed {config['seed']}")
        content = file.read_bytes()
        found = digest or hashlib.sha256(content).hexdigest()
        files.append({"path": f"adapter/{name}", "sha256": found, "bytes": len(content)})
    record = {"status": status, "steps": 4, "trainLoss": 0.5, "validationLoss": None, "seconds": 2.5, "rows": 3}
    write(output / "result.json", {**record, "truncated": 1, "files": files, "adapter": None})


def stop_in_order(*_: object) -> None:
    result("stopped")
    sys.exit(0)


if way == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if way == "orderly":
    signal.signal(signal.SIGTERM, stop_in_order)
if way == "parent":
    command = "trap '' TERM; while :; do sleep 1; done"
    child = subprocess.Popen(["/bin/sh", "-c", command])
    (output / "child").write_text(str(child.pid))
write(output / "progress.json", {"phase": "training", "step": 2, "totalSteps": 4, "loss": 1.25, "at": "now"})
if way == "fail":
    print("\n".join(f"line {number}" for number in range(100)))
    sys.exit("ValueError: no loss")
if way == "silent":
    sys.exit(0)
if way == "die":
    os.kill(os.getpid(), signal.SIGKILL)
if way in ("complete", "corrupt"):
    result("completed", "0" * 64 if way == "corrupt" else None)
    sys.exit(0)
while True:
    time.sleep(0.05)
