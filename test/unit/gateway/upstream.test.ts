import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Secret } from '../../../src/config/secret.js';
import { Cancellation } from '../../../src/gateway/cancellation.js';
import { Upstream } from '../../../src/gateway/upstream.js';

describe('upstream', () => {
  let server: Server;
  let upstream: Upstream;
  before(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.writeHead(401).end(`no such key: ${request.headers.authorization}, ${'x'.repeat(100_000)}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    upstream = new Upstream(new Secret('sk-very-secret'));
  });
  after(async () => {
    await upstream.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  for (const way of ['complete', 'stream'] as const)
    it(`tells nobody its key when an endpoint repeats it (${way})`, async () => {
      const { port } = server.address() as AddressInfo;
      const target = {
        releaseId: 'm-r1',
        endpoint: `http://127.0.0.1:${port}/v1`,
        adapter: 'm-r1',
        promptDigest: null,
        indexVersion: null,
      };
      const call = { target, request: {}, timeoutMilliseconds: 20_000, cancellation: new Cancellation() };
      const refused = await upstream[way](call).then(
        () => 'an answer',
        (error: unknown) => String(error),
      );
      expect(refused).to.include('HTTP 401: no such key: Bearer (secret)').and.not.include('sk-very-secret');
      expect(refused.length).to.be.lessThan(400);
    });
});
