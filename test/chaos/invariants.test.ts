import { expect } from 'chai';
import { systemClock } from '../../src/activities/clock.js';
import type { ArtifactStore, TrainingRequest } from '../../src/activities/ports.js';
import { createTrafficActivities } from '../../src/activities/traffic.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { planKey, StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { initialState } from '../../src/domain/release/admission.js';
import type { EndedRelease, LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import type { ReleaseRecord } from '../../src/domain/release/release-record.js';
import { trafficPlanSchema, type PlanChange, type TrafficPlan } from '../../src/domain/rollout/traffic-plan.js';
import { id, kept, model, ref, target } from '../activities/support/swept-world.js';
import { record as sampleRecord } from '../unit/report/sample-release.js';
import { violationsOf, type ModelEnd } from './invariants.js';
import type { Exposure } from './world/gateways.js';
import { createMemoryStore } from './world/memory-store.js';
import { createOutside } from './world/outside.js';

const now = '2026-03-01T00:00:00.000Z';
const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: null, keepReleases: 1, quietHours: null };
const leaseMilliseconds = 60_000;

const endedAs = (number: number, outcome: 'promoted' | 'rejected'): EndedRelease => ({
  ...{ releaseId: id(number), outcome, stage: 'retire', reasons: ['as it was'], champion: id(2), costUsd: 0 },
  ...{ seconds: 1, endedAt: now, withdrawnAt: null },
});

/** A model whose second release has replaced the first, and whose third was rejected, with everything as it must be. */
async function playedModel() {
  const plans: TrafficPlan[] = [];
  const memory = createMemoryStore({
    onWrite: ({ key, body }) => {
      if (key === planKey(model)) plans.push(trafficPlanSchema.parse(JSON.parse(Buffer.from(body).toString())));
    },
  });
  const store = { ...memory, ...memory.port() } as unknown as ArtifactStore;
  const outside = createOutside({
    ...{ store: memory, qualityOf: () => 'good', answers: new Map(), onNotification: () => undefined },
    trainingMilliseconds: 0,
  });
  const { trainer, serving, registry } = outside.ports;
  const router = new StoreRouter({ store });
  const audit = new StoreAudit({ store });
  const { writePlan } = createTrafficActivities({ store, router, audit, clock: systemClock });
  const ownerOf = (number: number) => ({ workflowId: `release:${id(number)}`, epoch: 2 * number });
  const exposures = new Map<string, Exposure>();
  const world = { store: memory, outside, plans: new Map([[model, plans]]), gateways: { exposures } };
  const state: LifecycleState = {
    ...initialState({ model, specification: ref('spec'), settings, now }),
    ...{ champion: kept(2), previous: [kept(1)], releaseCount: 3 },
    ended: [endedAs(1, 'promoted'), endedAs(2, 'promoted'), endedAs(3, 'rejected')],
  };
  const end: ModelEnd = {
    ...{ model, state },
    releases: [1, 2, 3].map((number) => ({
      ...{ releaseId: id(number), model, deed: null, done: false, terminatedAt: null, ended: true },
    })),
  };
  const played = {
    ...{ world, end, state, exposures, trainer, serving, registry, plans },
    plan: (number: number, change: PlanChange, lease: number | null = null) =>
      writePlan({ model, owner: ownerOf(number), change, leaseMilliseconds: lease }),
    train: (jobName: string, number: number) =>
      trainer.start({ jobName, trackingRunId: `run-${id(number)}` } as TrainingRequest),
    register: (number: number, releaseId = id(number)) =>
      registry.ensureVersion({ model, releaseId, runId: `run-${id(number)}`, tags: {} }),
    record: async (number: number, change: Partial<ReleaseRecord> = {}): Promise<void> => {
      const { outcome, reasons } = state.ended[number - 1]!;
      const one: ReleaseRecord = { ...sampleRecord, model, releaseId: id(number), outcome, reasons, ...change };
      await memory.put({ key: storeKeys.record({ releaseId: id(number) }), body: Buffer.from(JSON.stringify(one)) });
    },
    /** Puts a plan where another stands, past every check. */
    overwrite: (change: Partial<TrafficPlan>) =>
      memory.put({
        key: planKey(model),
        body: Buffer.from(JSON.stringify({ ...plans.at(-1)!, ...change })),
      }),
    found: () => violationsOf({ world, end, closedAt: new Map([[id(3), Date.parse(now)]]) }),
  };
  for (const number of [1, 2, 3]) {
    const { runId } = await registry.ensureRun({ model, releaseId: id(number), tags: {} });
    await played.train(`train-${id(number)}`, number);
    await trainer.status({ jobName: `train-${id(number)}` });
    await played.record(number);
    await registry.endRun({ runId, succeeded: true });
  }
  for (const number of [1, 2]) {
    const { version } = await played.register(number);
    await registry.setAlias({ model, alias: 'champion', version });
  }
  await serving.deploy({ ...{ model, releaseId: id(2), base: 'base' }, adapter: null });
  await played.plan(1, { champion: target(1), reason: `${id(1)}: first champion` });
  await played.plan(2, { challenger: target(2), challengerShare: 0.05, reason: `${id(2)}: canary` }, leaseMilliseconds);
  const { revision } = plans.at(-1)!;
  const until = new Date(Date.now() + 2 * leaseMilliseconds).toISOString();
  await router.renewLease({ model, revision, owner: ownerOf(2), until });
  await played.plan(2, { challengerShare: 1, reason: `${id(2)}: promoted, holdback 0 %` }, leaseMilliseconds);
  await played.plan(2, {
    ...{ champion: target(2), challenger: null, challengerShare: 0, reason: `${id(2)}: its bake was over` },
  });
  exposures.set(id(3), { firstAt: Date.parse(now) - 1000, lastAt: Date.parse(now) + 1000 });
  return played;
}
type Played = Awaited<ReturnType<typeof playedModel>>;

/** What goes wrong in a played model, and what must be said of it. */
const planted: [name: string, plant: (played: Played) => unknown, said: RegExp][] = [
  [
    'a second training job of another name',
    async ({ train, trainer }) => {
      await train(`train-${id(2)}-again`, 2);
      await trainer.status({ jobName: `train-${id(2)}-again` });
    },
    /shop-r2 has more than one: training job train-shop-r2, training job train-shop-r2-again/,
  ],
  ['a job of another name that runs on', ({ train }) => train('train-again', 2), /job train-again is still running/],
  [
    'a job of a release that was never asked for',
    async ({ train, trainer }) => {
      await train('train-more', 7);
      await trainer.status({ jobName: 'train-more' });
    },
    /training job train-more belongs to shop-r7, which nobody has asked for/,
  ],
  [
    'a release that is registered twice',
    ({ register }) => register(2, `${id(2)}-again`),
    /shop-r2 has more than one: model version shop\/2, model version shop\/3/,
  ],
  ['a version of no release', ({ register }) => register(8), /model version shop\/3 belongs to shop-r8/],
  [
    'a run that never ended',
    ({ registry }) => registry.ensureRun({ model, releaseId: id(4), tags: {} }),
    /the run of shop-r4 has not ended/,
  ],
  [
    'a revision that was overwritten',
    ({ overwrite, plans }) => {
      const { lease } = plans[1]!;
      return overwrite({ challenger: target(3), challengerShare: 1, lease, reason: 'late' });
    },
    /plan revision 4 was overwritten: "shop-r2: its bake was over" by "late"/,
  ],
  ['a revision that is left out', ({ overwrite }) => overwrite({ revision: 6 }), /plan revision 6 follows 4/],
  ['a revision that comes again', ({ overwrite }) => overwrite({ revision: 3 }), /plan revision 3 follows 4/],
  [
    'a plan that still names a challenger',
    ({ plan }) => plan(3, { challenger: target(3), challengerShare: 0.05, reason: 'canary' }, leaseMilliseconds),
    /the last plan still names shop-r3, share 0.05/,
  ],
  [
    'another champion in the plan',
    ({ plan }) => plan(3, { champion: target(1), reason: 'late' }),
    /the plan's champion is shop-r1, the lifecycle's shop-r2/,
  ],
  [
    'a release that is promoted twice',
    async ({ plan }) => {
      await plan(2, { challenger: target(2), challengerShare: 1, reason: `${id(2)}: promoted` }, leaseMilliseconds);
      await plan(2, { champion: target(2), challenger: null, challengerShare: 0, reason: 'over' });
    },
    /shop-r2 was promoted 2 times/,
  ],
  [
    'another version by the alias',
    ({ registry }) => registry.setAlias({ model, alias: 'champion', version: '1' }),
    /the alias champion is version 1, the lifecycle's 2/,
  ],
  [
    'a release that is still served',
    ({ serving }) => serving.deploy({ ...{ model, releaseId: id(1), base: 'base' }, adapter: null }),
    /shop-r1 is still served, and is not the champion/,
  ],
  [
    'a champion that is not served',
    ({ serving }) => serving.retire({ model, releaseId: id(2) }),
    /the champion shop-r2 is not served/,
  ],
  [
    'a release that did not end',
    ({ end }) => Object.assign(end.releases[2]!, { ended: false }),
    /shop-r3 did not end \(deed: null\)/,
  ],
  [
    'a missing record',
    ({ world }) => world.store.remove({ key: storeKeys.record({ releaseId: id(3) }) }),
    /shop-r3 has no record/,
  ],
  [
    'a record without a reason',
    ({ record }) => record(3, { reasons: [' '] }),
    /shop-r3 says rejected without a reason/,
  ],
  [
    'a record of another outcome',
    ({ record }) => record(3, { outcome: 'promoted' }),
    /shop-r3: the record says promoted, the lifecycle rejected/,
  ],
  [
    'traffic after the end',
    ({ exposures }) => exposures.set(id(3), { firstAt: 0, lastAt: Date.parse(now) + 60_000 }),
    /shop-r3 got traffic 60.0 s after its end/,
  ],
  [
    'an audit log whose entry was edited',
    async ({ world: { store } }) => {
      const [first] = await store.list({ prefix: `audit/${model}/` });
      const { body } = (await store.get({ key: first!.key }))!;
      await store.put({
        key: first!.key,
        body: Buffer.from(Buffer.from(body).toString().replace('shop-r1', 'shop-r9')),
      });
    },
    /audit: audit\/shop\//,
  ],
];

describe('the invariants that a chaos run is held against', () => {
  it('say nothing of a world in which all is as it must be', async () => {
    const { found, plans } = await playedModel();
    expect(plans.map(({ revision }) => revision)).to.deep.equal([1, 2, 2, 3, 4]);
    expect(await found()).to.deep.equal([]);
  });

  it('find no fault with a version that was asked for twice at once', async () => {
    const { found, register, world } = await playedModel();
    const asked = await Promise.all([register(3), register(3)]);
    expect(asked.map(({ version }) => version)).to.deep.equal(['3', '3']);
    expect(world.outside.versions.size).to.equal(3);
    expect(await found()).to.deep.equal([]);
  });

  for (const [name, plant, said] of planted)
    it(`find ${name}`, async () => {
      const played = await playedModel();
      await plant(played);
      const found = await played.found();
      expect(
        found.filter((violation) => said.test(violation)),
        found.join('\n'),
      ).to.have.length(1);
    });
});
