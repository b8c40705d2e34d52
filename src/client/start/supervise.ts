import { setTimeout as sleep } from 'node:timers/promises';
import { awaitReady } from './await-ready.js';
import { ComponentError, type Component } from './component.js';
import { startGuarded, type GuardedProcess } from './guarded-process.js';
import type { Ledger } from './ledger.js';
import { logTail } from './log-tail.js';

const firstPauseMilliseconds = 1000;
const longestPauseMilliseconds = 30_000;
const tailLines = 12;

export interface Supervised {
  /** Pid of the command that runs now; null while it is down. */
  readonly pid: number | null;
  /** Stops the component for good, in whatever state it is. */
  stop(): Promise<void>;
}

export interface SuperviseInput {
  component: Component;
  logFile: string;
  ledger: Ledger;
  /** A line for people. */
  say: (line: string) => void;
  /** Called after every restart, once it answers again. */
  onRestarted?: () => Promise<void>;
  signal: AbortSignal;
}

/**
 * Starts a component, waits until it answers, and from then on starts it again whenever it ends, with pauses of 1 s
 * doubling to 30 s.
 * @throws ComponentError when it does not come up the first time; what was started is stopped before.
 */
export async function supervise(input: SuperviseInput): Promise<Supervised> {
  const { component, logFile, ledger, say, onRestarted } = input;
  const stopping = new AbortController();
  const signal = AbortSignal.any([input.signal, stopping.signal]);
  let running: GuardedProcess | null = null;

  const refuse = async (why: string): Promise<ComponentError> =>
    new ComponentError({ component, why, logFile, tail: await logTail({ file: logFile, lines: tailLines }) });

  /** One life: rejects when it does not come up, else resolves with the process that answers. */
  const launch = async (): Promise<GuardedProcess> => {
    signal.throwIfAborted();
    const startedAt = new Date();
    const guarded = await startGuarded({ ...component, logFile }).catch(async (error: Error) => {
      throw await refuse(error.message);
    });
    running = guarded;
    await ledger.record({ name: component.name, pid: guarded.pid });
    const life = new AbortController();
    const ended = guarded.exited.then(({ code }) => {
      life.abort();
      return `it ended with code ${code}`;
    });
    const ready = awaitReady({ component, startedAt, signal: AbortSignal.any([signal, life.signal]) }).catch(() =>
      signal.aborted ? 'it was stopped' : ended,
    );
    const why = await Promise.race([ready, ended]);
    if (why === null) return guarded;
    const error = await refuse(why);
    await end(guarded);
    throw error;
  };

  const end = async (guarded: GuardedProcess): Promise<void> => {
    await guarded.stop();
    if (running === guarded) running = null;
    await ledger.forget(guarded.pid);
  };

  const keepAlive = async (first: GuardedProcess): Promise<void> => {
    let current: GuardedProcess | null = first;
    let pause = firstPauseMilliseconds;
    while (!signal.aborted) {
      if (current !== null) {
        const since = Date.now();
        const { code } = await current.exited;
        if (running === current) running = null;
        await ledger.forget(current.pid);
        if (signal.aborted) return;
        if (Date.now() - since > longestPauseMilliseconds) pause = firstPauseMilliseconds;
        say(`${component.name} ended by itself with code ${code}; starting it again in ${pause / 1000} s`);
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, longestPauseMilliseconds);
      current = await launch().catch((error: unknown) => {
        if (!signal.aborted) say(`${String(error)}\nTrying again in ${pause / 1000} s`);
        return null;
      });
      if (current === null) continue;
      say(`${component.name} answers again`);
      await onRestarted?.().catch((error: unknown) =>
        say(`${component.name}: what follows a restart failed: ${String(error)}`),
      );
    }
  };

  const first = await launch();
  const alive = keepAlive(first);
  return {
    get pid() {
      return running?.pid ?? null;
    },
    stop: async () => {
      stopping.abort(new Error(`${component.name} is being stopped`));
      if (running !== null) await end(running);
      await alive;
      // A restart may have been between two steps when the stop came.
      if (running !== null) await end(running);
    },
  };
}
