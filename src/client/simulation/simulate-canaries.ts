import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { openThread } from '../../activities/open-thread.js';
import { canaryFigures, type CanaryFigures } from '../../domain/simulation/canary-figures.js';
import type { CanaryScenario } from '../../domain/simulation/canary-scenarios.js';
import type { CanaryOutcome } from '../../domain/simulation/run-canary.js';
import type { CanaryTask } from './canary-thread.js';

const entry = new URL('./canary-thread', import.meta.url);
/** Requests that one task simulates, some seconds' work at most, so that progress shows and all threads end together. */
const requestsATask = 4_000_000;

function tasksOf({
  scenarios,
  runs,
  alpha,
  seed,
}: {
  scenarios: readonly CanaryScenario[];
  runs: number;
  alpha: number;
  seed: number;
}): CanaryTask[] {
  return scenarios.flatMap((scenario) => {
    const size = Math.max(1, Math.floor(requestsATask / scenario.world.requests));
    return Array.from({ length: Math.ceil(runs / size) }, (_, index) => ({
      ...{ scenario, alpha, seed, from: index * size },
      to: Math.min(runs, (index + 1) * size),
    }));
  });
}

/** A thread that answers one task after the other. */
function startThread(): { ask: (task: CanaryTask) => Promise<CanaryOutcome[]>; stop: () => Promise<unknown> } {
  const worker: Worker = openThread({ entry, options: {} });
  let settle: (outcomes: CanaryOutcome[]) => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  worker.on('message', (outcomes: CanaryOutcome[]) => settle(outcomes));
  worker.on('error', (error: Error) => refuse(error));
  worker.on('exit', (code) => refuse(new Error(`a thread that simulates ended with ${code}`)));
  return {
    ask: (task) =>
      new Promise((resolve, reject) => {
        [settle, refuse] = [resolve, reject];
        worker.postMessage(task);
      }),
    stop: () => worker.terminate(),
  };
}

/**
 * Simulates canaries in threads; the figures are the same however many there are.
 * @param runs canaries a scenario.
 * @param onRuns told after every task how many canaries it ran.
 */
export async function simulateCanaries({
  scenarios,
  runs,
  alpha = 0.01,
  seed = 1,
  threads = availableParallelism(),
  onRuns = () => undefined,
}: {
  scenarios: readonly CanaryScenario[];
  runs: number;
  alpha?: number;
  seed?: number;
  threads?: number;
  onRuns?: (input: { scenario: string; runs: number }) => void;
}): Promise<CanaryFigures[]> {
  const tasks = tasksOf({ scenarios, runs, alpha, seed });
  const results = new Map<CanaryTask, CanaryOutcome[]>();
  const waiting = [...tasks];
  const pool = Array.from({ length: Math.min(threads, tasks.length) }, startThread);
  try {
    await Promise.all(
      pool.map(async ({ ask }) => {
        for (let task = waiting.shift(); task; task = waiting.shift()) {
          results.set(task, await ask(task));
          onRuns({ scenario: task.scenario.name, runs: task.to - task.from });
        }
      }),
    );
  } finally {
    await Promise.all(pool.map(({ stop }) => stop()));
  }
  return scenarios.map((scenario) => {
    const outcomes = tasks.filter((task) => task.scenario === scenario).flatMap((task) => results.get(task)!);
    return canaryFigures({ scenario, alpha, outcomes });
  });
}
