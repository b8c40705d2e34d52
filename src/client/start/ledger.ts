import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { identifyProcess, isAlive, processIdentitySchema } from '../../adapters/local-trainer/process-identity.js';
import { endGroup, signalGroup } from './process-table.js';

const namedProcess = processIdentitySchema.extend({ name: z.string() });

const ledgerSchema = z.object({
  supervisor: namedProcess,
  /** Addresses by name, once everything is up. */
  urls: z.record(z.string(), z.string()),
  groups: z.array(namedProcess),
});
type LedgerContent = z.infer<typeof ledgerSchema>;

/** Another supervisor already runs in this home. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
  constructor(
    readonly home: string,
    readonly pid: number | null,
    readonly urls: Readonly<Record<string, string>>,
  ) {
    const addresses = Object.entries(urls).map(([name, url]) => `  ${name}: ${url}`);
    super(
      [
        `Understudy already runs in ${home}${pid === null ? '' : ` (process ${pid})`}.`,
        ...(addresses.length > 0 ? addresses : ['  It is still starting.']),
        'End it with Ctrl-C there, or name another home: UNDERSTUDY_HOME=<folder>.',
      ].join('\n'),
    );
  }
}

/** What this home runs: who supervises, which process groups, where they answer. Stands in `<home>/processes.json`. */
export interface Ledger {
  record(group: { name: string; pid: number }): Promise<void>;
  forget(pid: number): Promise<void>;
  publish(urls: Record<string, string>): Promise<void>;
  /** Ends everything recorded at once, without asking. */
  killAll(): void;
  /** Gives the home back. */
  release(): Promise<void>;
}

async function readLedger(file: string): Promise<LedgerContent | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return ledgerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Cut off while it was written: its writer is gone, and what it started went with it.
    return null;
  }
}

/** Ends what an earlier supervisor left, which only happens when its guardians were killed too. */
async function endLeftovers({ content, grace }: { content: LedgerContent; grace: number }): Promise<string[]> {
  const ended = content.groups.map(async (one) => {
    if (!(await isAlive(one))) return [];
    await endGroup({ group: one.pid, graceMilliseconds: grace });
    return [one.name];
  });
  return (await Promise.all(ended)).flat();
}

/**
 * Takes a home for this process.
 * @throws AlreadyRunningError when another supervisor has it.
 */
export async function takeHome({
  home,
  graceMilliseconds = 5000,
}: {
  home: string;
  graceMilliseconds?: number;
}): Promise<{ ledger: Ledger; ended: string[] }> {
  const file = join(home, 'processes.json');
  const before = await readLedger(file);
  if (before !== null && (await isAlive(before.supervisor)))
    throw new AlreadyRunningError(home, before.supervisor.pid, before.urls);
  const ended = before === null ? [] : await endLeftovers({ content: before, grace: graceMilliseconds });
  await rm(file, { force: true });
  const self = (await identifyProcess({ pid: process.pid }))!;
  let content: LedgerContent = { supervisor: { ...self, name: 'supervisor' }, urls: {}, groups: [] };
  // Exclusive: of two that start at the same moment only one gets past here.
  await writeFile(file, JSON.stringify(content), { flag: 'wx' }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    const other = await readLedger(file);
    throw new AlreadyRunningError(home, other?.supervisor.pid ?? null, other?.urls ?? {});
  });
  let writing = Promise.resolve();
  const write = (change: Partial<LedgerContent>): Promise<void> => {
    content = { ...content, ...change };
    const text = `${JSON.stringify(content, null, 2)}\n`;
    writing = writing.then(() => writeFile(file, text));
    return writing;
  };
  const ledger: Ledger = {
    record: async ({ name, pid }) => {
      const identity = await identifyProcess({ pid });
      if (identity !== null) await write({ groups: [...content.groups, { ...identity, name }] });
    },
    forget: (pid) => write({ groups: content.groups.filter((one) => one.pid !== pid) }),
    publish: (urls) => write({ urls }),
    killAll: () => content.groups.forEach((one) => signalGroup({ group: one.pid, signal: 'SIGKILL' })),
    release: async () => {
      await writing;
      await rm(file, { force: true });
    },
  };
  return { ledger, ended };
}
