import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface SlowModel {
  /** Ends in /v1. */
  endpoint: string;
  /** How often each item was asked for, since the last `forget`. */
  asked: Map<string, number>;
  /** Most calls that were open at a time. */
  most: () => number;
  forget: () => void;
  close: () => Promise<void>;
}

const reply = JSON.stringify({
  ...{ pros: ['sturdy'], cons: ['short cord'], summary: 'A sturdy kettle with a short cord.', sources: [1, 2] },
});
const completion = JSON.stringify({
  ...{ id: 'c', object: 'chat.completion', model: 'm', usage: { prompt_tokens: 300, completion_tokens: 60 } },
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: reply } }],
});

/** A model that takes `milliseconds` for every answer, however many it is asked for at a time. */
export async function startSlowModel({ milliseconds }: { milliseconds: number }): Promise<SlowModel> {
  const asked = new Map<string, number>();
  let open = 0;
  let most = 0;
  async function answer(body: string, response: ServerResponse): Promise<void> {
    const item = /item-\d+/.exec(body)?.[0] ?? 'none';
    asked.set(item, (asked.get(item) ?? 0) + 1);
    open += 1;
    most = Math.max(most, open);
    await wait(milliseconds);
    open -= 1;
    response.writeHead(200, { 'content-type': 'application/json' }).end(completion);
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void answer(Buffer.concat(chunks).toString('utf8'), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    most: () => most,
    forget: () => {
      asked.clear();
      most = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
