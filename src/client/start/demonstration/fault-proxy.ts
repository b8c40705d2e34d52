import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '../../../domain/statistics/random.js';

/** What is injected into the live answers of one adapter. */
export interface Fault {
  adapter: string;
  /** Share of its answers that fail, 0..1. */
  errorRate: number;
  /** Added to every other one. */
  delayMilliseconds: number;
  seed: number;
}

export interface FaultProxy {
  /** Where the gateway asks; ends like the target. */
  readonly url: string;
  /** The fault from now on; null for none. */
  arm(fault: Fault | null): void;
  /** What was injected since the last change of the fault. */
  readonly injected: { failed: number; delayed: number };
  close(): Promise<void>;
}

const largestBodyBytes = 8 * 1024 * 1024;
const named = z.object({ model: z.string() });

/** The adapter that a request's body names; null for requests that name none. */
function adapterOf(body: Buffer): string | null {
  try {
    return named.safeParse(JSON.parse(body.toString('utf8'))).data?.model ?? null;
  } catch {
    // Not ours to refuse: the endpoint says what is wrong with it.
    return null;
  }
}

async function readBody(request: http.IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: http.ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'fault_proxy', code: status } }));
}

/**
 * Stands between the gateway and an OpenAI-compatible endpoint and passes everything on unchanged, streams included,
 * but for requests that name the adapter of an armed fault: a seeded share of those fails with 503, the others wait
 * first. The evaluation asks the endpoint itself and never sees it.
 */
export async function startFaultProxy({ target, port }: { target: string; port: number }): Promise<FaultProxy> {
  const upstream = new URL(target);
  const protocol = upstream.protocol === 'https:' ? https : http;
  const agent = new protocol.Agent({ keepAlive: true });
  let fault: Fault | null = null;
  let draws = seededRandom(0);
  let injected = { failed: 0, delayed: 0 };

  const passOn = (request: http.IncomingMessage, body: Buffer, response: http.ServerResponse): void => {
    const headers: http.OutgoingHttpHeaders = { ...request.headers };
    // These belong to one connection; ours has its own.
    for (const name of ['connection', 'transfer-encoding']) delete headers[name];
    const call = protocol.request({
      agent,
      hostname: upstream.hostname,
      port: upstream.port,
      path: request.url,
      method: request.method,
      headers: { ...headers, host: upstream.host, 'content-length': body.length },
    });
    response.once('close', () => call.destroy());
    call.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      // A body that breaks off must break off for the caller too.
      answer.once('error', () => response.destroy());
    });
    call.once('error', (error) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, `${upstream.origin} does not answer: ${error.message}`);
    });
    call.end(body);
  };

  const handle = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const body = await readBody(request);
    if (body === null) return refuse(response, 413, `a body over ${largestBodyBytes} bytes`);
    if (fault !== null && adapterOf(body) === fault.adapter) {
      if (draws.uniform() < fault.errorRate) {
        injected.failed += 1;
        return refuse(response, 503, 'fault injected by the demonstration');
      }
      injected.delayed += 1;
      await sleep(fault.delayMilliseconds);
    }
    if (!response.destroyed) passOn(request, body, response);
  };

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${listening}${upstream.pathname.replace(/\/$/, '')}`,
    arm: (next) => {
      fault = next;
      injected = { failed: 0, delayed: 0 };
      draws = seededRandom(next?.seed ?? 0);
    },
    get injected() {
      return { ...injected };
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
