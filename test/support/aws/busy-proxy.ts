import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const slowDown =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

/** Stands before an S3 server and answers every so many-th request as S3 does when it is asked too much: 503 SlowDown. */
export class BusyProxy {
  /** How many requests it has refused. */
  refused = 0;
  #asked = 0;
  readonly #every: number;
  readonly #server: Server;

  constructor({ endpoint, every }: { endpoint: string; every: number }) {
    this.#every = every;
    const { hostname: host, port } = new URL(endpoint);
    this.#server = createServer((incoming, outgoing) => {
      this.#asked += 1;
      if (this.#asked % this.#every === 0) {
        this.refused += 1;
        incoming.resume();
        outgoing.writeHead(503, { 'content-type': 'application/xml' }).end(slowDown);
        return;
      }
      // The signature covers the host that was asked, so headers go on as they came.
      const { method, url, headers } = incoming;
      const onward = request({ host, port, ...(method && { method }), path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
