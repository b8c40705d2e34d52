import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { PortError } from '../../activities/ports.js';
import { codeOf } from '../directory-store/atomic-files.js';
import { JobFolder, trainingFolder } from './job-folder.js';
import { attemptState } from './job-state.js';
import { readResult } from './outputs.js';
import { type ProcessIdentity, isAlive, signalGroup } from './process-identity.js';

const pollMilliseconds = 50;
const launchMilliseconds = 30_000;
/** How long a killed group may take to go. Where nobody reaps orphans it never goes, though nothing runs in it. */
const killMilliseconds = 2000;

/** How long a job may take to end after SIGTERM before it is killed. */
export const defaultGraceMilliseconds = 10_000;

/**
 * Ends a job's process: SIGTERM to its group, SIGKILL after the grace; only where the process is verifiably the one
 * that was launched. True when that ended it before its result. The job can be started again and goes on from its last
 * checkpoint.
 */
export async function stopJob({
  folder,
  graceMilliseconds,
}: {
  folder: JobFolder;
  graceMilliseconds: number;
}): Promise<boolean> {
  const deadline = Date.now() + launchMilliseconds;
  for (;;) {
    const state = await attemptState({ folder });
    if (state.kind === 'running') {
      await folder.writeOnce({
        path: folder.attemptPath({ number: state.attempt.number, part: 'stopped' }),
        value: {},
      });
      await endProcess({ identity: state.process, graceMilliseconds });
      return (await readResult(folder))?.status !== 'completed';
    }
    if (state.kind !== 'launching') return false;
    if (Date.now() > deadline)
      throw new PortError(
        'Unavailable',
        `${folder.path}: its launcher, process ${state.attempt.claim.launcher.pid}, hangs`,
      );
    await pause(pollMilliseconds);
  }
}

/** Ends every training job below an understudy home; for whoever started the whole and now ends it. */
export async function stopAll({
  home,
  graceMilliseconds = defaultGraceMilliseconds,
}: {
  home: string;
  graceMilliseconds?: number;
}): Promise<{ stopped: string[] }> {
  const jobs = await readdir(trainingFolder(home)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const ended = await Promise.all(
    jobs.map(async (jobName) => {
      const running = await stopJob({ folder: new JobFolder({ home, jobName }), graceMilliseconds });
      return running ? [jobName] : [];
    }),
  );
  return { stopped: ended.flat() };
}

async function endProcess({
  identity,
  graceMilliseconds,
}: {
  identity: ProcessIdentity;
  graceMilliseconds: number;
}): Promise<void> {
  const deadline = Date.now() + graceMilliseconds;
  signalGroup({ pid: identity.pid, signal: 'SIGTERM' });
  while ((await isAlive(identity)) && Date.now() < deadline) await pause(pollMilliseconds);
  // Also when the leader has gone: what it started may still hold the group.
  signalGroup({ pid: identity.pid, signal: 'SIGKILL' });
  const gone = Date.now() + killMilliseconds;
  while (Date.now() < gone && ((await isAlive(identity)) || signalGroup({ pid: identity.pid, signal: 0 })))
    await pause(pollMilliseconds);
}
