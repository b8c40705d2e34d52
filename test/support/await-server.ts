import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { request } from 'undici';

const readyMilliseconds = 30_000;

export interface StartedServer {
  endpoint: string;
  stop: () => Promise<void>;
}

/**
 * Waits until a process that was just started answers at `endpoint`. `afterwards` is done once it has ended. Rejects,
 * with everything ended, where it does not answer in time or has ended by itself.
 */
export async function awaitServer({
  name,
  child,
  endpoint,
  probe = '/',
  accepts = () => true,
  afterwards = () => Promise.resolve(),
}: {
  name: string;
  child: ChildProcess;
  endpoint: string;
  probe?: string;
  accepts?: (status: number) => boolean;
  afterwards?: () => Promise<void>;
}): Promise<StartedServer> {
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (!ended() && child.kill()) await once(child, 'exit');
    await afterwards();
  };
  const until = Date.now() + readyMilliseconds;
  while (Date.now() < until && !ended()) {
    const answered = await request(`${endpoint}${probe}`).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return accepts(statusCode);
      },
      () => false,
    );
    if (answered) return { endpoint, stop };
    await wait(100);
  }
  await stop();
  throw new Error(`${name} on ${endpoint} does not answer`);
}
