import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../src/activities/clock.js';
import type { AuditLog } from '../../src/activities/ports.js';
import { createTrafficActivities } from '../../src/activities/traffic.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { auditIndexKey } from '../../src/adapters/store-audit/audit-record.js';
import { readAudit } from '../../src/adapters/store-audit/read-audit.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { verifyAudit } from '../../src/adapters/store-audit/verify-audit.js';
import { planKey, StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import type { PlanChange, Target, TrafficPlan } from '../../src/domain/rollout/traffic-plan.js';
import { auditEntry } from './audit-log-contract.js';

const model = 'support-assistant';
const owner = { workflowId: 'release:support-assistant-r2', epoch: 4 };
const target = (number: number, endpoint = 'http://127.0.0.1:1/v1'): Target => ({
  ...{ releaseId: `${model}-r${number}`, endpoint, adapter: `r${number}`, promptDigest: null, indexVersion: null },
});

describe('traffic plans and the audit log', () => {
  let root: string;
  let store: DirectoryStore;
  let router: StoreRouter;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-plans-'));
    store = new DirectoryStore({ root });
    router = new StoreRouter({ store });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const traffic = (audit: AuditLog = new StoreAudit({ store })) =>
    createTrafficActivities({ store, router, audit, clock: systemClock });
  const write = (change: PlanChange, by = owner) =>
    traffic().writePlan({ model, owner: by, change, leaseMilliseconds: 600_000 });
  const pastTheLog = (change: PlanChange, by = owner): Promise<TrafficPlan> =>
    router.write({ model, owner: by, change, expectedRevision: null });
  /** A first champion and a canary of 5 %. */
  const begin = async (): Promise<void> => {
    const before = { workflowId: `release:${model}-r1`, epoch: 2 };
    const change = { champion: target(1), reason: 'first champion' };
    await traffic().writePlan({ model, owner: before, change, leaseMilliseconds: null });
    await write({ challenger: target(2), challengerShare: 0.05, reason: 'step 1' });
  };
  const put = (plan: unknown) => store.put({ key: planKey(model), body: Buffer.from(JSON.stringify(plan)) });
  const inForce = async (): Promise<TrafficPlan> => (await router.read({ model }))!;
  const logged = async (): Promise<string[]> => (await readAudit({ store, model })).map(({ entry }) => entry.key);
  const problems = async (): Promise<string> =>
    (await verifyAudit({ store, model })).problems.map(({ key, problem }) => `${key}: ${problem}`).join('\n');

  describe('after a plan was removed', () => {
    it('give no revision again, so that each has its entry', async () => {
      await begin();
      await store.remove({ key: planKey(model) });
      const owned = { workflowId: `release:${model}-r3`, epoch: 2 };
      expect((await write({ champion: target(3), reason: 'first champion' }, owned)).revision).to.equal(3);
      await write({ challenger: target(4), challengerShare: 1, reason: 'everyone' }, { ...owned, epoch: 4 });
      expect(await logged()).to.deep.equal(['plan/1', 'plan/2', 'plan/3', 'plan/4']);
      expect(await problems()).to.equal('');
    });

    it('go on from the log where the copies are gone too', async () => {
      await begin();
      for (let at = 1; at <= 30; at += 1)
        await new StoreAudit({ store }).append({ model, entry: auditEntry(`key ${at}`) });
      await store.remove({ key: planKey(model) });
      for (const revision of [1, 2]) await store.remove({ key: storeKeys.plan({ model, revision }) });
      const index = JSON.parse(Buffer.from((await store.get({ key: auditIndexKey(model) }))!.body).toString()) as {
        keys: string[];
      };
      const forged = { ...index, keys: index.keys.with(5, 'plan/900') };
      await store.put({ key: auditIndexKey(model), body: Buffer.from(JSON.stringify(forged)) });
      expect((await write({ champion: target(3), reason: 'first champion' })).revision).to.equal(3);
      expect(await problems()).to.equal('');
    });

    it('go on from the copy where its writer ended before it had an entry', async () => {
      await begin();
      const plan = await pastTheLog({ challengerShare: 0.25, reason: 'step 2' });
      const body = Buffer.from(JSON.stringify(plan));
      await store.put({ key: storeKeys.plan({ model, revision: 3 }), body });
      await store.remove({ key: planKey(model) });
      expect((await write({ champion: target(3), reason: 'first champion' })).revision).to.equal(4);
      expect(await logged()).to.deep.equal(['plan/1', 'plan/2', 'plan/3', 'plan/4']);
      expect(await problems()).to.equal('');
    });
  });

  describe('that no entry tells of', () => {
    it('are found by their number once another was written over them', async () => {
      await begin();
      const other = { workflowId: 'mallory', epoch: 100 };
      await pastTheLog({ champion: target(1, 'http://127.0.0.1:2/v1'), reason: 'x' }, other);
      await pastTheLog({ champion: target(1), reason: 'y' }, other);
      // Whoever wrote the newest may have ended before it was noted.
      expect(await problems()).to.include('ends at plan 2, although traffic/support-assistant.json is revision 4');
      await write({ challengerShare: 0.25, reason: 'step 2' }, { ...owner, epoch: 102 });
      expect(await problems()).to.include('tells of plan 4, and no entry of plan 3: written past the log');
    });

    it('are found where one was edited under its own revision, but for its lease', async () => {
      await begin();
      const plan = await inForce();
      const until = new Date(Date.parse(plan.lease!.until) + 60_000).toISOString();
      await router.renewLease({ model, revision: 2, owner, until });
      expect(await problems()).to.equal('');
      const renewed = await inForce();
      for (const edited of [
        { champion: target(1, 'http://127.0.0.1:2/v1') },
        { challenger: { ...target(2), promptDigest: 'p' } },
        { challengerShare: 1 },
        { mirrorShare: 1 },
        { holdback: 0.5 },
        { salt: 'another' },
        { stickyKey: 'request' },
        { owner: { ...owner, epoch: 100 } },
        { lease: { ...renewed.lease!, fallback: target(2) } },
      ]) {
        await put({ ...renewed, ...edited });
        expect(await problems(), JSON.stringify(edited)).to.include('is not what the log says of its revision');
      }
      await put(renewed);
      expect(await problems()).to.equal('');
    });

    it('get one where one was edited and the next is written, which stays found', async () => {
      await begin();
      await put({ ...(await inForce()), champion: target(1, 'http://127.0.0.1:2/v1') });
      await write({ challengerShare: 0.25, reason: 'step 2' });
      await write({ challengerShare: 0.25, reason: 'step 2' });
      const keys = await logged();
      expect(keys).to.have.length(4);
      expect(keys[2]).to.match(/^plan\/2\/[0-9a-f]{16}$/);
      expect(await problems()).to.match(/00000003\.json: tells of another plan than plan\/2/);
    });

    it('are found where an older one was put back', async () => {
      await begin();
      const older = await inForce();
      await write({ challengerShare: 0.25, reason: 'step 2' });
      await put(older);
      expect(await problems()).to.include('is revision 2, although the log has plan 3');
    });
  });

  describe('whose writers end or fail', () => {
    it('get no second entry by a retry or a renewed lease', async () => {
      await begin();
      const plan = await inForce();
      const until = new Date(Date.parse(plan.lease!.until) + 60_000).toISOString();
      await write({ challenger: target(2), challengerShare: 0.05, reason: 'step 1' });
      await router.renewLease({ model, revision: 2, owner, until });
      await write({ challenger: target(2), challengerShare: 0.05, reason: 'step 1' });
      await write({ challengerShare: 0.25, reason: 'step 2' });
      expect(await logged()).to.deep.equal(['plan/1', 'plan/2', 'plan/3']);
      expect(await problems()).to.equal('');
    });

    const restore = (audit: AuditLog) =>
      traffic(audit).restoreChampion({ model, owner, champion: target(1), reason: 'ended' });

    it('have their entry made up for by whoever gave users back, where the log failed once', async () => {
      await begin();
      await pastTheLog({ challengerShare: 0.25, reason: 'step 2' });
      const log = new StoreAudit({ store });
      let failures = 1;
      await restore({
        append: (input) => (failures-- > 0 ? Promise.reject(new Error('no log')) : log.append(input)),
      });
      expect(await logged()).to.deep.equal(['plan/1', 'plan/2', 'plan/3', 'plan/4']);
      expect(await problems()).to.equal('');
    });

    it('have their entry made up for by the next attempt, where the log failed all along', async () => {
      await begin();
      await pastTheLog({ challengerShare: 0.25, reason: 'step 2' });
      const failure = await restore({ append: () => Promise.reject(new Error('no log')) }).catch(String);
      expect(failure).to.equal('Error: no log');
      await write(
        { challenger: target(3), challengerShare: 0.05, reason: 'step 1 of the next' },
        { ...owner, epoch: 6 },
      );
      expect(await logged()).to.deep.equal(['plan/1', 'plan/2', 'plan/3', 'plan/4', 'plan/5']);
      expect(await problems()).to.equal('');
    });
  });

  describe('of 0.1.0, whose entries have no digest', () => {
    const note = async (revision: number, kind: 'plan' | 'rollback', challengerShare: number): Promise<void> => {
      const details = { revision, champion: `${model}-r1`, challenger: `${model}-r2`, challengerShare, holdback: 0 };
      const entry = { ...auditEntry(`plan/${revision}`, details), kind };
      await new StoreAudit({ store }).append({ model, entry });
    };

    it('are held against what the entries say', async () => {
      await pastTheLog({ champion: target(1), reason: 'first champion' });
      const leaseUntil = new Date(Date.now() + 600_000).toISOString();
      await pastTheLog({ challenger: target(2), challengerShare: 0.05, leaseUntil, reason: 'step 1' });
      await note(1, 'plan', 0);
      await note(2, 'plan', 0.05);
      expect(await problems()).to.equal('');
      await put({ ...(await inForce()), challengerShare: 1 });
      expect(await problems()).to.include('with challengerShare 1 instead of 0.05');
    });

    it('may lack one before users were given back, which waited for no log, and no other', async () => {
      await note(1, 'plan', 0);
      await note(3, 'rollback', 0);
      expect(await problems()).to.equal('');
      await note(5, 'plan', 0.05);
      expect(await problems()).to.include('no entry of plan 4');
      await note(8, 'rollback', 0.05);
      expect(await problems()).to.include('no entry of plans 6 to 7');
    });
  });
});
