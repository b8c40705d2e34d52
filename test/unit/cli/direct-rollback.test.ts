import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { notePlan } from '../../../src/activities/plan-audit.js';
import { readAudit } from '../../../src/adapters/store-audit/read-audit.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { verifyAudit } from '../../../src/adapters/store-audit/verify-audit.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import {
  nextEpoch,
  trafficPlanSchema,
  type PlanChange,
  type Target,
} from '../../../src/domain/rollout/traffic-plan.js';
import { runLine } from './run-line.js';

const model = 'desk';
const owner = { workflowId: 'rollout:desk-r2', epoch: 4 };
const target = (releaseId: string): Target => ({
  ...{ releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
});

describe('rollback --direct', () => {
  let home: string;
  let environment: Record<string, string>;
  let store: DirectoryStore;
  let router: StoreRouter;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'understudy-direct-'));
    store = new DirectoryStore({ root: join(home, 'store') });
    router = new StoreRouter({ store });
    // Nobody listens there: Temporal is away.
    environment = { UNDERSTUDY_HOME: home, TEMPORAL_ADDRESS: `127.0.0.1:${await getPort()}` };
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const write = (change: Omit<PlanChange, 'reason'>) =>
    router.write({ model, owner, change: { ...change, reason: 'a step' }, expectedRevision: null });
  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
  const inCanary = async () => {
    const plan = await write({ champion: target('desk-r1') });
    await notePlan({ store, audit: new StoreAudit({ store }), model, plan });
    await write({ challenger: target('desk-r2'), challengerShare: 0.25, leaseUntil: inAnHour() });
  };
  const rollBack = (...more: string[]) =>
    runLine(['rollback', model, '--direct', '--reason', 'complaints', '--by', 'ben', '--json', ...more], environment);

  it('gives the champion everybody with Temporal away, and says once what is left to do', async () => {
    await inCanary();
    const { code, json } = await rollBack();
    expect(code).to.equal(0);
    expect(json()).to.deep.include({ champion: 'desk-r1', reason: 'rollback by ben, past Temporal: complaints' });
    expect(await router.read({ model })).to.deep.include({
      ...{ revision: 3, challenger: null, challengerShare: 0, mirrorShare: 0, holdback: 0, lease: null },
      reason: 'rollback by ben, past Temporal: complaints',
    });
    expect((await router.read({ model }))!.champion.releaseId).to.equal('desk-r1');
    await rm(join(home, 'store'), { recursive: true });
    await inCanary();
    const { stdout } = await runLine(['rollback', model, '--direct', '--reason', 'x', '--by', 'ben'], environment);
    expect(stdout).to.contain('desk-r1 serves').and.to.contain('"understudy rollback desk" ends the release');
  });

  it('takes the promoted release back while it bakes', async () => {
    await write({ champion: target('desk-r1') });
    await write({ challenger: target('desk-r2'), challengerShare: 1, holdback: 0.05, leaseUntil: inAnHour() });
    expect((await rollBack('--to', 'desk-r1')).code).to.equal(0);
    expect(await router.read({ model })).to.deep.include({ challenger: null, challengerShare: 0, holdback: 0 });
  });

  it('fences out what the rollout writes late, and lets the lifecycle go on', async () => {
    await inCanary();
    await rollBack();
    const late = await write({ challenger: target('desk-r2'), challengerShare: 0.5, leaseUntil: inAnHour() }).catch(
      (error: Error) => error,
    );
    expect(late).to.deep.include({ type: 'PlanFenced' });
    const lifecycle = { workflowId: 'model:desk', epoch: nextEpoch(owner.epoch) };
    const change = { champion: target('desk-r1'), reason: 'rollback' };
    const written = await router.write({ model, owner: lifecycle, change, expectedRevision: null });
    expect(written.revision).to.equal(4);
  });

  it('is audited with the name and the reason, timed, and its plans are kept', async () => {
    await inCanary();
    const { json } = await rollBack();
    const entries = (await readAudit({ store, model })).map(({ entry }) => entry);
    expect(entries.map(({ key }) => key)).to.deep.equal(['plan/1', 'plan/2', 'plan/3', 'rollback-time/3']);
    expect(entries[2]).to.deep.include({
      ...{ kind: 'rollback', actor: 'ben', releaseId: 'desk-r2' },
      reason: 'rollback by ben, past Temporal: complaints',
    });
    expect((await verifyAudit({ store, model })).ok).to.equal(true);
    const kept = await store.get({ key: storeKeys.plan({ model, revision: 3 }) });
    expect(trafficPlanSchema.parse(JSON.parse(Buffer.from(kept!.body).toString())).challengerShare).to.equal(0);
    expect(json<{ time: unknown }>().time).to.deep.include({ revision: 3, gateways: [], seconds: null });
  });

  it('could not run where nothing is under way, or another release would have to be loaded', async () => {
    const nothing = await rollBack();
    expect(nothing).to.include({ code: 2 });
    expect(nothing.stderr).to.contain('desk has no traffic plan');
    await inCanary();
    const other = await rollBack('--to', 'desk-r0');
    expect(other).to.include({ code: 2 });
    expect(other.stderr).to.contain('desk-r0 has to be loaded first');
    expect((await router.read({ model }))!.challengerShare).to.equal(0.25);
    const unnamed = await runLine(['rollback', model, '--direct', '--reason', '', '--by', 'ben'], environment);
    expect(unnamed).to.include({ code: 2 });
    expect(unnamed.stderr).to.contain('reason');
    await rollBack();
    const again = await rollBack();
    expect(again).to.include({ code: 2 });
    expect(again.stderr).to.contain('desk-r1 serves everybody');
    expect((await router.read({ model }))!.revision).to.equal(3);
  });
});
