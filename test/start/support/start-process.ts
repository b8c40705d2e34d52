import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './scratch.js';

const root = join(import.meta.dirname, '../../..');

/** `understudy start` as a process of its own. */
export class StartProcess {
  readonly lines: string[] = [];
  stdout = '';
  readonly exited: Promise<number | null>;
  private constructor(readonly child: ChildProcess) {
    createInterface({ input: child.stderr! }).on('line', (line) => this.lines.push(line));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.exited = new Promise((resolve) => child.once('close', (code) => resolve(code)));
  }

  static run({ options, environment }: { options: string[]; environment: Record<string, string> }): StartProcess {
    const loader = ['--import', 'tsx', join(root, 'src/client/cli/main.ts')];
    return new StartProcess(
      spawn(process.execPath, [...loader, 'start', ...options], {
        cwd: root,
        env: { ...process.env, ...environment },
        // The channel ends it when this process ends.
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    );
  }

  /** Waits for a line on stderr; fails with everything that was said when the process ends without it. */
  async said(text: string, milliseconds = 120_000): Promise<void> {
    const done = () => this.lines.some((line) => line.includes(text));
    await until({ what: `"${text}"`, check: () => done() || this.child.exitCode !== null, milliseconds });
    if (!done())
      throw new Error(`ended with ${this.child.exitCode} before it said "${text}":\n${this.lines.join('\n')}`);
  }
}

/** Pids of every process that was told this home: all that a start has begun, and all that those began. */
export async function processesOf(home: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const told = pids.map(async (pid) => {
    // A process that ended and waits to be collected has an empty environment.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    return environment.split('\0').includes(`UNDERSTUDY_HOME=${home}`) ? [Number(pid)] : [];
  });
  return (await Promise.all(told)).flat();
}
