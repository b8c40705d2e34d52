import { expect } from 'chai';
import { systemClock } from '../../src/activities/clock.js';
import { createTrafficActivities } from '../../src/activities/traffic.js';
import { readAudit } from '../../src/adapters/store-audit/read-audit.js';
import type { PlanChange, PlanOwner } from '../../src/domain/rollout/traffic-plan.js';
import { createCanaryWorld, model, owner, releaseId, target, type CanaryWorld } from './support/canary-world.js';

describe('restoreChampion', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const restore = () =>
    world.traffic().restoreChampion({ model, owner, champion: target('m-r1'), reason: `${releaseId} ended` });

  it('gives the champion everyone, once however often it is asked', async () => {
    expect((await restore())?.revision).to.equal(3);
    expect((await restore())?.revision).to.equal(3);
    expect(await world.router().read({ model })).to.deep.include({ challenger: null, challengerShare: 0 });
  });

  it('leaves the plan of a newer owner alone, which is no failure', async () => {
    const change = { champion: target('m-r0'), challenger: null, challengerShare: 0, reason: 'rollback by ann' };
    const lifecycle = { workflowId: 'model:m', epoch: 6 };
    await world.traffic().writePlan({ model, owner: lifecycle, change, leaseMilliseconds: null });
    expect((await restore())?.revision).to.equal(3);
    expect((await world.router().read({ model }))!.champion.releaseId).to.equal('m-r0');
  });
});

describe('writePlan, asked again by somebody whose answer was lost', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const promote = (leaseMilliseconds: number) =>
    world.traffic().writePlan({
      ...{ model, owner, leaseMilliseconds },
      change: { challengerShare: 1, holdback: 0.05, reason: `${releaseId}: promoted, holdback 5 %` },
    });

  it('writes nothing while the plan is in force', async () => {
    expect((await promote(60_000)).revision).to.equal(3);
    expect((await promote(60_000)).revision).to.equal(3);
  });

  it('writes the next one where the lease has lapsed, since the champion serves alone', async () => {
    expect((await promote(0)).revision).to.equal(3);
    expect((await promote(60_000)).revision).to.equal(4);
    expect(await world.router().read({ model })).to.deep.include({ challengerShare: 1, holdback: 0.05 });
  });
});

describe('a plan whose writer ended before it was noted', () => {
  let world: CanaryWorld;
  beforeEach(async () => {
    world = await createCanaryWorld();
    await world.startCanary();
  });
  afterEach(() => world.dispose());

  const logged = async (): Promise<string[]> =>
    (await readAudit({ store: world.store, model })).map(
      ({ entry: { key, kind, actor } }) => `${key} ${kind} ${actor}`,
    );
  const unnoted = (change: PlanChange, by: PlanOwner) =>
    world.router().write({ model, owner: by, change, expectedRevision: null });

  it('is noted by the next writer, as what it was', async () => {
    await unnoted({ challengerShare: 0.25, reason: 'next step' }, owner);
    await world.traffic().restoreChampion({ model, owner, champion: target('m-r1'), reason: `${releaseId} ended` });
    expect((await logged()).slice(-2)).to.deep.equal([
      `plan/3 plan ${owner.workflowId}#${owner.epoch}`,
      `plan/4 rollback ${owner.workflowId}#${owner.epoch + 1}`,
    ]);
  });

  it('keeps nobody from giving users back while the log is away', async () => {
    await unnoted({ challengerShare: 0.25, reason: 'next step' }, owner);
    const down = { append: () => Promise.reject(new Error('no log')) };
    const traffic = createTrafficActivities({
      ...{ store: world.store, router: world.router(), audit: down, clock: systemClock },
    });
    const champion = target('m-r1');
    const cause = { actor: 'dee', releaseId, evidenceDigest: 'e'.repeat(64) };
    const asked = { model, owner, champion, reason: 'stopped by dee', cause };
    const failure = await traffic.restoreChampion(asked).catch(String);
    expect(failure).to.equal('Error: no log');
    expect((await world.router().read({ model }))!.challengerShare).to.equal(0);
    expect(await traffic.restoreChampion(asked)).to.include({ revision: 4 });
    await world.traffic().restoreChampion(asked);
    await world.traffic().restoreChampion(asked);
    const told = (await readAudit({ store: world.store, model })).map(({ entry }) => entry);
    expect(told.filter(({ key }) => key === 'plan/4')).to.have.length(1);
    expect(told.at(-1)).to.deep.include({ ...cause, key: 'plan/4', reason: 'stopped by dee' });
  });
});
