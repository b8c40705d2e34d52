import { setTimeout as pause } from 'node:timers/promises';
import type { Attempt, JobFolder } from './job-folder.js';
import { isAlive } from './process-identity.js';

/** Where a job's newest attempt stands. */
export type AttemptState =
  | { kind: 'none' }
  /** Claimed by a worker that lives and has not said "go" yet. */
  | { kind: 'launching'; attempt: Attempt }
  | { kind: 'running'; attempt: Attempt; process: NonNullable<Attempt['process']> }
  /** Ended by itself, as its launcher saw; `code` 0 says nothing about a result. */
  | { kind: 'ended'; attempt: Attempt; code: number }
  | { kind: 'stopped'; attempt: Attempt }
  /** Killed, lost with the machine, or ended while no launcher lived; `times` counts every such attempt. */
  | { kind: 'vanished'; attempt: Attempt; times: number };

/** How long a launcher may take to record an end, and a process to end that was never let go. */
const settleMilliseconds = 500;

/** Looks at the newest attempt and at the processes it names. */
export async function attemptState({ folder }: { folder: JobFolder }): Promise<AttemptState> {
  const newest = await folder.newest();
  if (!newest) return { kind: 'none' };
  const { number } = newest;
  const deadline = Date.now() + settleMilliseconds;
  for (;;) {
    // Both are looked at before the records: what a process wrote before it ended is then there to be read.
    const launcherLives = await isAlive(newest.claim.launcher);
    const seen = await folder.attempt(number);
    const processLives = seen.process !== null && (await isAlive(seen.process));
    const late = Date.now() >= deadline;
    if (seen.process && processLives) {
      if (seen.released) return { kind: 'running', attempt: seen, process: seen.process };
      if (launcherLives) return { kind: 'launching', attempt: seen };
      // Its launcher is dead: either it was let go, or it reads the end of its input and ends within moments.
      if (late) return { kind: 'running', attempt: seen, process: seen.process };
    } else {
      const mayBeRecorded = launcherLives && !seen.exit;
      if (mayBeRecorded && !seen.process) return { kind: 'launching', attempt: seen };
      if (!mayBeRecorded || late) return await ended({ folder, attempt: await folder.attempt(number) });
    }
    await pause(25);
  }
}

async function ended({ folder, attempt }: { folder: JobFolder; attempt: Attempt }): Promise<AttemptState> {
  if (attempt.stopped) return { kind: 'stopped', attempt };
  const code = attempt.exit?.code ?? null;
  if (code !== null) return { kind: 'ended', attempt, code };
  return { kind: 'vanished', attempt, times: await timesVanished({ folder, upTo: attempt.number }) };
}

async function timesVanished({ folder, upTo }: { folder: JobFolder; upTo: number }): Promise<number> {
  let times = 0;
  for (let number = 1; number <= upTo; number += 1) if (!(await folder.attempt(number)).stopped) times += 1;
  return times;
}
