import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface StubServer {
  uri: string;
  /** Every request whose body arrived in full, in order. */
  seen: SeenRequest[];
  stop: () => Promise<void>;
}

type Answer = (request: SeenRequest, response: ServerResponse, count: number) => void;

/** A local HTTP server that misbehaves as told; `count` is 1 for the first request. */
export async function startStub(answer: Answer): Promise<StubServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const full = { method, url, headers, body: Buffer.concat(parts).toString() };
      seen.push(full);
      answer(full, response, seen.length);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { uri: `http://127.0.0.1:${port}`, seen, stop };
}

/** Answers with a JSON body. */
export function sendJson(input: {
  response: ServerResponse;
  status?: number;
  body: unknown;
  headers?: Record<string, string>;
}): void {
  input.response.writeHead(input.status ?? 200, { 'content-type': 'application/json', ...input.headers });
  input.response.end(JSON.stringify(input.body));
}

/** The error that `work` throws; an error of its own when it throws none. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('Expected a failure, but the call succeeded.');
    },
    (error: unknown) => error,
  );
}
