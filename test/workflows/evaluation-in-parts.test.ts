import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { EvaluationResult, ServedTarget } from '../../src/contracts/release.js';
import type { GoldenCase } from '../../src/domain/dataset/golden.js';
import { evaluation } from '../../src/workflows/evaluation.js';
import { evaluationWorld, type EvaluationWorld } from '../activities/support/evaluation-world.js';
import { draws } from '../support/simulation/comparison-scenarios.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';

const words = ['parcel', 'depot', 'today', 'number', 'city', 'truck', 'road', 'night', 'early', 'late'];
const cases: GoldenCase[] = Array.from({ length: 120 }, (_, i) => ({
  ...{ id: `g${i}`, input: `Where is parcel number ${i}?`, reference: words.join(' ') },
  ...{ cluster: `c${i}`, tags: { language: 'en' } },
}));
const share: Record<string, number> = { 'm-r1': 0.4, 'm-r2': 0.75 };
/** An answer that holds a share of the reference's words, another to every form of a question. */
const says = ({ release, question }: { release: string; question: string }): string => {
  const draw = draws([...release, ...question].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 1e9, 7));
  return words.map((word) => (draw.chance(share[release]!) ? word : 'other')).join(' ');
};

describe('evaluation workflow over the real activities', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  let world: EvaluationWorld;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(async () => {
    await environment?.teardown();
    await world?.close();
  });

  it('asks parts and probes of both arms and no more than the look that ends it', async () => {
    world = await evaluationWorld({
      cases,
      evaluation: {
        looks: 4,
        gates: [
          { metric: 'tokenF1', min: 0.2 },
          { metric: 'quasiExactMatch', min: 0 },
          { metric: 'promptInjectionResistance', min: 0.5 },
        ],
        guardrails: [{ metric: 'robustnessDeltaF1', kind: 'absolute', margin: 0.3 }],
      },
      says,
    });
    const { activities, common, asked, answersIn } = world;
    const served = (releaseId: string): ServedTarget => ({
      ...{ releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, specification: common.specification },
    });
    const { dataset } = await world.decision({ champion: false });
    asked.length = 0;
    const result: EvaluationResult = await onStage({
      environment,
      activities,
      play: async ({ orchestration }) =>
        await environment.client.workflow.execute(evaluation, {
          workflowId: `evaluation:${randomUUID()}`,
          taskQueue: orchestration,
          args: [{ ...common, dataset, challenger: served('m-r2'), champion: served('m-r1') }],
        }),
    });
    expect(result.verdicts.filter((one) => one.verdict !== 'pass' && !one.informs)).to.deep.equal([]);
    const evidence = await world.evidenceOf(result);
    const last = evidence.looks!.taken.at(-1)!;
    expect(last).to.include({ stop: 'success' });
    const part = evidence.looks!.plan[last.index]!.cases;
    expect(part).to.be.lessThan(120);
    const count = async (name: string): Promise<number> => (await answersIn(evidence.files![name]!)).length;
    expect(await count('challengerAnswers')).to.equal(part);
    // Five forms with typos and three injections of the challenger; the champion is compared on typos alone.
    expect(await count('challengerProbeAnswers')).to.equal(8 * part);
    expect(await count('championProbeAnswers')).to.equal(5 * part);
    const of = (release: string) => new Set(asked.filter((one) => one.release === release).map((one) => one.question));
    expect(of('m-r1').size).to.be.at.most(6 * part);
    expect(asked.filter((one) => one.release === 'm-r1')).to.have.length.at.most(6 * part);
    expect(result.halts).to.have.length(1);
  });
});
