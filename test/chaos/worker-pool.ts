import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import type { WorkerOrder } from './channel.js';
import type { World } from './world/world.js';

export interface WorkerPool {
  readonly kills: number;
  /** Rejects with the last words of the first process that ends without having been killed. */
  readonly broken: Promise<never>;
  /** Kills one by its place. */
  kill(index: number): void;
  close(): Promise<void>;
}

interface Loaded {
  process: ChildProcess;
  ready: Promise<unknown>;
  said: string[];
}

/** So many worker processes, each replaced at once when it dies: one more is always loaded and waits. */
export async function startWorkerPool({
  world,
  program,
  order,
  size,
}: {
  world: World;
  /** By `buildWorkerProgram`. */
  program: string;
  order: WorkerOrder;
  size: number;
}): Promise<WorkerPool> {
  let onBroken: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    onBroken = reject;
  });
  // Whoever waits for the run hears of it.
  broken.catch(() => undefined);
  const active: (ChildProcess | null)[] = Array.from({ length: size }, () => null);
  const alive = new Set<ChildProcess>();
  const killed = new Set<ChildProcess>();
  let closing = false;
  let spare = load();

  function load(): Loaded {
    const child = fork(program, [JSON.stringify(order)], {
      // What a killed worker leaves behind goes with the files of the run.
      env: { ...process.env, TMPDIR: dirname(program) },
      serialization: 'advanced',
      // In a group of its own: Ctrl-C is for the run alone. Whoever loses its parent ends.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    const said: string[] = [];
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      said.splice(0, said.length - 20);
    });
    return { process: child, said, ready: once(child, 'message') };
  }

  async function fill(index: number): Promise<void> {
    const { process: child, ready, said } = spare;
    spare = load();
    await ready;
    if (closing) return;
    active[index] = child;
    world.serve({ worker: child, kill: () => kill(child) });
    child.once('exit', (code, signal) => {
      active[index] = null;
      if (closing) return;
      if (!killed.has(child))
        onBroken(new Error(`a worker ended with ${code ?? signal}: ${said.join('').slice(-1500)}`));
      void fill(index);
    });
    if (child.connected) child.send('go', () => undefined);
  }

  function kill(child: ChildProcess): void {
    if (closing || killed.has(child)) return;
    killed.add(child);
    child.kill('SIGKILL');
  }

  for (let index = 0; index < size; index += 1) await fill(index);
  return {
    broken,
    get kills() {
      return killed.size;
    },
    kill: (index) => {
      const child = active[index];
      if (child) kill(child);
    },
    close: async () => {
      closing = true;
      const gone = [...alive].map((child) => once(child, 'exit'));
      for (const child of alive) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}
