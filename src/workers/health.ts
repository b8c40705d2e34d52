import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface WorkerHealth {
  /** The port that it listens on. */
  port: number;
  close(): Promise<void>;
}

/**
 * Answers `GET /healthz` for those who run workers: 200 while every worker polls its task queue, 503 with the queues of
 * those that don't, so that a pod that hangs or ends is replaced.
 */
export async function serveHealth({
  host = '0.0.0.0',
  port,
  stopped,
}: {
  host?: string;
  /** 0 takes a free one. */
  port: number;
  /** Task queues whose worker does not poll. */
  stopped: () => readonly string[];
}): Promise<WorkerHealth> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/healthz') return response.writeHead(404).end();
    const queues = stopped();
    const body = JSON.stringify(queues.length === 0 ? { status: 'ok' } : { status: 'stopped', queues });
    return response.writeHead(queues.length === 0 ? 200 : 503, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
