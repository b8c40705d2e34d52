import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';

/** One process of this machine, told apart from a later one that was given the same number. */
export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** When it began, in the system's own words, with the boot it belongs to where the system tells. */
  began: z.string().min(1),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

const run = promisify(execFile);

/** Who runs under this number now; null where nobody does (a zombie counts as nobody). */
export async function identifyProcess({ pid }: { pid: number }): Promise<ProcessIdentity | null> {
  const began = process.platform === 'linux' ? await beganOnLinux(pid) : await beganElsewhere(pid);
  return began === null ? null : { pid, began };
}

/** Whether the very process still runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess({ pid: identity.pid }))?.began === identity.began;
}

/** Signals every process of the group that the process leads (0 only looks); false where the group is gone. */
export function signalGroup({ pid, signal }: { pid: number; signal: NodeJS.Signals | 0 }): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function beganOnLinux(pid: number): Promise<string | null> {
  const [line, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  if (line === null) return null;
  // The second field, the command in brackets, may hold spaces and brackets itself; field 3 follows the last one.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const ticks = fields[19];
  if (state === undefined || ticks === undefined || 'ZXx'.includes(state)) return null;
  return `${boot.trim()}:${ticks}`;
}

async function beganElsewhere(pid: number): Promise<string | null> {
  const found = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)]).catch(() => null);
  const text = found?.stdout.trim() ?? '';
  return text === '' || text.startsWith('Z') ? null : text.replace(/^\S+\s+/, '');
}
