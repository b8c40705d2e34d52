import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createEvaluationActivities } from '../../../src/activities/evaluation.js';
import { evidenceSchema } from '../../../src/activities/evidence-file.js';
import { requireJudge } from '../../../src/activities/judging/require-judge.js';
import { loadJson } from '../../../src/activities/stored-json.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import type { EvaluationPlan } from '../../../src/contracts/evaluation.js';
import type { EvaluationResult } from '../../../src/contracts/release.js';
import type { ArtifactRef } from '../../../src/domain/artifact-ref.js';
import type { RetrievedDocument } from '../../../src/domain/evaluation/answer.js';
import { evaluationSpecSchema } from '../../../src/domain/spec/evaluation-spec.js';
import { answerOf, judgeWorld, sensibleReply, type JudgeWorld } from './judge-world.js';

describe('decisions on judged answers', function () {
  this.timeout(60_000);
  let world: JudgeWorld;
  beforeEach(async () => {
    world = await judgeWorld({ caseCount: 90 });
  });
  afterEach(() => world.close());

  /** Plans, judges and decides as the workflow does. */
  async function decide({
    evaluation,
    answer,
    documents,
  }: {
    evaluation: Record<string, unknown>;
    answer: (index: number) => string;
    documents?: (index: number) => RetrievedDocument[];
  }): Promise<{ plan: EvaluationPlan; decided: EvaluationResult }> {
    const { store } = world;
    const specification = await world.specify(evaluation);
    const challengerAnswers = await world.putAnswers(
      'challenger',
      world.cases.map(({ id }, index) => answerOf(id, answer(index), documents && { documents: documents(index) })),
    );
    const { judged } = await world.run({ specification, challenger: challengerAnswers });
    const table: ArtifactRef = challengerAnswers;
    const dataset = { name: 'm', digest: 'd', read: 1, rows: 1, deadLettered: {}, train: table, validation: table };
    const common = { releaseId: 'm-r2', model: 'm', specification, championAnswers: null };
    const activities = createEvaluationActivities({ store, audit: new StoreAudit({ store }), registry: null });
    const environment = new MockActivityEnvironment();
    const plan: EvaluationPlan = await environment.run(
      (input: typeof common) => activities.planEvaluation(input),
      common,
    );
    const input = {
      ...{ ...common, challengerAnswers, judged, champion: null, attempt: 1 },
      dataset: { ...dataset, manifest: table, table },
    };
    const decided: EvaluationResult = await environment.run(
      (given: typeof input) => activities.decideEvaluation(given),
      input,
    );
    return { plan, decided };
  }
  const right = (index: number): string => `This is right ${index}`;

  it('pass where the preset of a judge is met, and say what rests on the judge alone', async () => {
    const judged = ['faithfulness', 'answerRelevancy', 'hallucination', 'coherence'];
    const { plan, decided } = await decide({
      evaluation: {
        preset: 'strict',
        metrics: ['hallucination'],
        gates: [
          { metric: 'hallucination', max: 1 },
          { metric: 'coherence', min: 3.5 },
        ],
        judge: { allowUncalibrated: judged },
      },
      answer: right,
    });
    expect(plan).to.include({ judged: true, refusal: null });
    const of = (metric: string) => decided.verdicts.find((one) => one.gate.startsWith(`${metric} `))!;
    expect(decided.verdicts.filter((one) => one.verdict !== 'pass' && !one.informs)).to.deep.equal([]);
    expect(decided.verdicts.filter((one) => one.informs).map((one) => one.reason)).to.deep.equal([
      'robustnessDeltaF1: no probe was asked of this candidate',
      'cosineToReference: no embedder is configured',
      'contextualPrecision: it needs retrieved documents, and the spec has no retrieval; name it in evaluation.gates where the endpoint retrieves',
      'contextualRecall: it needs retrieved documents, and the spec has no retrieval; name it in evaluation.gates where the endpoint retrieves',
    ]);
    expect(of('faithfulness')).to.include({ value: 1, limit: 0.85 });
    expect(of('faithfulness').reason).to.match(/rests on the judge alone: .*never calibrated/);
    const evidence = await loadJson({ store: world.store, ref: decided.evidence!, schema: evidenceSchema });
    expect(evidence.judged!.map((one) => one.standing)).to.deep.equal(judged.map(() => 'allowed'));
    expect(evidence.inputs['judgement']).to.match(/^[0-9a-f]{64}$/);
    expect(evidence.report.metrics.map((one) => one.metric)).to.include.members(['tokenF1', 'faithfulness']);
  });

  describe('with retrieval', () => {
    const judged = ['contextualPrecision', 'contextualRecall', 'faithfulness', 'answerRelevancy', 'coherence'];
    const evaluation = {
      ...{ preset: 'support', retrieval: { index: 'policies' }, metrics: ['hallucination'] },
      gates: [
        { metric: 'hallucination', max: 1 },
        { metric: 'coherence', min: 3.5 },
      ],
      judge: { allowUncalibrated: [...judged, 'hallucination'] },
    };
    const found = (index: number): RetrievedDocument[] => [{ id: `d${index}`, text: `This is right ${index}` }];

    it('a preset gates on what retrieval found', async () => {
      const { decided } = await decide({ evaluation, answer: right, documents: found });
      for (const metric of ['contextualPrecision', 'contextualRecall']) {
        const gate = decided.verdicts.find((one) => one.gate === `${metric} >= 0.7`)!;
        expect(gate, metric).to.include({ verdict: 'pass', value: 1, limit: 0.7, n: 90 });
      }
    });

    it('a search that finds nothing fails the preset, and leaves no case unmeasured', async () => {
      const documents = (index: number) => (index % 3 === 0 ? found(index) : []);
      const { decided } = await decide({ evaluation, answer: right, documents });
      for (const metric of ['contextualPrecision', 'contextualRecall']) {
        const gate = decided.verdicts.find((one) => one.gate === `${metric} >= 0.7`)!;
        expect(gate, metric).to.include({ verdict: 'fail', value: 1 / 3, n: 90 });
      }
      expect(decided.verdicts.find((one) => one.gate === 'unmeasured')).to.include({ verdict: 'pass', value: 0 });
    });

    it('answers that name no documents are held to no retrieval, and that is said', async () => {
      const { decided } = await decide({ evaluation, answer: right });
      expect(decided.verdicts.filter((one) => one.gate.startsWith('contextual'))).to.deep.equal([]);
      expect(decided.verdicts.find((one) => one.gate === 'left out contextualRecall')).to.deep.include({
        ...{ verdict: 'unmeasured', informs: true },
        reason: 'contextualRecall: no answer of this candidate names the documents that were retrieved for it',
      });
    });
  });

  it('fail a challenger that invents things', async () => {
    const { decided } = await decide({
      evaluation: {
        metrics: ['faithfulness'],
        gates: [{ metric: 'faithfulness', min: 0.75 }],
        judge: { allowUncalibrated: ['faithfulness'] },
      },
      answer: (index) => `This is right ${index}. Bread is free. Cats fly. Snow is warm`,
    });
    const gate = decided.verdicts.find((one) => one.gate === 'faithfulness >= 0.75')!;
    expect(gate).to.include({ verdict: 'fail', value: 0.25, n: 90 });
    expect(decided.verdict).to.equal('fail');
  });

  it('are the same evidence when they are repeated, though the judge is asked less', async () => {
    world.upstream.script({
      model: 'cheap',
      each: (body) =>
        body.messages[1]!.content.includes('Question 3?') ? { status: 400 } : { answer: sensibleReply(body) },
    });
    const evaluation = { metrics: ['coherence'], judge: { allowUncalibrated: ['coherence'] } };
    const first = await decide({ evaluation, answer: right });
    const calls = world.asked('cheap');
    const again = await decide({ evaluation, answer: right });
    expect(world.asked('cheap') - calls).to.equal(1);
    expect(again.decided.evidenceDigest).to.equal(first.decided.evidenceDigest);
    expect(again.decided.verdicts).to.deep.equal(first.decided.verdicts);
  });

  it('hold where the judge was never calibrated and nobody allowed it', async () => {
    const { decided } = await decide({ evaluation: { metrics: ['faithfulness'] }, answer: right });
    const gate = decided.verdicts.find((one) => one.gate.startsWith('faithfulness'))!;
    expect(gate.verdict).to.equal('unmeasured');
    expect(gate.reason).to.match(/informs only.*never calibrated/);
  });

  it('hold where the judge is down: no case counts as 0', async () => {
    world.upstream.script({ model: 'cheap', status: 401 });
    const { decided } = await decide({
      evaluation: { metrics: ['faithfulness'], judge: { allowUncalibrated: ['faithfulness'] } },
      answer: right,
    });
    const gate = decided.verdicts.find((one) => one.gate.startsWith('faithfulness'))!;
    expect(gate).to.include({ verdict: 'unmeasured', value: null });
    expect(gate.reason).to.match(/90 of 90 cases .* unmeasured .*HTTP 401/);
  });

  it('are refused before anything is spent where the worker has no judge', () => {
    const spec = evaluationSpecSchema.parse({ preset: 'support', judge: { model: 'gpt' } });
    expect(() => requireJudge({ spec, judge: null })).to.throw(
      /asks for gpt and no judge is configured: set JUDGE_BASE_URL/,
    );
    requireJudge({ spec, judge: world.judge() });
    requireJudge({ spec: { ...spec, judge: null }, judge: null });
  });
});
