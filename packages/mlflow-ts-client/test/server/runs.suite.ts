import { expect } from 'chai';
import { MlflowInvalidParameterError, MlflowNotFoundError } from '../../src/errors.js';
import { collect } from '../../src/paging.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

export function runsSuite(context: Context): void {
  let experimentId: string;
  before(async () => {
    ({ experimentId } = await context().client.experiments.create({ name: uniqueName('runs') }));
  });
  const create = (tags: Record<string, string> = {}) =>
    context().client.runs.create({ experimentId, name: 'a run', tags });

  it('goes from start to end', async () => {
    const { runs } = context().client;
    const { runId } = await create({ release: 'm-r1' });
    expect(await runs.get({ runId })).to.deep.include({
      status: 'RUNNING',
      endedAt: undefined,
      name: 'a run',
      experimentId,
    });
    await runs.update({ runId, status: 'FINISHED', name: 'renamed' });
    const ended = await runs.get({ runId });
    expect(ended).to.include({ status: 'FINISHED', name: 'renamed' });
    expect(ended.tags).to.include({ release: 'm-r1' });
    expect(ended.endedAt).to.be.at.least(ended.startedAt ?? Infinity);
  });

  it('logs more than one call can take, and reads the whole history over pages', async () => {
    const { runs } = context().client;
    const { runId } = await create();
    const metrics = Array.from({ length: 2345 }, (_, step) => ({
      key: 'loss',
      value: 1 / (step + 1),
      step,
      timestamp: 1000 + step,
    }));
    const params = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p${i}`, i]));
    const tags = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`t${i}`, 'é 😀']));
    expect(await runs.logBatch({ runId, metrics, params, tags })).to.deep.equal({ calls: 3 });
    const history = await collect({ items: runs.metricHistory({ runId, key: 'loss', pageSize: 500 }) });
    expect(history).to.deep.equal(metrics);
    const found = await runs.get({ runId });
    expect(found.metrics).to.deep.equal({ loss: 1 / 2345 });
    expect(found.params).to.include({ p0: '0', p149: '149' });
    expect(found.tags).to.include({ t119: 'é 😀' });
  });

  it('stores nothing twice when the same is logged again', async () => {
    const { runs } = context().client;
    const { runId } = await create();
    const data = {
      runId,
      metrics: [{ key: 'm', value: 1, step: 1, timestamp: 5 }],
      params: { a: 1 },
      tags: { b: '2' },
    };
    await runs.logBatch(data);
    await runs.logBatch(data);
    expect(await collect({ items: runs.metricHistory({ runId, key: 'm' }) })).to.have.length(1);
    expect(await failureOf(runs.logBatch({ runId, params: { a: 2 } }))).to.be.instanceOf(MlflowInvalidParameterError);
  });

  it('takes NaN and the longest values that are allowed', async () => {
    const { runs } = context().client;
    const { runId } = await create();
    await runs.logMetric({ runId, key: 'k'.repeat(250), value: NaN });
    await runs.logMetric({ runId, key: 'inf', value: Infinity });
    await runs.logBatch({ runId, params: { long: '😀'.repeat(6000) }, tags: { long: 'x'.repeat(8000) } });
    const found = await runs.get({ runId });
    expect(found.metrics['k'.repeat(250)]).to.satisfy(Number.isNaN);
    expect(found.metrics.inf).to.equal(Number.MAX_VALUE);
    expect(found.params.long).to.equal('😀'.repeat(6000));
    expect(found.tags.long).to.have.length(8000);
  });

  it('has no history of a metric that was never logged', async () => {
    const { runId } = await create();
    expect(await collect({ items: context().client.runs.metricHistory({ runId, key: 'none' }) })).to.deep.equal([]);
  });

  it('sets and deletes tags', async () => {
    const { runs } = context().client;
    const { runId } = await create();
    await runs.setTag({ runId, key: 'a', value: '1' });
    await runs.setTag({ runId, key: 'a', value: '2' });
    expect((await runs.get({ runId })).tags.a).to.equal('2');
    await runs.deleteTag({ runId, key: 'a' });
    expect((await runs.get({ runId })).tags).to.not.have.property('a');
    expect(await failureOf(runs.deleteTag({ runId, key: 'a' }))).to.be.instanceOf(MlflowNotFoundError);
  });

  it('notes dataset inputs once, however often', async () => {
    const { runs } = context().client;
    const { runId } = await create();
    const dataset = {
      name: 'tickets',
      digest: 'abc123',
      sourceType: 'local',
      source: '{"uri":"tickets.csv"}',
      profile: '{"rows":600}',
      tags: { 'mlflow.data.context': 'training' },
    };
    await runs.logInputs({ runId, datasets: [dataset] });
    await runs.logInputs({ runId, datasets: [dataset] });
    expect((await runs.get({ runId })).datasets).to.deep.equal([{ ...dataset, schema: undefined }]);
    expect(await failureOf(runs.logInputs({ runId, datasets: [{ ...dataset, digest: 'd'.repeat(37) }] })))
      .to.have.property('message')
      .that.includes('37 characters > 36');
  });

  it('searches by metric, param and tag over pages', async () => {
    const { runs } = context().client;
    const group = uniqueName('group');
    for (let i = 0; i < 5; i += 1) {
      const { runId } = await create({ group });
      await runs.logBatch({ runId, metrics: [{ key: 'score', value: i }], params: { rank: '16' } });
    }
    const filter = `tags.group = '${group}' AND metrics.score >= 1 AND params.rank = '16'`;
    const found = await collect({
      items: runs.search({ experimentIds: [experimentId], filter, orderBy: ['metrics.score DESC'], pageSize: 3 }),
    });
    expect(found.map(({ metrics }) => metrics.score)).to.deep.equal([4, 3, 2, 1]);
  });

  it('creates one run for one key, attempt after attempt, and settles a race', async () => {
    const { runs } = context().client;
    const request = { experimentId, key: 'understudy.release', value: uniqueName("it's-r") };
    const first = await runs.getOrCreateByTag(request);
    expect((await runs.getOrCreateByTag(request)).runId).to.equal(first.runId);
    const race = { ...request, value: uniqueName('race') };
    await Promise.all(Array.from({ length: 5 }, () => runs.getOrCreateByTag(race)));
    const left = await runs.getOrCreateByTag(race);
    const all = await collect({
      items: runs.search({ experimentIds: [experimentId], filter: `tags.\`understudy.release\` = '${race.value}'` }),
    });
    expect(all.map(({ runId }) => runId)).to.include(left.runId);
  });

  it('deletes and restores', async () => {
    const { runs } = context().client;
    const { runId } = await create();
    await runs.delete({ runId });
    expect((await runs.get({ runId })).lifecycleStage).to.equal('deleted');
    await runs.restore({ runId });
    expect((await runs.get({ runId })).lifecycleStage).to.equal('active');
    expect(await failureOf(runs.get({ runId: '0'.repeat(32) }))).to.be.instanceOf(MlflowNotFoundError);
  });
}
