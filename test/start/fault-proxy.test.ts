import { expect } from 'chai';
import { startFaultProxy, type FaultProxy } from '../../src/client/start/demonstration/fault-proxy.js';
import { startScriptedEndpoint } from './support/scripted-endpoint.js';

describe('fault proxy', function () {
  // Thousands of requests, late in a process that has done much else.
  this.timeout(60_000);
  let endpoint: Awaited<ReturnType<typeof startScriptedEndpoint>>;
  let proxy: FaultProxy;
  beforeEach(async () => {
    endpoint = await startScriptedEndpoint();
    proxy = await startFaultProxy({ target: endpoint.url, port: 0 });
  });
  afterEach(async () => {
    await proxy.close();
    await endpoint.close();
  });

  const complete = async (model: string, more: object = {}) => {
    const since = performance.now();
    const response = await fetch(`${proxy.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
      body: JSON.stringify({ model, messages: [], ...more }),
    });
    return { status: response.status, text: await response.text(), milliseconds: performance.now() - since };
  };

  it('passes on path, headers and answers unchanged while nothing is armed', async () => {
    const { status, text } = await complete('support-r1');
    expect(status).to.equal(200);
    expect(text).to.contain('answer of support-r1');
    expect(endpoint.asked[0]).to.deep.include({ path: '/v1/chat/completions', model: 'support-r1' });
    expect(endpoint.asked[0]!.headers['authorization']).to.equal('Bearer key');
    expect((await fetch(`${proxy.url}/models`)).status).to.equal(200);
  });

  it('passes streams on', async () => {
    const { text } = await complete('support-r1', { stream: true });
    expect(text).to.contain('"one"').and.to.contain('[DONE]');
  });

  it('fails the armed share of the named adapter alone, the same ones for the same seed', async () => {
    const run = async (): Promise<number[]> => {
      proxy.arm({ adapter: 'support-r3', errorRate: 0.1, delayMilliseconds: 0, seed: 7 });
      const failed: number[] = [];
      for (let index = 0; index < 400; index += 1) {
        if ((await complete('support-r3')).status === 503) failed.push(index);
        if (index % 10 === 0) expect((await complete('support-r2')).status).to.equal(200);
      }
      expect(proxy.injected).to.deep.equal({ failed: failed.length, delayed: 400 - failed.length });
      return failed;
    };
    const first = await run();
    expect(first.length).to.be.within(24, 58);
    expect(await run()).to.deep.equal(first);
  });

  it('delays what it does not fail, and the named adapter alone', async () => {
    proxy.arm({ adapter: 'support-r3', errorRate: 0, delayMilliseconds: 150, seed: 1 });
    const [slow, quick] = await Promise.all([complete('support-r3'), complete('support-r2')]);
    expect(slow.milliseconds).to.be.at.least(149);
    expect(quick.milliseconds).to.be.below(slow.milliseconds);
    proxy.arm(null);
    expect((await complete('support-r3')).status).to.equal(200);
    expect(proxy.injected).to.deep.equal({ failed: 0, delayed: 0 });
  });

  it('says that the endpoint is away', async () => {
    await endpoint.close();
    const { status, text } = await complete('support-r1');
    expect(status).to.equal(502);
    expect(text).to.contain('does not answer');
    endpoint = await startScriptedEndpoint();
  });
});
