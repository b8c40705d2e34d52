import { join } from 'node:path';
import type { Component } from './component.js';
import { gatewayComponent, mlflowComponent, temporalComponent, vllmComponent, workerComponent } from './components.js';
import type { Ledger } from './ledger.js';
import { supervise, type Supervised } from './supervise.js';
import type { Wiring } from './wiring.js';

/** Everything that runs, in the order in which it stops. */
const stopOrder = ['gateway', 'worker', 'vllm', 'mlflow', 'temporal'] as const;

export interface Stack {
  /** Addresses for people. */
  urls: Record<string, string>;
  /** Pid of each component that is ours, by name. */
  pids(): Record<string, number | null>;
  /** Stops everything, in order; safe to call again. */
  stop(): Promise<void>;
}

/**
 * Starts what is not configured and keeps it alive. All come up side by side; only the worker waits, for Temporal.
 * @throws ComponentError of the first that does not come up; everything else is stopped before.
 */
export async function startStack({
  wiring,
  ledger,
  say,
  signal,
  onEndpointUp = () => Promise.resolve(),
}: {
  wiring: Wiring;
  ledger: Ledger;
  say: (line: string) => void;
  signal: AbortSignal;
  /** Called whenever our vLLM has come up, with nothing loaded but its base model. */
  onEndpointUp?: () => Promise<void>;
}): Promise<Stack> {
  const running = new Map<string, Supervised>();
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const up = async (component: Component, onRestarted?: () => Promise<void>): Promise<void> => {
    const since = Date.now();
    say(`starting ${component.name}`);
    const logFile = join(wiring.home, 'logs', `${component.name}.log`);
    const input = { component, logFile, ledger, say, signal: either };
    running.set(component.name, await supervise(onRestarted ? { ...input, onRestarted } : input));
    say(`${component.name} is up after ${((Date.now() - since) / 1000).toFixed(1)} s`);
  };
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const name of stopOrder) await running.get(name)?.stop();
    })();
    return stopping;
  };

  const temporal = wiring.temporal.own ? up(temporalComponent(wiring)) : Promise.resolve();
  const mlflow = wiring.mlflow.own ? up(mlflowComponent(wiring)) : Promise.resolve();
  const endpoint = wiring.endpoint.own ? up(vllmComponent(wiring), onEndpointUp) : Promise.resolve();
  const worker = temporal.then(() => up(workerComponent(wiring)));
  const all = [temporal, mlflow, endpoint, worker, up(gatewayComponent(wiring))];
  try {
    await Promise.all(all);
    signal.throwIfAborted();
    await onEndpointUp();
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(all);
    await stop();
    throw error;
  }
  return { urls: urlsOf(wiring), pids: () => pidsOf(running), stop };
}

const pidsOf = (running: ReadonlyMap<string, Supervised>): Record<string, number | null> =>
  Object.fromEntries([...running].map(([name, one]) => [name, one.pid]));

const urlsOf = (wiring: Wiring): Record<string, string> => ({
  ...(wiring.temporal.ui === null ? { temporal: wiring.temporal.address } : { temporal: wiring.temporal.ui }),
  mlflow: wiring.mlflow.uri,
  gateway: wiring.gateway.url,
  endpoint: wiring.endpoint.url,
});
