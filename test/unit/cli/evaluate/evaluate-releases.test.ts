import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { StoreRouter } from '../../../../src/adapters/store-router/store-router.js';
import type { Part, TakenLook } from '../../../../src/contracts/evaluation.js';
import type { EvaluationResult } from '../../../../src/contracts/release.js';
import type { GoldenCase } from '../../../../src/domain/dataset/golden.js';
import { canonicalJson } from '../../../../src/domain/release/evidence.js';
import { evaluationWorld, type EvaluationWorld } from '../../../activities/support/evaluation-world.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../../../support/scripted-upstream.js';
import { record as sampleRecord } from '../../report/sample-release.js';
import { runLine } from '../run-line.js';

const words = ['parcel', 'depot', 'today', 'number', 'city', 'truck', 'road', 'night', 'early', 'late'];
const cases: GoldenCase[] = Array.from({ length: 160 }, (_, i) => ({
  ...{ id: `g${i}`, input: `Question ${i}?`, reference: words.join(' ') },
  ...{ cluster: `c${i % 80}`, tags: { language: 'en' } },
}));
const lines = (rows: readonly unknown[]): Buffer => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const share: Record<string, number> = { 'm-r1': 0.4, 'm-r2': 0.75 };
const says = ({ release, question }: { release: string; question: string }): string => {
  const draw = draws(Number(/\d+/.exec(question)![0]) + (release === 'm-r2' ? 1000 : 0));
  return words.map((word) => (draw.chance(share[release]!) ? word : 'other')).join(' ');
};

describe('understudy evaluate on releases', function () {
  this.timeout(120_000);
  let world: EvaluationWorld;
  let upstream: ScriptedUpstream;
  let root: string;
  beforeEach(async () => {
    upstream = await startScriptedUpstream();
    for (const release of ['m-r1', 'm-r2'])
      upstream.script({
        model: release,
        each: ({ messages }) => ({ answer: says({ release, question: messages.at(-1)!.content }) }),
      });
  });
  afterEach(async () => {
    await upstream.close();
    await world.close();
  });

  async function released({ looks = 1 }: { looks?: number } = {}): Promise<EvaluationResult> {
    const gates = [
      { metric: 'tokenF1', min: 0.2 },
      { metric: 'quasiExactMatch', min: 0 },
    ];
    world = await evaluationWorld({ cases, evaluation: { gates, looks }, says });
    root = dirname(dirname(dirname(await world.store.localPath({ key: 'specs/m/1.json' }))));
    const { run, activities, common, decision } = world;
    const opening = await run(activities.openEvaluation, { ...common, champion: 'm-r1' });
    const looked: TakenLook[] = [];
    for (let index = 0; ; index += 1) {
      const part: Part | null = opening.looks && { looks: opening.looks.plan, index };
      const input = { ...(await decision({ champion: true, ...(part && { part }) })), looked };
      const look = index < looks - 1 ? await run(activities.takeLook, input) : null;
      if (look && look.stop === null) looked.push(look);
      else return await run(activities.decideEvaluation, input);
    }
  }

  const command = (...line: string[]) => runLine(line, { UNDERSTUDY_STORE: root });

  async function putRecord(releaseId: string, evidenceDigest: string | null, result: EvaluationResult | null) {
    const record = {
      ...{ ...sampleRecord, model: 'm', releaseId, specification: world.common.specification, evidenceDigest },
      evaluation: result && { verdict: result.verdict, evidence: result.evidence },
      serving: { endpoint: upstream.endpoint, liveEndpoint: upstream.endpoint, adapter: releaseId, settings: {} },
    };
    await world.store.put({ key: `releases/${releaseId}/record.json`, body: Buffer.from(canonicalJson(record)) });
  }

  it('recomputes what a release decided, early end and all, and finds another digest in its record', async () => {
    const result = await released({ looks: 4 });
    await putRecord('m-r2', result.evidenceDigest, result);
    const equal = await command('evaluate', 'recompute', '--release', 'm-r2', '--json');
    expect(equal.json()).to.deep.include({ equal: true, evidenceDigest: result.evidenceDigest, differences: [] });
    const evidence = await world.evidenceOf(result);
    expect(evidence.looks!.taken.at(-1)!.stop).to.equal('success');

    await putRecord('m-r2', 'f'.repeat(64), result);
    const differs = await command('evaluate', 'recompute', '--release', 'm-r2');
    expect(differs.code).to.equal(1);
    expect(differs.stdout).to.contain(
      `evidence digest in record.json: recorded ${'f'.repeat(64)}, recomputed ${result.evidenceDigest}`,
    );
  });

  it('shows the evaluation of a release, with intervals and the look that ended it', async () => {
    await released({ looks: 4 });
    const shown = await command('evaluate', 'show', 'm-r2', '--format', 'json');
    expect(shown.code, shown.stderr).to.equal(0);
    const { verdict, verdicts } = shown.json<{ verdict: string; verdicts: { gate: string; interval: unknown }[] }>();
    expect(verdict).to.equal('pass');
    expect(verdicts.map((one) => one.gate)).not.to.include('early looks');
    expect(verdicts.find((one) => one.gate === 'superior tokenF1')?.interval).to.be.an('object');
  });

  it('takes the answers that a release gave, and asks one that has none', async () => {
    await released();
    await putRecord('m-r1', null, null);
    await putRecord('m-r2', null, null);
    const target = (releaseId: string) => ({
      ...{ releaseId, endpoint: upstream.endpoint, adapter: releaseId, promptDigest: 'p', indexVersion: null },
    });
    await new StoreRouter({ store: world.store }).write({
      model: 'm',
      owner: { workflowId: 'w', epoch: 2 },
      change: { champion: target('m-r1'), reason: 'promoted' },
      expectedRevision: null,
    });
    const folder = join(root, 'spec');
    await world.store.put({
      key: 'spec/v1.jsonl',
      body: lines(cases),
    });
    const spec = {
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'base' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: {
        preset: 'support-deterministic',
        gates: [
          { metric: 'tokenF1', min: 0.2 },
          { metric: 'quasiExactMatch', min: 0 },
        ],
      },
    };
    await writeFile(join(folder, 'spec.yaml'), stringify(spec));
    const line = [
      'evaluate',
      '--spec',
      join(folder, 'spec.yaml'),
      '--candidate',
      'm-r2',
      '--against',
      'champion',
      '--json',
    ];
    const ran = await command(...line);
    expect(ran.code, ran.stderr).to.equal(0);
    expect(ran.json()).to.deep.include({ candidate: 'm-r2', against: 'm-r1', verdict: 'pass' });
    const asked = (model: string): number => upstream.received.filter((one) => one.model === model).length;
    // What the release answered in its own evaluation is in the store; the golden set is the same bytes.
    expect([asked('m-r2'), asked('m-r1')]).to.deep.equal([0, 0]);
    const more = [...cases, { ...cases[0]!, id: 'new', input: 'Question 999?' }];
    await world.store.put({ key: 'spec/v1.jsonl', body: lines(more) });
    const again = await command(...line);
    expect(again.code, again.stderr).to.equal(0);
    expect([asked('m-r2'), asked('m-r1')]).to.deep.equal([1, 1]);
  });
});
