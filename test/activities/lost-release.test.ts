import { expect } from 'chai';
import type { LostReleaseInput } from '../../src/contracts/lost-release.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { lostWorld, model, promote, releaseId, target } from './support/lost-world.js';

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
