import { expect } from 'chai';
import { takeLook } from '../../src/activities/telemetry-reading.js';
import { createCanaryWorld, model, type CanaryWorld } from './support/canary-world.js';

describe('a look over several gateways', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const look = async () => {
    const taken = await takeLook({ ports: world.ports(), model, fromRevision: 2, at: world.clock.now() });
    return taken.look.revisions[0]!.arms.challenger;
  };

  it('counts a bucket once, and as repeated where it had the event at two of them', async () => {
    await world.writeTelemetry({ users: 400, failed: 5, gateway: 'g1' });
    expect(await look()).to.deep.include({ keys: 100, events: { error: 5 }, again: { error: 0 } });
    await world.writeTelemetry({ users: 400, failed: 3, gateway: 'g2' });
    expect(await look()).to.deep.include({ keys: 100, events: { error: 5 }, again: { error: 3 } });
  });
});
