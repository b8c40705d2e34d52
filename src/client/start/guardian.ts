import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import type { GuardianMessage, GuardianOrder } from './guardian-order.js';
import { endGroup } from './process-table.js';

/**
 * Runs one command in a process group of its own and ends the whole group when its own standard input closes. The
 * kernel closes that when the supervisor ends in whatever way, SIGKILL included, so nothing is left behind.
 */
const order = JSON.parse(process.argv[2]!) as GuardianOrder;
const [command, ...rest] = order.command;
const child = spawn(command!, rest, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });

const tellParent = (message: GuardianMessage, then: () => void = () => undefined): void => {
  if (process.send && process.connected) process.send(message, then);
  else then();
};

let asked = false;
let ending: Promise<void> | null = null;
const end = (): Promise<void> => {
  ending ??=
    child.pid === undefined
      ? Promise.resolve()
      : endGroup({ group: child.pid, graceMilliseconds: order.graceMilliseconds });
  return ending;
};
const stop = (): void => {
  asked = true;
  void end();
};

child.once('spawn', () => tellParent({ pid: child.pid! }));
child.once('error', (error) => {
  tellParent({ failed: error.message }, () => process.exit(127));
});
child.once('exit', (code, signal) => {
  // A leader that ends leaves its group behind: engine and server processes of vLLM and MLflow outlive their parent.
  void end().then(() => {
    const [afterwards, ...its] = order.afterwards ?? [];
    if (asked && afterwards !== undefined) spawnSync(afterwards, its, { stdio: ['ignore', 'inherit', 'inherit'] });
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
});

process.stdin.resume();
process.stdin.once('close', stop);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
