import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { GuardianMessage, GuardianOrder } from './guardian-order.js';
import { ownEntry } from './own-entry.js';
import { endGroup } from './process-table.js';

export interface GuardedCommand {
  command: string;
  arguments: readonly string[];
  environment: Readonly<Record<string, string>>;
  directory: string;
  /** Standard output and errors are appended here. */
  logFile: string;
  /** How long the group may take to end by itself when asked. */
  graceMilliseconds: number;
  /** Run by the guardian once the group has been asked to end and is gone; not after a death of its own. */
  afterwards?: readonly string[];
}

export interface GuardedProcess {
  /** Process id of the command, which is also its group. */
  pid: number;
  /** Resolves when the command and everything it started have ended. */
  exited: Promise<{ code: number }>;
  /** Asks the group to end and ends it after the grace; resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a command under a guardian (`guardian.ts`).
 * @throws Error naming the command when it can't be started.
 */
export async function startGuarded(input: GuardedCommand): Promise<GuardedProcess> {
  const log = await open(input.logFile, 'a');
  const guardian = ownEntry('client/start/guardian');
  const order: GuardianOrder = {
    command: [input.command, ...input.arguments],
    graceMilliseconds: input.graceMilliseconds,
    afterwards: input.afterwards ?? null,
  };
  const child = spawn(guardian.command, [...guardian.arguments, JSON.stringify(order)], {
    cwd: input.directory,
    env: input.environment,
    // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops things in order.
    detached: true,
    stdio: ['pipe', log.fd, log.fd, 'ipc'],
  });
  await log.close();
  const exited = new Promise<{ code: number | null }>((resolve) => child.once('exit', (code) => resolve({ code })));
  // The guardian may end before its input is closed; that the pipe is broken then says nothing new.
  child.stdin!.on('error', () => undefined);
  const pid = await new Promise<number>((resolve, reject) => {
    const refuse = (why: string): void => reject(new Error(`${input.command} could not be started: ${why}`));
    child.once('message', (message: GuardianMessage) =>
      'pid' in message ? resolve(message.pid) : refuse(message.failed),
    );
    child.once('error', (error) => refuse(error.message));
    void exited.then(({ code }) => refuse(`its guardian ended with ${code ?? 'a signal'}`));
  });
  const gone = exited.then(async ({ code }) => {
    // A guardian that was itself killed took nothing with it.
    if (code === null) await endGroup({ group: pid, graceMilliseconds: input.graceMilliseconds });
    return { code: code ?? 137 };
  });
  return {
    pid,
    exited: gone,
    stop: async () => {
      child.stdin!.end();
      await gone;
    },
  };
}
