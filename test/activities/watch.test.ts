import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createTrafficActivities } from '../../src/activities/traffic.js';
import { createStepActivities } from '../../src/activities/canary-assessment.js';
import { createWatchActivities } from '../../src/activities/watch.js';
import { readLooks } from '../../src/activities/look-log.js';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { telemetryKey } from '../../src/adapters/store-telemetry/read-snapshot.js';
import { StoreTelemetry } from '../../src/adapters/store-telemetry/store-telemetry.js';
import type { WatchInput, WatchResult } from '../../src/contracts/watch.js';
import { bucketCount } from '../../src/domain/rollout/buckets.js';
import { latencyBounds, type Telemetry } from '../../src/domain/rollout/telemetry.js';
import type { Target } from '../../src/domain/rollout/traffic-plan.js';
import { leaseGate } from '../../src/contracts/watch.js';
import { lookSchema } from '../../src/domain/rollout/looks.js';
import { rolloutSpecSchema } from '../../src/domain/spec/rollout-spec.js';

const model = 'm';
const releaseId = 'm-r2';
const owner = { workflowId: 'release:m-r2', epoch: 4 };
const target = (name: string): Target => ({
  releaseId: name,
  endpoint: 'http://127.0.0.1:1/v1',
  adapter: name,
  promptDigest: null,
  indexVersion: null,
});
const buckets = {
  empty: () => RoaringBucketSet.empty(),
  fromBase64: (text: string) => RoaringBucketSet.fromBase64(text),
};

describe('watchGuards', () => {
  let root: string;
  let store: DirectoryStore;
  let now: number;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-watch-'));
    store = new DirectoryStore({ root });
    now = Date.parse('2026-03-01T00:00:00.000Z');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const clock = { now: () => new Date(now).toISOString() };
  const router = () => new StoreRouter({ store, now: () => new Date(now) });
  const ports = () => ({
    store,
    router: router(),
    telemetry: new StoreTelemetry({ store, onCorrupt: ({ reason }) => expect.fail(reason) }),
    buckets,
    audit: new StoreAudit({ store }),
    clock,
  });
  const input = (change: Partial<WatchInput> = {}): WatchInput => ({
    releaseId,
    model,
    owner,
    fromRevision: 2,
    guards: [{ event: 'error', direction: 'higher', margin: 0.2, weight: 1 }],
    alpha: 0.01,
    errorLimit: 0.02,
    errorWindowMilliseconds: 600_000,
    leaseMilliseconds: 60_000,
    sliceMilliseconds: 0,
    ...change,
  });

  /** The champion alone, then a canary of 25 %. */
  async function startCanary(): Promise<void> {
    const traffic = createTrafficActivities(ports());
    const before = { workflowId: 'release:m-r1', epoch: 2 };
    await traffic.writePlan({
      model,
      owner: before,
      change: { champion: target('m-r1'), reason: 'first' },
      leaseMilliseconds: null,
    });
    const change = { challenger: target(releaseId), challengerShare: 0.25, reason: 'canary' };
    await traffic.writePlan({ model, owner, change, leaseMilliseconds: 60_000 });
  }

  /** Users 0 .. n-1, spread over the buckets by 4:1; the first `failed` of the challenger's see an error. */
  async function writeTelemetry({ users, failed }: { users: number; failed: number }): Promise<void> {
    const all = Array.from({ length: users }, (_, user) => Math.floor((user * bucketCount) / users));
    const split = bucketCount / 4;
    const arm = (own: number[], errors: number[]) => ({
      exposed: RoaringBucketSet.of(own).toBase64(),
      requests: own.length,
      latency: latencyBounds.map(() => 0).concat(0),
      events: { error: { count: errors.length, buckets: RoaringBucketSet.of(errors).toBase64() } },
    });
    const challenger = all.filter((bucket) => bucket < split);
    const telemetry: Telemetry = {
      model,
      gateway: 'g1',
      revision: 2,
      at: clock.now(),
      arms: {
        champion: arm(
          all.filter((bucket) => bucket >= split),
          [],
        ),
        challenger: arm(challenger, challenger.slice(0, failed)),
      },
      breaker: [],
    };
    await store.put({
      key: telemetryKey({ model, revision: 2, gateway: 'g1' }),
      body: Buffer.from(JSON.stringify(telemetry)),
    });
  }

  const watch = (change: Partial<WatchInput> = {}): Promise<WatchResult> =>
    new MockActivityEnvironment().run(createWatchActivities(ports()).watchGuards, input(change));

  it('lets a healthy canary go on, keeps what it saw, and renews the lease without a new revision', async () => {
    await startCanary();
    await writeTelemetry({ users: 400, failed: 0 });
    now += 30_000;
    expect(await watch()).to.deep.equal({ kind: 'slice' });
    const plan = (await router().read({ model }))!;
    expect(plan.revision).to.equal(2);
    expect(plan.lease?.until).to.equal('2026-03-01T00:01:30.000Z');
    const looks = await readLooks({ store, releaseId });
    expect(looks).to.have.length(1);
    expect(looks[0]!.look.revisions[0]).to.deep.include({ revision: 2, share: 0.25 });
    expect(looks[0]!.look.revisions[0]!.arms.challenger.keys).to.equal(100);
  });

  it('gives the champion its traffic back when a guard fails, before it says so', async () => {
    await startCanary();
    await writeTelemetry({ users: 400, failed: 12 });
    const result = await watch();
    expect(result.kind).to.equal('tripped');
    if (result.kind !== 'tripped') return;
    expect(result.reason).to.match(/^error: evidence .* >= 100 that the challenger is higher by more than 20 %/);
    const plan = (await router().read({ model }))!;
    expect(plan).to.deep.include({ revision: 3, challenger: null, challengerShare: 0, lease: null });
    expect(plan.champion.releaseId).to.equal('m-r1');
    expect(plan.owner).to.deep.equal({ ...owner, epoch: 5 });
    const late = createTrafficActivities(ports()).writePlan({
      model,
      owner,
      change: { challenger: target(releaseId), challengerShare: 0.5, reason: 'late step' },
      leaseMilliseconds: 60_000,
    });
    expect(await late.catch((error: { type: string }) => error.type)).to.equal('PlanFenced');
  });

  it('finishes what a killed watcher began: the trip was written, the plan was not', async () => {
    await startCanary();
    await writeTelemetry({ users: 400, failed: 12 });
    const broken = {
      ...ports(),
      router: {
        ...router(),
        read: router().read.bind(router()),
        write: () => Promise.reject(new Error('killed here')),
        renewLease: router().renewLease.bind(router()),
      },
    };
    const first = new MockActivityEnvironment().run(createWatchActivities(broken as never).watchGuards, input());
    expect(String(await first.catch((error: unknown) => error))).to.equal('Error: killed here');
    expect((await router().read({ model }))?.challengerShare).to.equal(0.25);
    const result = await watch();
    expect(result.kind).to.equal('tripped');
    expect((await router().read({ model }))?.challengerShare).to.equal(0);
    const again = await watch();
    expect(again.kind).to.equal('tripped');
    expect((await router().read({ model }))?.revision).to.equal(3);
  });

  it('never brings a lapsed share back, and the step is told', async () => {
    await startCanary();
    await writeTelemetry({ users: 400, failed: 0 });
    now += 61_000;
    expect((await watch()).kind).to.equal('slice');
    expect((await router().read({ model }))?.lease?.until).to.equal('2026-03-01T00:01:00.000Z');
    const rollout = rolloutSpecSchema.parse({});
    const assessed = await createStepActivities(ports()).assessStep({
      releaseId,
      model,
      revision: 2,
      fromRevision: 2,
      step: rollout.canary.steps[1]!,
      rollout,
    });
    expect(assessed.leaseLapsed).to.equal(true);
  });

  it('stops watching a plan that somebody else owns', async () => {
    await startCanary();
    await router().write({
      model,
      owner: { workflowId: 'model:m', epoch: 6 },
      change: { challenger: null, challengerShare: 0, leaseUntil: null, reason: 'rollback' },
      expectedRevision: null,
    });
    const result = await watch();
    expect(result.kind).to.equal('moved');
    if (result.kind === 'moved') expect(result.reason).to.match(/belongs to model:m epoch 6, not release:m-r2 epoch 4/);
  });

  it('counts from the start of the canary at the end of the bake, also when the first look saw nobody', async () => {
    await startCanary();
    await watch();
    await writeTelemetry({ users: 400, failed: 3 });
    await watch();
    const change = { challengerShare: 1, holdback: 0.05, reason: 'promoted' };
    await createTrafficActivities(ports()).writePlan({ model, owner, change, leaseMilliseconds: 60_000 });
    const rollout = rolloutSpecSchema.parse({ canary: { guards: [{ event: 'error' }] } });
    const [guard] = await createStepActivities(ports()).assessBake({
      releaseId,
      model,
      fromRevision: 2,
      rollout,
      first: false,
    });
    expect(guard!.reason).to.include('challenger 3 of 100 keys, champion 0 of 300');
  });

  describe('assessStep', () => {
    const step = { share: 0.25, duration: 'PT1S', maximum: 'PT1H', minimumKeys: 50 };
    const rollout = rolloutSpecSchema.parse({ canary: { guards: [{ event: 'error' }] } });
    const assess = () =>
      createStepActivities(ports()).assessStep({ releaseId, model, revision: 2, fromRevision: 2, step, rollout });

    it('is unmeasured without telemetry', async () => {
      await startCanary();
      expect(await assess()).to.include({ verdict: 'unmeasured', keys: 0 });
    });

    it('is inconclusive under the minimum of keys, with both numbers', async () => {
      await startCanary();
      await writeTelemetry({ users: 80, failed: 0 });
      const assessed = await assess();
      expect(assessed.verdicts.find((one) => one.gate === 'minimum keys')).to.deep.include({
        verdict: 'inconclusive',
        reason: '20 keys on the challenger < 50',
      });
      expect(assessed.verdict).to.not.equal('pass');
    });

    it('is unmeasured on stale telemetry, however good it looks', async () => {
      await startCanary();
      await writeTelemetry({ users: 400, failed: 0 });
      now += 6 * 60_000;
      const assessed = await assess();
      expect(assessed.verdict).to.equal('unmeasured');
      expect(assessed.reason).to.include('newest telemetry is 360 s old, limit 300 s');
    });

    it('is unmeasured when keys are not split as planned', async () => {
      await startCanary();
      await writeTelemetry({ users: 400, failed: 0 });
      const snapshot = JSON.parse(
        Buffer.from((await store.get({ key: telemetryKey({ model, revision: 2, gateway: 'g1' }) }))!.body).toString(),
      ) as Telemetry;
      snapshot.arms.champion.exposed = RoaringBucketSet.of([bucketCount - 1, bucketCount - 2]).toBase64();
      await store.put({
        key: telemetryKey({ model, revision: 2, gateway: 'g1' }),
        body: Buffer.from(JSON.stringify(snapshot)),
      });
      const assessed = await assess();
      expect(assessed.verdicts.find((one) => one.gate === 'sample ratio')?.verdict).to.equal('unmeasured');
      expect(assessed.verdict).to.equal('unmeasured');
    });

    it('leaves behind what it rested on, under the digest that it names', async () => {
      await startCanary();
      await writeTelemetry({ users: 400, failed: 0 });
      const { evidenceDigest, verdict } = await assess();
      const stored = await store.get({ key: `releases/${releaseId}/canary/step-2.json` });
      expect(stored!.ref.sha256).to.equal(evidenceDigest);
      const evidence = JSON.parse(Buffer.from(stored!.body).toString()) as { look: unknown; verdict: string };
      expect(evidence.verdict).to.equal(verdict);
      expect(lookSchema.safeParse(evidence.look).success).to.equal(true);
    });
  });

  it('calls a bake inconclusive whose lease has lapsed', async () => {
    await startCanary();
    const rollout = rolloutSpecSchema.parse({});
    const assess = () =>
      createStepActivities(ports()).assessBake({ releaseId, model, fromRevision: 2, rollout, first: false });
    const ofLease = async () => (await assess()).filter((one) => one.gate === leaseGate);
    expect(await ofLease()).to.deep.equal([]);
    now += 61_000;
    const [lease] = await ofLease();
    expect(lease).to.include({ verdict: 'inconclusive' });
    expect(lease!.reason).to.match(/revision 2 lapsed at 2026-03-01T00:01:00.000Z/);
  });
});
