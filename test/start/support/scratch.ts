import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test; `remove` takes it away again. */
export async function makeScratch(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-start-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Asks until `true`; fails with `what` after `milliseconds`. */
export async function until({
  what,
  check,
  milliseconds = 10_000,
}: {
  what: string;
  check: () => Promise<boolean> | boolean;
  milliseconds?: number;
}): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
