import { expect } from 'chai';
import { ask, eventually, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

describe('gateway: limits', () => {
  let world: GatewayWorld;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan();
  });
  afterEach(() => world.close());

  it('tells callers where they stand in the usual headers', async () => {
    const app = await world.gateway();
    const { headers } = await ask(app, { key: 'standard' });
    expect(headers).to.include({
      'ratelimit-limit': '100',
      'ratelimit-remaining': '99',
      'ratelimit-reset': '1',
      'ratelimit-policy': '100;w=2, 10000;w=86400',
    });
  });

  it('refuses what is over the quota of the day until midnight', async () => {
    const app = await world.gateway({ clock: () => Date.parse('2026-11-21T23:59:50Z') });
    for (let n = 0; n < 3; n += 1) expect((await ask(app, { key: 'thrifty' })).statusCode).to.equal(200);
    const refused = await ask(app, { key: 'thrifty' });
    expect(refused.statusCode).to.equal(429);
    expect(refused.headers).to.include({ 'retry-after': '10', 'ratelimit-limit': '3', 'ratelimit-remaining': '0' });
    expect(refused.json<{ error: string }>().error).to.match(/thrifty sent its 3 requests of today/);
    expect((await ask(app)).statusCode, 'other keys have their own').to.equal(200);
  });

  it('keeps one quota over two gateways and over a restart', async () => {
    const settings = { limitSharingMilliseconds: 20 };
    const one = await world.gateway({ settings: { ...settings, gatewayId: 'g1' } });
    const two = await world.gateway({ settings: { ...settings, gatewayId: 'g2' } });
    expect((await ask(one, { key: 'thrifty' })).statusCode).to.equal(200);
    expect((await ask(one, { key: 'thrifty' })).statusCode).to.equal(200);
    await one.close();
    const again = await world.gateway({ settings: { ...settings, gatewayId: 'g1' } });
    expect((await ask(again, { key: 'thrifty' })).headers['ratelimit-remaining']).to.equal('0');
    const status = async () => (await ask(two, { key: 'thrifty' })).statusCode;
    expect(await eventually({ look: status, holds: (seen) => seen === 429 })).to.equal(429);
  });

  it('counts the old and the new secret of a key against one limit while it is rotated', async () => {
    const app = await world.gateway();
    const statuses: number[] = [];
    for (const key of ['old', 'new', 'old', 'new']) statuses.push((await ask(app, { key })).statusCode);
    expect(statuses).to.deep.equal([200, 200, 200, 429]);
  });

  it('refuses more tokens than the gateway allows', async () => {
    const app = await world.gateway({ settings: { mostTokens: 100 } });
    const messages = [{ role: 'user', content: 'hello' }];
    const asked = (limit: object) => ask(app, { url: '/v1/chat/completions', body: { messages, ...limit } });
    expect((await asked({ max_tokens: 100 })).statusCode).to.equal(200);
    for (const field of ['max_tokens', 'max_completion_tokens']) {
      const refused = await asked({ [field]: 101 });
      expect(refused.statusCode).to.equal(400);
      expect(refused.json()).to.deep.equal({
        error: `${field}: expected at most 100, which is what this gateway allows`,
      });
    }
  });

  it('turns requests away before it reads their bodies while too many are open', async () => {
    const app = await world.gateway({ settings: { maxConcurrency: 1 } });
    world.upstream.script({ model: 'm-r1', hangs: true });
    const open = ask(app);
    await eventually({ look: () => world.upstream.received.length, holds: (received) => received === 1 });
    const refused = await ask(app, { body: '{ this is no JSON' });
    expect(refused.statusCode).to.equal(503);
    expect(refused.headers['retry-after']).to.equal('1');
    await open;
  });
});
