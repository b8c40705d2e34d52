import { expect } from 'chai';
import { readLooks } from '../../src/activities/look-log.js';
import { rolloutSpecSchema } from '../../src/domain/spec/rollout-spec.js';
import { createCanaryWorld, model, releaseId, type CanaryWorld } from './support/canary-world.js';

const minute = 60_000;
const hour = 60 * minute;

describe('a canary in bad weather', () => {
  let world: CanaryWorld;
  const step = { share: 0.25, duration: 'PT1S', maximum: 'PT1H', minimumKeys: 50 };
  const rollout = rolloutSpecSchema.parse({ canary: { guards: [{ event: 'error' }] } });
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const assess = () =>
    world.assessments().assessStep({ releaseId, model, revision: 2, fromRevision: 2, step, rollout });
  const telemetryVerdict = async () => (await assess()).verdicts.find(({ gate }) => gate === 'telemetry')!;
  /** One look: the slice is over when it begins. */
  const look = () => world.watch({ leaseMilliseconds: 100 * hour });

  describe('telemetry that goes silent', () => {
    it('is believed for five minutes and not a second longer', async () => {
      await world.writeTelemetry({ users: 400, failed: 0 });
      world.pass(5 * minute);
      expect((await telemetryVerdict()).verdict).to.equal('pass');
      world.pass(1000);
      expect((await telemetryVerdict()).verdict).to.equal('unmeasured');
      expect((await assess()).verdict).to.equal('unmeasured');
    });

    it('changes nothing in what the guards have seen, and counts on when it is back', async () => {
      await world.writeTelemetry({ users: 4000, failed: 3 });
      expect(await look()).to.deep.equal({ kind: 'slice' });
      const before = await readLooks({ store: world.store, releaseId });
      world.pass(20 * minute);
      expect(await look()).to.deep.equal({ kind: 'slice' });
      expect(await readLooks({ store: world.store, releaseId })).to.deep.equal(before);
      await world.writeTelemetry({ users: 4000, failed: 60 });
      expect(await look()).to.deep.include({ kind: 'tripped' });
    });
  });

  describe('a day without traffic', () => {
    it('holds: no step passes on nobody', async () => {
      await world.writeTelemetry({ users: 0, failed: 0 });
      for (let passed = 0; passed < 24; passed += 1) {
        world.pass(hour);
        await world.writeTelemetry({ users: 0, failed: 0 });
        expect(await look()).to.deep.equal({ kind: 'slice' });
      }
      const { verdict, keys } = await assess();
      expect({ verdict, keys }).to.deep.equal({ verdict: 'unmeasured', keys: 0 });
    });

    it('starts no evidence out of nothing, and the fault after it is found', async () => {
      await world.writeTelemetry({ users: 400, failed: 1 });
      expect(await look()).to.deep.equal({ kind: 'slice' });
      world.pass(24 * hour);
      await world.writeTelemetry({ users: 400, failed: 1 });
      expect(await look()).to.deep.equal({ kind: 'slice' });
      const judged = (await assess()).verdicts.find(({ gate }) => gate === 'guard error')!;
      expect(judged.verdict).to.equal('pass');
      expect(judged.value).to.be.lessThan(20);
      await world.writeTelemetry({ users: 4000, failed: 60 });
      expect(await look()).to.deep.include({ kind: 'tripped' });
    });
  });

  describe('clocks that differ', () => {
    it('between gateways within a minute change nothing', async () => {
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g1', skew: 30_000 });
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g2', skew: -30_000 });
      expect((await telemetryVerdict()).verdict).to.equal('pass');
    });

    it('on a gateway ahead are unmeasured by name: its silence would look fresh', async () => {
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g1' });
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g2', skew: 10 * minute });
      const { verdict, reason } = await telemetryVerdict();
      expect(verdict).to.equal('unmeasured');
      expect(reason).to.contain('g2 by 600 s, limit 60 s').and.to.contain('NTP');
    });

    it('on a gateway behind count as silence', async () => {
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g2', skew: -6 * minute });
      expect((await telemetryVerdict()).reason).to.contain('360 s old (g2)');
    });

    it('never touch the guards, which count buckets and not times', async () => {
      await world.writeTelemetry({ users: 4000, failed: 60, gateway: 'g2', skew: -24 * hour });
      expect(await look()).to.deep.include({ kind: 'tripped' });
    });

    it('that go back between two workers take nothing back and start nothing', async () => {
      await world.writeTelemetry({ users: 4000, failed: 3 });
      expect(await look()).to.deep.equal({ kind: 'slice' });
      world.pass(-2 * hour);
      await world.writeTelemetry({ users: 4000, failed: 4 });
      expect(await look()).to.deep.equal({ kind: 'slice' });
      await world.writeTelemetry({ users: 4000, failed: 60 });
      expect(await look()).to.deep.include({ kind: 'tripped' });
    });
  });
});
