import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  path: string;
  model: string | null;
  headers: Record<string, string | string[] | undefined>;
}

/** An OpenAI-compatible endpoint that answers at once, or streams, and remembers what it was asked. */
export async function startScriptedEndpoint({ milliseconds = 0 }: { milliseconds?: number } = {}) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const body = text.startsWith('{') ? (JSON.parse(text) as { model?: string; stream?: boolean }) : {};
      asked.push({ path: request.url ?? '', model: body.model ?? null, headers: request.headers });
      if (body.stream) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"delta":{"content":"one"}}]}\n\n');
        setTimeout(() => response.end('data: [DONE]\n\n'), 30);
        return;
      }
      const answer = request.url?.endsWith('/models')
        ? { object: 'list', data: [{ id: 'tiny', object: 'model' }] }
        : { choices: [{ message: { role: 'assistant', content: `answer of ${body.model}` } }] };
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer));
      }, milliseconds);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
