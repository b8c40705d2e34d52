import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createRollbackTimeActivities, type MeasureRollbackInput } from '../../src/activities/rollback-time.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { rollbackSentence, rollbackTimeSchema, type RollbackTime } from '../../src/domain/release/rollback-time.js';
import { createCanaryWorld, model, releaseId, type CanaryWorld } from './support/canary-world.js';

const start = '2026-03-01T00:00:00.000Z';

describe('measureRollback', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
  });
  afterEach(() => world.dispose());

  /** With a clock that moves by itself: each look takes `lookMilliseconds`. */
  const measure = async ({
    lookMilliseconds = 0,
    change = {},
  }: { lookMilliseconds?: number; change?: Partial<MeasureRollbackInput> } = {}): Promise<RollbackTime> => {
    const { telemetry } = world.ports();
    const { measureRollback } = createRollbackTimeActivities({
      ...world.ports(),
      telemetry: {
        read: (input) => {
          world.pass(lookMilliseconds);
          return telemetry.read(input);
        },
      },
    });
    const input = { model, releaseId, revision: 3, evidenceAt: start, planAt: start, rehearsal: false, ...change };
    return await new MockActivityEnvironment().run((given: MeasureRollbackInput) => measureRollback(given), input);
  };

  it('takes the last of the gateways that served before, and keeps it in the store and the audit log', async () => {
    for (const gateway of ['g1', 'g2']) await world.writeTelemetry({ users: 8, failed: 0, gateway });
    await world.writeTelemetry({ users: 8, failed: 0, gateway: 'gone', ended: true });
    world.pass(700);
    await world.writeTelemetry({ users: 0, failed: 0, gateway: 'g1', revision: 3 });
    world.pass(900);
    await world.writeTelemetry({ users: 0, failed: 0, gateway: 'g2', revision: 3 });
    const time = await measure();
    expect(time.seconds).to.equal(1.6);
    expect(time.gateways).to.deep.equal([
      { gateway: 'g1', at: '2026-03-01T00:00:00.700Z' },
      { gateway: 'g2', at: '2026-03-01T00:00:01.600Z' },
    ]);
    const stored = await world.store.get({ key: storeKeys.rollbackTime({ model, revision: 3 }) });
    expect(rollbackTimeSchema.parse(JSON.parse(Buffer.from(stored!.body).toString()))).to.deep.equal(time);
    expect(rollbackSentence(time)).to.equal(
      '0 % at all 2 gateways 1.6 s after the evidence; the plan was written 0.0 s after the evidence',
    );
  });

  it('names a gateway that does not say it goes by the plan, and waits no longer than 15 s', async () => {
    await world.writeTelemetry({ users: 8, failed: 0, gateway: 'g1' });
    const time = await measure({ lookMilliseconds: 5000 });
    expect(time).to.deep.include({ seconds: null, gateways: [{ gateway: 'g1', at: null }] });
    expect(rollbackSentence(time)).to.match(/not heard of since: g1$/);
  });

  it('waits for nobody who has been silent for a minute', async () => {
    await world.writeTelemetry({ users: 8, failed: 0, gateway: 'g1' });
    world.pass(61_000);
    const time = await measure();
    expect(time).to.deep.include({ seconds: null, gateways: [] });
    expect(rollbackSentence(time)).to.match(/no gateway was there to go by it$/);
  });
});
