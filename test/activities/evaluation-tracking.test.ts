import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MlflowClient, collect } from 'mlflow-ts-client';
import { type MlflowServer, startMlflow } from '../../packages/mlflow-ts-client/test/support/mlflow-server.js';
import { MlflowRegistry } from '../../src/adapters/mlflow-registry/mlflow-registry.js';
import type { GoldenCase } from '../../src/domain/dataset/golden.js';
import { evaluationWorld, type EvaluationWorld } from './support/evaluation-world.js';

const cases: GoldenCase[] = Array.from({ length: 60 }, (_, at) => ({
  ...{ id: `g${at}`, input: `Where is parcel ${at}?`, reference: `Parcel ${at} is in the depot` },
  ...{ cluster: `c${at % 30}`, tags: { language: 'en' } },
}));

describe('an evaluation in the tracking server', function () {
  this.timeout(120_000);
  let directory: string;
  let server: MlflowServer;
  let world: EvaluationWorld;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-mlflow-'));
    server = await startMlflow({ directory });
  });
  after(async () => {
    await world?.close();
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('has scores, verdict, files and one trace for each answer of both arms, however often it is decided', async () => {
    const client = new MlflowClient({ trackingUri: server.uri, retries: 0 });
    const registry = new MlflowRegistry({ client });
    const says = ({ release, question }: { release: string; question: string }): string =>
      release === 'm-r2' ? `Parcel ${/\d+/.exec(question)![0]} is in the depot` : 'Parcel is lost';
    world = await evaluationWorld({ cases, evaluation: {}, says, registry });
    const input = await world.decision({ champion: true });
    for (let time = 0; time < 2; time += 1)
      expect((await world.run(world.activities.decideEvaluation, input)).verdict).to.equal('pass');

    const { runId } = await registry.ensureRun({ model: 'm', releaseId: 'm-r2', tags: {} });
    const run = await client.runs.get({ runId });
    expect(run.tags).to.include({
      'understudy.evaluation': 'pass',
      'understudy.evaluation.traced': '60 of 60 cases',
    });
    expect(run.params).to.deep.equal({
      ...{
        'evaluation.golden': 'm/v1',
        'evaluation.preset': 'support-deterministic',
        'evaluation.decision': 'superior',
      },
      ...{ 'evaluation.alpha': '0.05', 'evaluation.judge': 'none', prompt: 'p' },
    });
    const value = async (metric: string): Promise<number[]> =>
      (await registry.metricHistory({ runId, metric })).map((point) => point.value);
    expect(await value('evaluation/tokenF1')).to.deep.equal([1]);
    const [champion] = await value('evaluation/champion/tokenF1');
    expect(champion).to.be.within(0.2, 0.6);
    expect(await client.artifacts.downloadText({ runId, path: 'evaluation/evidence.json' })).to.contain('"verdict"');

    const { experimentId } = await client.experiments.getOrCreate({ name: 'm' });
    const kept = await collect({ items: client.traces.search({ experimentIds: [experimentId] }) });
    expect(kept).to.have.length(120);
    const { spans } = await client.traces.get({ traceId: kept[0]!.traceId });
    expect(spans[0]!.attributes).to.include.keys('arm', 'case', 'score.tokenF1', 'score.quasiExactMatch');
  });
});
