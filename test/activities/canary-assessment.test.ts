import { expect } from 'chai';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { telemetryKey } from '../../src/adapters/store-telemetry/read-snapshot.js';
import { bucketCount } from '../../src/domain/rollout/buckets.js';
import { lookSchema } from '../../src/domain/rollout/looks.js';
import type { Telemetry } from '../../src/domain/rollout/telemetry.js';
import { rolloutSpecSchema } from '../../src/domain/spec/rollout-spec.js';
import { createCanaryWorld, model, owner, releaseId, target, type CanaryWorld } from './support/canary-world.js';

describe('what a canary and a bake may pass on', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
  });
  afterEach(() => world.dispose());

  describe('assessStep', () => {
    const step = { share: 0.25, duration: 'PT1S', maximum: 'PT1H', minimumKeys: 50 };
    const rollout = rolloutSpecSchema.parse({ canary: { guards: [{ event: 'error' }] } });
    const assess = () =>
      world.assessments().assessStep({ releaseId, model, revision: 2, fromRevision: 2, step, rollout });

    it('is unmeasured without telemetry', async () => {
      await world.startCanary();
      expect(await assess()).to.include({ verdict: 'unmeasured', keys: 0 });
    });

    it('is inconclusive under the minimum of keys, with both numbers', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 80, failed: 0 });
      const assessed = await assess();
      expect(assessed.verdicts.find((one) => one.gate === 'minimum keys')).to.deep.include({
        verdict: 'inconclusive',
        reason: '20 keys on the challenger under revision 2 < 50',
      });
      expect(assessed.verdict).to.not.equal('pass');
    });

    it('counts what the challenger answered under the revision of the step alone, also keys that met it before', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0 });
      const { writePlan } = world.traffic();
      const change = { challenger: target(releaseId), challengerShare: 0.5, reason: 'second step' };
      await writePlan({ model, owner, change, leaseMilliseconds: 60_000 });
      const second = () =>
        world.assessments().assessStep({ releaseId, model, revision: 3, fromRevision: 2, step, rollout });
      expect(await second()).to.include({ verdict: 'unmeasured', keys: 0 });
      await world.writeTelemetry({ users: 240, failed: 0, revision: 3 });
      const assessed = await second();
      expect(assessed.keys).to.equal(60);
      expect(assessed.verdicts.find((one) => one.gate === 'minimum keys')?.verdict).to.equal('pass');
    });

    it('is unmeasured on stale telemetry, however good it looks', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0 });
      world.pass(6 * 60_000);
      const assessed = await assess();
      expect(assessed.verdict).to.equal('unmeasured');
      expect(assessed.reason).to.include('oldest telemetry of 1 live gateways is 360 s old (g1), limit 300 s');
    });

    it('goes by the gateway that has counted nothing for longest, unless that one has drained', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g2' });
      world.pass(6 * 60_000);
      await world.writeTelemetry({ users: 400, failed: 0 });
      const telemetry = async () => (await assess()).verdicts.find((one) => one.gate === 'telemetry')!;
      expect(await telemetry()).to.include({
        verdict: 'unmeasured',
        reason: 'oldest telemetry of 2 live gateways is 360 s old (g2), limit 300 s',
      });
      await world.writeTelemetry({ users: 400, failed: 0, gateway: 'g2', ended: true });
      world.pass(60_000);
      expect(await telemetry()).to.include({ verdict: 'pass', n: 1 });
    });

    it('asks nothing of a gateway that ended before the revision began', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0, revision: 1, gateway: 'g0' });
      world.pass(60 * 60_000);
      await world.writeTelemetry({ users: 400, failed: 0 });
      expect((await assess()).verdicts.find((one) => one.gate === 'telemetry')?.verdict).to.equal('pass');
    });

    it('is unmeasured while counters can not be read, and the lease runs out', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0 });
      const key = telemetryKey({ model, revision: 2, gateway: 'g2' });
      await world.store.put({ key, body: Buffer.from('{') });
      const assessed = await assess();
      expect(assessed.verdict).to.equal('unmeasured');
      expect(assessed.reason).to.include(`counters can't be read: ${key}`);
      world.pass(30_000);
      expect((await world.watch()).kind).to.equal('slice');
      expect((await world.router().read({ model }))?.lease?.until).to.equal('2026-03-01T00:01:00.000Z');
      await world.store.remove({ key });
      await world.watch();
      expect((await world.router().read({ model }))?.lease?.until).to.equal('2026-03-01T00:01:30.000Z');
    });

    it('is unmeasured when keys are not split as planned', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0 });
      const snapshot = JSON.parse(
        Buffer.from(
          (await world.store.get({ key: telemetryKey({ model, revision: 2, gateway: 'g1' }) }))!.body,
        ).toString(),
      ) as Telemetry;
      snapshot.arms.champion.exposed = RoaringBucketSet.of([bucketCount - 1, bucketCount - 2]).toBase64();
      await world.store.put({
        key: telemetryKey({ model, revision: 2, gateway: 'g1' }),
        body: Buffer.from(JSON.stringify(snapshot)),
      });
      const assessed = await assess();
      expect(assessed.verdicts.find((one) => one.gate === 'sample ratio')?.verdict).to.equal('unmeasured');
      expect(assessed.verdict).to.equal('unmeasured');
    });

    it('leaves behind what it rested on, under the digest that it names', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0 });
      const { evidenceDigest, verdict } = await assess();
      const stored = await world.store.get({ key: `releases/${releaseId}/canary/step-2.json` });
      expect(stored!.ref.sha256).to.equal(evidenceDigest);
      const evidence = JSON.parse(Buffer.from(stored!.body).toString()) as { look: unknown; verdict: string };
      expect(evidence.verdict).to.equal(verdict);
      expect(lookSchema.safeParse(evidence.look).success).to.equal(true);
    });
  });

  describe('assessBake', () => {
    it('counts from the start of the canary at the end of the bake, also when the first look saw nobody', async () => {
      await world.startCanary();
      await world.watch();
      await world.writeTelemetry({ users: 400, failed: 3 });
      await world.watch();
      const change = { challengerShare: 1, holdback: 0.05, reason: 'promoted' };
      await world.traffic().writePlan({ model, owner, change, leaseMilliseconds: 60_000 });
      const rollout = rolloutSpecSchema.parse({ canary: { guards: [{ event: 'error' }] } });
      const { verdicts } = await world.assessments().assessBake({
        releaseId,
        model,
        fromRevision: 2,
        rollout,
        first: false,
      });
      expect(verdicts.find((one) => one.gate === 'guard error')!.reason).to.include(
        'challenger 3 of 100 keys, champion 0 of 300',
      );
    });

    const bake = (first: boolean) =>
      world
        .assessments()
        .assessBake({ releaseId, model, fromRevision: first ? null : 2, rollout: rolloutSpecSchema.parse({}), first });

    it('is unmeasured on stale telemetry', async () => {
      await world.startCanary();
      await world.writeTelemetry({ users: 400, failed: 0 });
      world.pass(6 * 60_000);
      const { verdict, reason } = await bake(false);
      expect(verdict).to.equal('unmeasured');
      expect(reason).to.include('is 360 s old (g1)');
    });

    it('lets a first champion pass, and says that it was not measured', async () => {
      await world.startCanary();
      const { verdict, verdicts } = await bake(true);
      expect(verdict).to.equal('pass');
      expect(verdicts[0]).to.include({ gate: 'bake', verdict: 'unmeasured' });
    });

    it('calls a bake inconclusive whose lease has lapsed', async () => {
      await world.startCanary();
      const rollout = rolloutSpecSchema.parse({});
      const assess = () => world.assessments().assessBake({ releaseId, model, fromRevision: 2, rollout, first: false });
      const ofLease = async () => (await assess()).verdicts.filter((one) => one.gate === 'lease');
      expect(await ofLease()).to.deep.equal([]);
      world.pass(61_000);
      const [lease] = await ofLease();
      expect(lease).to.include({ verdict: 'inconclusive' });
      expect(lease!.reason).to.match(/revision 2 lapsed at 2026-03-01T00:01:00.000Z/);
    });
  });
});
