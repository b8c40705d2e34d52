import { expect } from 'chai';
import { releaseNumber, remainsOf, unrecordedChampion } from '../../../../src/domain/release/remains.js';
import type { ReleaseRecord } from '../../../../src/domain/release/release-record.js';
import type { TrafficPlan } from '../../../../src/domain/rollout/traffic-plan.js';
import { record as sample } from '../../report/sample-release.js';

const model = 'support-assistant';
const now = sample.endedAt;
const record = (number: number, change: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
  ...sample,
  releaseId: `${model}-r${number}`,
  champion: number > 1 ? `${model}-r${number - 1}` : null,
  ...change,
});
const plan = (champion: string, epoch: number): TrafficPlan => ({
  model,
  revision: 7,
  owner: { workflowId: `model:${model}`, epoch },
  champion: {
    releaseId: champion,
    endpoint: 'http://127.0.0.1:9/v1',
    adapter: champion,
    promptDigest: null,
    indexVersion: null,
  },
  challenger: null,
  challengerShare: 0,
  mirrorShare: 0,
  holdback: 0,
  lease: null,
  salt: 'salt',
  stickyKey: 'user',
  reason: 'test',
  at: now,
});
const common = { model, keepReleases: 3, now };

describe('what a lost lifecycle left behind', () => {
  it('is nothing where nothing is there', () => {
    expect(remainsOf({ ...common, plan: null, releaseCount: 0, records: [] })).to.deep.equal({
      releaseCount: 0,
      epoch: 0,
      champion: null,
      previous: [],
      ended: [],
      spentUsd: { month: now.slice(0, 7), usd: 0 },
      unfinished: null,
      paused: null,
    });
  });

  it('is a pause that somebody has said', () => {
    const paused = { by: 'ann', reason: 'an incident', at: now };
    expect(remainsOf({ ...common, plan: null, releaseCount: 0, records: [], paused }).paused).to.deep.equal(paused);
  });

  it('goes by the traffic plan for who serves, and by the records for what that is', () => {
    const records = [record(3, { outcome: 'rejected' }), record(10), record(2), record(1)];
    const remains = remainsOf({ ...common, plan: plan(`${model}-r2`, 5), releaseCount: 10, records });
    expect(remains.champion).to.deep.include({ releaseId: `${model}-r2`, version: '2', adapter: sample.adapter });
    expect(remains.champion!.target.endpoint).to.equal('http://127.0.0.1:9/v1');
    expect(remains.previous.map((one) => one.releaseId)).to.deep.equal([`${model}-r10`, `${model}-r1`]);
    expect(remains.ended.map((one) => one.releaseId)).to.deep.equal([1, 2, 3, 10].map((n) => `${model}-r${n}`));
    expect(remains.spentUsd.usd).to.be.closeTo(4 * (0.0312 + 0.0041), 1e-9);
    expect(remains.unfinished).to.equal(null);
  });

  it('takes an epoch that no release of before can have had', () => {
    // Plan at epoch 5, and then four releases that never wrote one: 6, 8, 10 and 12.
    const remains = remainsOf({ ...common, plan: plan(`${model}-r1`, 5), releaseCount: 5, records: [record(1)] });
    expect(remains.epoch).to.be.greaterThan(12);
    expect(remains.epoch % 2).to.equal(0);
    expect(remains.unfinished).to.equal(`${model}-r5`);
  });

  it('knows what may run still where an alert has overtaken it, and goes by the time for what was last', () => {
    const early = record(3, { endedAt: '2020-01-01T00:00:00.000Z' });
    const common3 = { ...common, plan: plan(early.releaseId, 5), releaseCount: 3, named: [1, 2, 3] };
    const { unfinished, ended } = remainsOf({ ...common3, records: [record(1), early] });
    expect(unfinished).to.equal(`${model}-r2`);
    expect(ended.map(({ releaseId }) => releaseId)).to.deep.equal([`${model}-r3`, `${model}-r1`]);
    const asked = { ...common3, ended: `${model}-r2` };
    expect(remainsOf({ ...asked, records: [record(1), early] }).unfinished).to.equal(null);
    expect(remainsOf({ ...asked, records: [early] }).unfinished).to.equal(`${model}-r1`);

    const records = [record(1), early];
    expect(unrecordedChampion({ model, plan: plan(`${model}-r2`, 5), records })).to.equal(`${model}-r2`);
    expect(unrecordedChampion({ model, plan: plan(early.releaseId, 5), records })).to.equal(null);
    expect(unrecordedChampion({ model, plan: plan('other-r2', 5), records })).to.equal(null);
    const lost = [{ ...early, outcome: 'failed' as const }];
    expect(unrecordedChampion({ model, plan: plan(early.releaseId, 5), records: lost })).to.equal(early.releaseId);
  });

  it('serves the adapter of the champion before it where a release trained none', () => {
    const prompt = record(2, { kind: 'prompt', adapter: null });
    const records = [record(1), prompt];
    const { champion } = remainsOf({ ...common, plan: plan(`${model}-r2`, 5), releaseCount: 2, records });
    expect(champion!.adapter).to.deep.equal(sample.adapter);
  });

  it('refuses to guess what a champion without a record is', () => {
    expect(() =>
      remainsOf({ ...common, plan: plan(`${model}-r4`, 5), releaseCount: 4, records: [record(1)] }),
    ).to.throw(RangeError, /put releases\/support-assistant-r4\/record\.json back.*goes on from revision \d+$/);
  });

  it("tells a model's releases from those of a model that is named like one", () => {
    expect(releaseNumber({ model: 'm', releaseId: 'm-r12' })).to.equal(12);
    for (const releaseId of ['m-r1-r2', 'm-r0', 'm-rx', 'n-r1'])
      expect(releaseNumber({ model: 'm', releaseId })).to.equal(null);
  });
});
