import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export interface PinnedProcess {
  /** The first line it wrote on stdout; empty where none was waited for. */
  said: string;
  /** Resident memory in MiB. */
  resident(): Promise<number>;
  /** Seconds of a processor that it has used so far. */
  processorSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Linux counts the time of processes in these, whatever its own clock. */
const ticksPerSecond = 100;

/** Starts a program on one core of its own and, where asked to, waits for its first line on stdout. */
export async function startPinned(input: {
  core: number;
  command: string;
  args: readonly string[];
  environment?: Record<string, string>;
  waitsForLine: boolean;
}): Promise<PinnedProcess> {
  const { core, command, args, environment = {}, waitsForLine } = input;
  const child = spawn('taskset', ['-c', String(core), command, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const said = waitsForLine ? await firstLine({ child, ended, command }) : '';
  child.stdout.resume();
  return {
    said,
    resident: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
    },
    processorSeconds: async () => {
      const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

async function firstLine(input: { child: ChildProcess; ended: Promise<unknown[]>; command: string }): Promise<string> {
  const { child, ended, command } = input;
  const line = createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
  const first = await Promise.race([line, ended.then(() => null)]);
  if (first === null || first.done) throw new Error(`${command} ended before it said a line`);
  return first.value;
}

/** Waits until `url` answers anything at all. */
export async function reachable({ url, seconds }: { url: string; seconds: number }): Promise<void> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const response = await fetch(url).catch(() => null);
    if (response) return void (await response.arrayBuffer());
    if (Date.now() > end) throw new Error(`${url} did not answer in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
