import { parentPort } from 'node:worker_threads';
import type { CanaryScenario } from '../../domain/simulation/canary-scenarios.js';
import { canarySeed } from '../../domain/simulation/canary-seed.js';
import { draws } from '../../domain/simulation/draws.js';
import { runCanary, type CanaryOutcome } from '../../domain/simulation/run-canary.js';

/** Canaries `from` up to, not including, `to` of one scenario. */
export interface CanaryTask {
  scenario: CanaryScenario;
  alpha: number;
  seed: number;
  from: number;
  to: number;
}

export function runTask({ scenario, alpha, seed, from, to }: CanaryTask): CanaryOutcome[] {
  const { name, world } = scenario;
  const rules = { ...scenario, alpha };
  return Array.from({ length: to - from }, (_, index) =>
    runCanary({ world, rules, draw: draws(canarySeed({ seed, scenario: name, run: from + index })) }),
  );
}

// In a thread it answers each task; imported, it only lends the function above.
parentPort?.on('message', (task: CanaryTask) => parentPort!.postMessage(runTask(task)));
