import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const readyMilliseconds = 90_000;

/** A program of ours in a process of its own; `ready` is the first object that it says on stdout. */
export class OwnProcess {
  readonly #child: ChildProcess;
  /** The last lines that it said. */
  readonly lines: string[] = [];

  constructor({ program, environment }: { program: string; environment: Record<string, string> }) {
    const file = fileURLToPath(new URL(`../../../src/${program}.ts`, import.meta.url));
    this.#child = spawn(process.execPath, ['--import', 'tsx', file], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (this.lines.length > 200) this.lines.shift();
      });
  }

  async ready<Said>(): Promise<Said> {
    const until = Date.now() + readyMilliseconds;
    while (Date.now() < until && this.#child.exitCode === null) {
      const said = this.lines.find((line) => /^\{"(polling|listening)"/.test(line));
      if (said) return JSON.parse(said) as Said;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`did not get ready:\n${this.lines.join('\n')}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }
}
