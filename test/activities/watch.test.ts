import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { readLooks } from '../../src/activities/look-log.js';
import { createWatchActivities } from '../../src/activities/watch.js';
import type { WatchInput, WatchResult } from '../../src/contracts/watch.js';
import { rolloutSpecSchema } from '../../src/domain/spec/rollout-spec.js';
import {
  createCanaryWorld,
  model,
  owner,
  releaseId,
  target,
  watchInput,
  type CanaryWorld,
} from './support/canary-world.js';

describe('watchGuards', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
  });
  afterEach(() => world.dispose());

  const watch = (change: Partial<WatchInput> = {}): Promise<WatchResult> => world.watch(change);

  it('lets a healthy canary go on, keeps what it saw, and renews the lease without a new revision', async () => {
    await world.startCanary();
    await world.writeTelemetry({ users: 400, failed: 0 });
    world.pass(30_000);
    expect(await watch()).to.deep.equal({ kind: 'slice' });
    const plan = (await world.router().read({ model }))!;
    expect(plan.revision).to.equal(2);
    expect(plan.lease?.until).to.equal('2026-03-01T00:01:30.000Z');
    const looks = await readLooks({ store: world.store, releaseId });
    expect(looks).to.have.length(1);
    expect(looks[0]!.look.revisions[0]).to.deep.include({ revision: 2, share: 0.25 });
    expect(looks[0]!.look.revisions[0]!.arms.challenger.keys).to.equal(100);
  });

  it('gives the champion its traffic back when a guard fails, before it says so', async () => {
    await world.startCanary();
    await world.writeTelemetry({ users: 400, failed: 12 });
    const result = await watch();
    expect(result.kind).to.equal('tripped');
    if (result.kind !== 'tripped') return;
    expect(result.reason).to.match(/^error: evidence .* >= 100 that the challenger is higher by more than 20 %/);
    const plan = (await world.router().read({ model }))!;
    expect(plan).to.deep.include({ revision: 3, challenger: null, challengerShare: 0, lease: null });
    expect(plan.champion.releaseId).to.equal('m-r1');
    expect(plan.owner).to.deep.equal({ ...owner, epoch: 5 });
    const late = world.traffic().writePlan({
      model,
      owner,
      change: { challenger: target(releaseId), challengerShare: 0.5, reason: 'late step' },
      leaseMilliseconds: 60_000,
    });
    expect(await late.catch((error: { type: string }) => error.type)).to.equal('PlanFenced');
  });

  it('finishes what a killed watcher began: the trip was written, the plan was not', async () => {
    await world.startCanary();
    await world.writeTelemetry({ users: 400, failed: 12 });
    const broken = {
      ...world.ports(),
      router: {
        ...world.router(),
        read: world.router().read.bind(world.router()),
        write: () => Promise.reject(new Error('killed here')),
        renewLease: world.router().renewLease.bind(world.router()),
      },
    };
    const first = new MockActivityEnvironment().run(createWatchActivities(broken as never).watchGuards, watchInput());
    expect(String(await first.catch((error: unknown) => error))).to.equal('Error: killed here');
    expect((await world.router().read({ model }))?.challengerShare).to.equal(0.25);
    const result = await watch();
    expect(result.kind).to.equal('tripped');
    expect((await world.router().read({ model }))?.challengerShare).to.equal(0);
    const again = await watch();
    expect(again.kind).to.equal('tripped');
    expect((await world.router().read({ model }))?.revision).to.equal(3);
  });

  it('never brings a lapsed share back, and the step is told', async () => {
    await world.startCanary();
    await world.writeTelemetry({ users: 400, failed: 0 });
    world.pass(61_000);
    expect((await watch()).kind).to.equal('slice');
    expect((await world.router().read({ model }))?.lease?.until).to.equal('2026-03-01T00:01:00.000Z');
    const rollout = rolloutSpecSchema.parse({});
    const assessed = await world.assessments().assessStep({
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
    await world.startCanary();
    await world.router().write({
      model,
      owner: { workflowId: 'model:m', epoch: 6 },
      change: { challenger: null, challengerShare: 0, leaseUntil: null, reason: 'rollback' },
      expectedRevision: null,
    });
    const result = await watch();
    expect(result.kind).to.equal('moved');
    if (result.kind === 'moved') expect(result.reason).to.match(/belongs to model:m epoch 6, not release:m-r2 epoch 4/);
  });
});
