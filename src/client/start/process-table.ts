import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One running process; those that ended and only wait to be collected are left out. */
export interface ProcessEntry {
  pid: number;
  /** Process group: everything that a command started and that did not leave on purpose. */
  group: number;
}

const ended = /^[ZX]/;

/** Fields after the command's name, which may itself hold spaces and brackets. */
async function readLinuxEntry(pid: string): Promise<ProcessEntry[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = 'X', , group = ''] = fields;
  if (text === '' || ended.test(state)) return [];
  return [{ pid: Number(pid), group: Number(group) }];
}

async function readWithPs(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=,stat=']);
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)/.exec(line);
    if (!match || ended.test(match[3]!)) return [];
    return [{ pid: Number(match[1]), group: Number(match[2]) }];
  });
}

/** Every process of this machine that this user may see. */
export async function processTable(): Promise<ProcessEntry[]> {
  if (process.platform !== 'linux') return readWithPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map(readLinuxEntry))).flat();
}

/** The pids of a group that still run. */
export const groupMembers = async (group: number): Promise<number[]> =>
  (await processTable()).filter((entry) => entry.group === group).map((entry) => entry.pid);

/** Signals a whole group; one that is gone is no error. */
export function signalGroup({ group, signal }: { group: number; signal: NodeJS.Signals }): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Asks a group to end, waits up to `graceMilliseconds`, then ends it. Resolves when nothing of it runs. */
export async function endGroup({
  group,
  graceMilliseconds,
}: {
  group: number;
  graceMilliseconds: number;
}): Promise<void> {
  const deadline = Date.now() + graceMilliseconds;
  signalGroup({ group, signal: 'SIGTERM' });
  for (let killed = false; (await groupMembers(group)).length > 0;) {
    if (!killed && Date.now() >= deadline) {
      signalGroup({ group, signal: 'SIGKILL' });
      killed = true;
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
