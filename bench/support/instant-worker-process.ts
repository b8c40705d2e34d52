import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface InstantWorker {
  readonly pid: number | undefined;
  /** What the process holds once the garbage of its main thread is out, in MiB. */
  readonly memory: () => Promise<number>;
  /** Lets it end what it has begun. */
  readonly stop: () => Promise<void>;
}

/** A worker of its own process whose activities answer at once; resolves when it polls. */
export async function startInstantWorker({
  address,
  queuePrefix,
}: {
  address: string;
  queuePrefix: string;
}): Promise<InstantWorker> {
  const worker = fork(fileURLToPath(new URL('instant-worker.ts', import.meta.url)), [address, queuePrefix], {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(worker, 'exit').then(([code, signal]: unknown[]) => {
    throw new Error(`the worker ended with ${String(code ?? signal)}`);
  });
  ended.catch(() => undefined);
  const answer = (): Promise<unknown[]> => Promise.race([once(worker, 'message'), ended]);
  await answer();
  return {
    pid: worker.pid,
    memory: async () => {
      const answered = answer();
      worker.send('memory');
      const [{ bytes }] = (await answered) as [{ bytes: number }];
      return bytes / 2 ** 20;
    },
    stop: async () => {
      worker.kill('SIGTERM');
      await ended.catch(() => undefined);
    },
  };
}
