import { expect } from 'chai';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import { ask, eventually, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';

const messages = [{ role: 'user', content: 'one two three' }];

describe('gateway: time to the first words of a stream', () => {
  let world: GatewayWorld;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan({ challengerShare: 0 });
  });
  afterEach(() => world.close());

  /** Events of the champion after one request, with words that may take `limit` milliseconds. */
  async function eventsWith({ limit, stream, delay }: { limit: number | null; stream: boolean; delay: number }) {
    await world.writeServing({ slowMilliseconds: 60_000, slowStartMilliseconds: limit });
    world.upstream.script({ model: 'm-r1', delayMilliseconds: delay });
    const app = await world.gateway();
    const answer = await ask(app, { url: '/v1/chat/completions', body: { model, messages, stream } });
    expect(answer.statusCode).to.equal(200);
    const source = new StoreTelemetry({ store: world.store, onCorrupt: ({ reason }) => expect.fail(reason) });
    const [snapshot] = await eventually({
      look: async () => (await source.read({ model, fromRevision: 1 })).snapshots,
      holds: ([first]) => first !== undefined && first.arms.champion.requests === 1,
    });
    return Object.keys(snapshot!.arms.champion.events);
  }

  it('counts a stream that begins late', async () => {
    expect(await eventsWith({ limit: 40, stream: true, delay: 80 })).to.deep.equal(['slowStart']);
  });
  it('counts none that begins in time', async () => {
    expect(await eventsWith({ limit: 60_000, stream: true, delay: 80 })).to.deep.equal([]);
  });
  it('counts none where no limit is set', async () => {
    expect(await eventsWith({ limit: null, stream: true, delay: 80 })).to.deep.equal([]);
  });
  it('counts no answer that comes whole', async () => {
    expect(await eventsWith({ limit: 40, stream: false, delay: 80 })).to.deep.equal([]);
  });
});
