import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rememberEndpoints } from '../../src/client/start/moved-endpoints.js';
import { Cancellation } from '../../src/gateway/cancellation.js';
import { Upstream } from '../../src/gateway/upstream.js';
import { makeScratch } from './support/scratch.js';
import { startScriptedEndpoint } from './support/scripted-endpoint.js';

const at = (port: number): string => `http://127.0.0.1:${port}/v1`;

describe('endpoints that have moved', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());
  const remember = (evaluation: number, live: number) =>
    rememberEndpoints({ home: scratch.folder, evaluation: at(evaluation), live: at(live) });

  it('are none as long as the addresses stay', async () => {
    expect(await remember(8000, 8100)).to.deep.equal({});
    expect(await remember(8000, 8100)).to.deep.equal({});
  });

  it('are known by every address that they had, each as what it was', async () => {
    await remember(8000, 8100);
    await remember(8001, 8101);
    expect(await remember(8002, 8101)).to.deep.equal({
      [at(8000)]: at(8002),
      [at(8001)]: at(8002),
      [at(8100)]: at(8101),
    });
    expect(await remember(8000, 8100), 'one in use has not moved').to.deep.equal({
      [at(8001)]: at(8000),
      [at(8002)]: at(8000),
      [at(8101)]: at(8100),
    });
  });

  it('are forgotten with a broken file, which stops nothing', async () => {
    await writeFile(join(scratch.folder, 'endpoints.json'), '{"live": ');
    expect(await remember(8000, 8100)).to.deep.equal({});
  });

  it('are asked where they are now, whatever the plan names', async () => {
    const endpoint = await startScriptedEndpoint();
    const upstream = new Upstream(null, { [at(1)]: endpoint.url });
    try {
      const target = { releaseId: 'm-r1', endpoint: at(1), adapter: 'm-r1', promptDigest: 'p', indexVersion: null };
      const { text } = await upstream.complete({
        target,
        request: { messages: [{ role: 'user', content: 'hello' }] },
        timeoutMilliseconds: 5000,
        cancellation: new Cancellation(),
      });
      expect(text).to.equal('answer of m-r1');
      expect(endpoint.asked.map((one) => one.path)).to.deep.equal(['/v1/chat/completions']);
    } finally {
      await upstream.close();
      await endpoint.close();
    }
  });
});
