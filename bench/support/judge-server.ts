import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { judgeModel } from './evaluation-cases.js';
import type { ServedRequests, ServerOrder } from './scripted-judge.js';

export interface JudgeServer {
  /** Ends in /v1. */
  endpoint: string;
  /** Requests since the last call of this; later replies are held for so long. */
  count(order?: Partial<ServerOrder>): Promise<ServedRequests & { judgements: number }>;
  /** Ends the process. */
  close(): void;
}

/** An OpenAI-compatible server on loopback in a process of its own, so that it takes no time from what is measured. */
export async function startJudgeServer(): Promise<JudgeServer> {
  const child = fork(fileURLToPath(new URL('scripted-judge.ts', import.meta.url)));
  const next = async <Message>(): Promise<Message> => {
    const [message] = (await once(child, 'message')) as [Message];
    return message;
  };
  const { port } = await next<{ port: number }>();
  return {
    endpoint: `http://127.0.0.1:${port}/v1`,
    count: async ({ delayMilliseconds = 0 } = {}) => {
      child.send({ delayMilliseconds });
      const counted = await next<ServedRequests>();
      return { ...counted, judgements: counted.byModel[judgeModel] ?? 0 };
    },
    close: () => child.disconnect(),
  };
}
