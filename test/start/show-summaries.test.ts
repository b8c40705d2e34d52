import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { EndedBatch } from '../../src/client/start/demonstration/run-batch.js';
import {
  servedAsExpected,
  showSummaries,
  type ShownSummary,
} from '../../src/client/start/demonstration/show-summaries.js';

const source = { review: 'r1', rating: 5, verified: true, language: 'sv', snippet: 'tyst' };
const body = {
  ...{ model: 'shop.home', release: 'shop.home-r1', label: 'AI-generated', version: 'v' },
  ...{ pros: ['quiet'], cons: [], summary: 'Quiet.', sources: [source] },
};
const batch: EndedBatch = {
  ...{ model: 'shop.home', due: 1, unchanged: 0, summarised: 1, deadLettered: 0, tooFew: 0, calls: 1, repaired: 0 },
  ...{ pairs: 0, failedChunks: 0, seconds: 1 },
};

describe('the summaries that a demonstration shows', () => {
  let shown: ShownSummary[];
  const lines: string[] = [];
  before(async () => {
    const server = createServer((request, response) => {
      if (request.headers['x-api-key'] !== 'key') return response.writeHead(403).end();
      if (request.url !== '/items/kettle%201/summary') return response.writeHead(404).end('{"error":"no summary"}');
      const known = request.headers['if-none-match'] === '"a"';
      return response.writeHead(known ? 304 : 200, { etag: '"a"' }).end(known ? '' : JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const gateway = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const say = (line: string): void => void lines.push(line);
      shown = await showSummaries({ items: ['kettle 1', 'shelf'], gateway, apiKey: 'key', say });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('are asked for twice, the second time with their tag', () => {
    const { sources, ...said } = body;
    expect(shown).to.deep.equal([
      {
        ...{ item: 'kettle 1', status: 200 },
        served: { ...said, sources: sources.length, etag: '"a"', statusAgain: 304 },
      },
      { item: 'shelf', status: 404, served: null },
    ]);
    expect(lines.join('\n')).to.contain('200, then 304 (shop.home-r1, AI-generated, 1 sources): Quiet.');
    expect(lines.join('\n')).to.contain('404 {"error":"no summary"}');
  });

  it('are as expected where each batch came through and one of its items is served', () => {
    expect(servedAsExpected({ batches: [], summaries: [] })).to.equal(true);
    expect(servedAsExpected({ batches: [batch], summaries: shown })).to.equal(true);
    expect(servedAsExpected({ batches: [{ ...batch, failedChunks: 1 }], summaries: shown })).to.equal(false);
    expect(servedAsExpected({ batches: [batch, { ...batch, model: 'shop.toys' }], summaries: shown })).to.equal(false);
    const changed = shown.map((one) => ({ ...one, served: one.served && { ...one.served, statusAgain: 200 } }));
    expect(servedAsExpected({ batches: [batch], summaries: changed })).to.equal(false);
  });
});
