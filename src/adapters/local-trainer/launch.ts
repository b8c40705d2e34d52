import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { PortError } from '../../activities/ports.js';
import type { JobFolder } from './job-folder.js';
import { identifyProcess } from './process-identity.js';

/**
 * Waits for one line, then becomes the training process under the same number. When the launcher dies before it has
 * written the number down and said so, the line never comes and nothing is trained: no process goes unrecorded.
 */
const gate = 'read -r go && exec env HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1 "$@" </dev/null';

/** Starts the process of a claimed attempt, in a group of its own that outlives this worker. */
export async function launch({
  folder,
  number,
  command,
  environment,
  now,
}: {
  folder: JobFolder;
  number: number;
  command: readonly string[];
  /** The process's whole environment. */
  environment: Readonly<Record<string, string>>;
  now: () => Date;
}): Promise<void> {
  const log = await open(folder.log, 'a');
  try {
    const child = spawn('/bin/sh', ['-c', gate, 'understudy-training', ...command], {
      cwd: folder.path,
      detached: true,
      stdio: ['pipe', log.fd, log.fd],
      env: environment,
    });
    const spawned = once(child, 'spawn');
    child.once('exit', (code, signal) => {
      const path = folder.attemptPath({ number, part: 'exit' });
      // Losing this record is no harm: without it the attempt counts as vanished and is resumed.
      folder.writeOnce({ path, value: { code, signal, at: now().toISOString() } }).catch(() => undefined);
    });
    await spawned;
    const identity = await identifyProcess({ pid: child.pid! });
    if (!identity) throw new PortError('Unavailable', `training process ${child.pid} ended before it began`);
    await folder.writeOnce({ path: folder.attemptPath({ number, part: 'process' }), value: identity });
    child.stdin!.on('error', () => undefined);
    child.stdin!.end('go\n');
    await folder.writeOnce({ path: folder.attemptPath({ number, part: 'released' }), value: {} });
    child.unref();
  } finally {
    await log.close();
  }
}
