import { expect } from 'chai';
import { createLostReleaseActivities } from '../../src/activities/lost-release.js';
import { systemTiming } from '../../src/activities/judging/pacer.js';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { createRecordingActivities } from '../../src/activities/recording.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import type { LostReleaseInput } from '../../src/contracts/lost-release.js';
import type { CloseReleaseInput } from '../../src/contracts/recording.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { releaseRecordSchema, type ReleaseRecord } from '../../src/domain/release/release-record.js';
import { storeSpecification } from '../chaos/specification.js';
import { createMemoryStore } from '../chaos/world/memory-store.js';
import { createOutside } from '../chaos/world/outside.js';
import { releaseInput } from '../workflows/support/started-release.js';

const model = 'shop';
const releaseId = `${model}-r2`;
const target = (id: string) => ({
  ...{ releaseId: id, endpoint: 'http://127.0.0.1:9/v1', adapter: id, promptDigest: null, indexVersion: null },
});

/** A release that trains and is served, whose workflow is gone. */
async function lostWorld({
  rolloutEnded = true,
  rollout = 'cancelled',
  whileWaiting = () => Promise.resolve(),
}: {
  rolloutEnded?: boolean;
  rollout?: 'cancelled' | 'terminated';
  /** What happens while something is waited for. */
  whileWaiting?: (router: StoreRouter) => Promise<unknown>;
} = {}) {
  const memory = createMemoryStore({ onWrite: () => undefined });
  const store = { ...memory, ...memory.port() } as unknown as ArtifactStore;
  const outside = createOutside({
    ...{ store: memory, qualityOf: () => 'good', answers: new Map(), onNotification: () => undefined },
  });
  const { trainer, serving, registry, notifier } = outside.ports;
  const router = new StoreRouter({ store });
  const held = new Map<string, () => Promise<void>>();
  /** Waits where the next caller is to hang. */
  const pass = async (place: string): Promise<void> => {
    const hang = held.get(place);
    held.delete(place);
    await hang?.();
  };
  const ports = {
    ...{ store, registry, serving, notifier, router, codeCommit: null },
    audit: new StoreAudit({ store }),
    trainer: {
      ...trainer,
      status: async (input: Parameters<typeof trainer.status>[0]) => {
        await pass('costs');
        return await trainer.status(input);
      },
    },
    reports: {
      release: async ({ record }: { record: ReleaseRecord }) => {
        await pass('report');
        return `${record.outcome} ${record.withdrawnAt}`;
      },
    },
  };
  const { endLostRelease } = createLostReleaseActivities({
    ...ports,
    rolloutMilliseconds: 200,
    timing: { ...systemTiming, sleep: async () => void (await whileWaiting(router)) },
    outcomes: {
      startOf: async () => null,
      awaitOutcome: async ({ signal }) => {
        if (rolloutEnded) return { kind: rollout, reason: 'its release is gone' };
        return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      },
    },
  });
  const specification = await storeSpecification({ store: memory, model });
  const input = { ...releaseInput({ model }), specification };
  const lost: LostReleaseInput = {
    ...{ input, workflowId: `model:${model}`, reason: 'it was terminated' },
    ...{ startedAt: '2026-03-01T00:00:00.000Z', endedAt: '2026-03-01T01:00:00.000Z' },
  };
  const promoted: CloseReleaseInput = {
    ...{ input, runId: `run-${releaseId}`, outcome: 'promoted', stage: 'retire', reasons: ['promoted'] },
    ...{ withdrawnAt: null, startedAt: lost.startedAt, endedAt: lost.endedAt, timeline: [] },
    gathered: {
      ...{ dataset: null, adapter: null, training: null, evaluated: null },
      ...{ version: null, rolledOut: null, target: target(releaseId) },
    },
  };
  await trainer.start({ jobName: `train-${releaseId}` } as Parameters<typeof trainer.start>[0]);
  await serving.deploy({ ...{ model, releaseId, base: 'base' }, adapter: null });
  return {
    ...{ memory, outside, router, lost, endLostRelease },
    /** The release writes its record by itself. */
    close: () => createRecordingActivities(ports).closeRelease(promoted),
    /** Makes the next that comes to `place` wait there until it is let go. */
    hang: (place: 'costs' | 'report') => {
      let letGo = (): void => undefined;
      const gone = new Promise<void>((resolve) => (letGo = resolve));
      const reached = new Promise<void>((resolve) =>
        held.set(place, () => {
          resolve();
          return gone;
        }),
      );
      return { reached, letGo: () => letGo() };
    },
    report: async () => Buffer.from((await memory.get({ key: storeKeys.report({ releaseId }) }))!.body).toString(),
    record: async (): Promise<ReleaseRecord> => {
      const stored = await memory.get({ key: storeKeys.record({ releaseId }) });
      return releaseRecordSchema.parse(JSON.parse(Buffer.from(stored!.body).toString()));
    },
  };
}

describe('cleaning up after a lost release', () => {
  it('stops its job, ends its serving and its run, and writes why', async () => {
    const { lost, endLostRelease, outside, record } = await lostWorld();
    const first = await endLostRelease(lost);
    expect(first).to.deep.include({ outcome: 'failed', reasons: ['it was terminated'], kept: null });
    expect(await endLostRelease(lost)).to.deep.include({ outcome: 'failed', kept: null });
    expect(outside.jobs.get(`train-${releaseId}`)!.state).to.equal('stopped');
    expect([...outside.served.keys()]).to.deep.equal([]);
    expect(outside.runs.get(`run-${releaseId}`)).to.deep.equal({ ended: true });
    expect(await record()).to.deep.include({ outcome: 'failed', stage: 'ended', reasons: ['it was terminated'] });
    // Said twice under one key, which people hear of once.
    const said = outside.notifications.map(({ key, title }) => `${key} ${title}`);
    expect([...new Set(said)]).to.deep.equal([`${releaseId}/ended ${releaseId}: failed`]);
  });

  it('says in a record that was written already that the release does not serve any more', async () => {
    const { lost, endLostRelease, memory, record } = await lostWorld();
    await endLostRelease(lost);
    const promoted = { ...(await record()), outcome: 'promoted', reasons: ['promoted'] };
    await memory.put({ key: storeKeys.record({ releaseId }), body: Buffer.from(JSON.stringify(promoted)) });
    const ended = await endLostRelease(lost);
    expect(ended).to.deep.include({ outcome: 'promoted', withdrawnAt: lost.endedAt, kept: null });
    expect(await record()).to.deep.include({ withdrawnAt: lost.endedAt, reasons: ['promoted', 'it was terminated'] });
  });

  it('goes on behind a record whose writer was lost before the run was ended and people were told', async () => {
    const { lost, endLostRelease, outside, record } = await lostWorld();
    const { registry } = outside.ports;
    const { endRun } = registry;
    registry.endRun = () => Promise.reject(new Error('the worker is killed'));
    const refused = await endLostRelease(lost).then(() => 'done', String);
    expect(refused).to.contain('the worker is killed');
    expect(await record()).to.include({ outcome: 'failed' });
    registry.endRun = endRun;
    expect(await endLostRelease(lost)).to.deep.include({ outcome: 'failed', reasons: ['it was terminated'] });
    expect(outside.runs.get(`run-${releaseId}`)).to.deep.equal({ ended: true });
    expect(outside.notifications.map(({ title }) => title)).to.deep.equal([`${releaseId}: failed`]);
  });

  it('keeps a first champion that serves users, since there is nobody else', async () => {
    const { lost, endLostRelease, outside, router } = await lostWorld();
    await router.write({
      ...{ model, owner: { workflowId: `release:${releaseId}`, epoch: 2 }, expectedRevision: null },
      change: { champion: target(releaseId), reason: 'first champion' },
    });
    const ended = await endLostRelease({ ...lost, input: { ...lost.input, champion: null } });
    expect(ended).to.deep.include({ outcome: 'promoted', withdrawnAt: null });
    expect(ended.kept).to.deep.include({ releaseId, version: '1', target: target(releaseId) });
    expect([...outside.served.keys()]).to.deep.equal([releaseId]);
  });

  const first = <Lost extends LostReleaseInput>(lost: Lost): Lost => ({
    ...lost,
    input: { ...lost.input, champion: null },
  });
  const promote = (router: StoreRouter) =>
    router.write({
      ...{ model, owner: { workflowId: `release:${releaseId}`, epoch: 2 }, expectedRevision: null },
      change: { champion: target(releaseId), reason: 'first champion' },
    });

  it('says in the record of a first champion whose rollout was lost that it serves', async () => {
    const { lost, endLostRelease, outside, router, record } = await lostWorld();
    // Its release has ended by itself, and knew nothing of what its rollout had done.
    await endLostRelease(lost);
    await outside.ports.serving.deploy({ ...{ model, releaseId, base: 'base' }, adapter: null });
    await promote(router);
    const ended = await endLostRelease(first(lost));
    expect(ended).to.deep.include({ outcome: 'promoted', withdrawnAt: null });
    expect(ended.kept).to.deep.include({ releaseId, target: target(releaseId) });
    const written = await record();
    expect(written).to.deep.include({ outcome: 'promoted', withdrawnAt: null });
    expect(written.reasons).to.include(`${releaseId} keeps serving: there is no other champion`);
    expect(written.serving).to.include({ adapter: releaseId });
    expect(written.tracking?.modelVersion).to.equal(ended.kept!.version);
    expect([...outside.served.keys()]).to.deep.equal([releaseId]);
  });

  it('waits for a first plan that may still land, and takes the aliases off where none does', async () => {
    const late = await lostWorld({ rollout: 'terminated', whileWaiting: (router) => promote(router) });
    expect(await late.endLostRelease(first(late.lost))).to.include({ outcome: 'promoted' });

    const never = await lostWorld({ rollout: 'terminated' });
    const { registry } = never.outside.ports;
    const { version } = await registry.ensureVersion({ model, releaseId, tags: {}, runId: `run-${releaseId}` });
    await registry.setAlias({ model, alias: 'champion', version });
    expect(await never.endLostRelease(first(never.lost))).to.include({ outcome: 'failed', kept: null });
    expect(await registry.aliasTarget({ model, alias: 'champion' })).to.equal(null);
  });

  it('does not begin while the rollout still gives things back', async () => {
    const { lost, endLostRelease, outside } = await lostWorld({ rolloutEnded: false });
    const refused = await endLostRelease(lost).then(
      () => 'began',
      (error: Error) => error.message,
    );
    expect(refused).to.contain(`rollout:${releaseId} has not ended within 0.2 s`);
    expect([...outside.served.keys()]).to.deep.equal([releaseId]);
  });

  describe('whose record is still being written', () => {
    it('is not brought back by an attempt that lands afterwards', async () => {
      const { lost, endLostRelease, close, hang, record, report } = await lostWorld();
      const costs = hang('costs');
      const late = close();
      await costs.reached;
      expect(await endLostRelease(lost)).to.include({ outcome: 'failed' });
      costs.letGo();
      await late;
      expect(await record()).to.deep.include({ outcome: 'failed', reasons: ['it was terminated'] });
      expect(await report()).to.equal('failed null');
    });

    it('stays withdrawn where the attempt has written it and lands with its report', async () => {
      const { lost, endLostRelease, close, hang, record, report } = await lostWorld();
      const shown = hang('report');
      const late = close();
      await shown.reached;
      expect(await endLostRelease(lost)).to.include({ outcome: 'promoted', withdrawnAt: lost.endedAt });
      shown.letGo();
      await late;
      expect(await record()).to.include({ outcome: 'promoted', withdrawnAt: lost.endedAt });
      expect(await report()).to.equal(`promoted ${lost.endedAt}`);
    });

    it('says that it does not serve where the attempt lands before', async () => {
      const { lost, endLostRelease, close, hang, record } = await lostWorld();
      const costs = hang('costs');
      const ending = endLostRelease(lost);
      await costs.reached;
      await close();
      costs.letGo();
      expect(await ending).to.include({ outcome: 'promoted', withdrawnAt: lost.endedAt });
      expect(await record()).to.deep.include({ reasons: ['promoted', 'it was terminated'], withdrawnAt: lost.endedAt });
    });

    it('is written once by two attempts, the second of which has learned another price', async () => {
      const { outside, close, hang, record } = await lostWorld();
      const shown = hang('report');
      const late = close();
      await shown.reached;
      const first = await record();
      outside.ports.trainer.status = () => Promise.reject(new Error('the platform is away'));
      const { costUsd } = await close();
      shown.letGo();
      expect((await late).costUsd).to.equal(costUsd);
      expect(await record()).to.deep.equal(first);
    });
  });
});
