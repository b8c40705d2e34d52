import { expect } from 'chai';
import type { EvaluationOpening, Part, TakenLook } from '../../src/contracts/evaluation.js';
import type { EvaluationResult } from '../../src/contracts/release.js';
import { loadJson } from '../../src/activities/stored-json.js';
import { lookPlanSchema } from '../../src/activities/evaluation-looks.js';
import { evaluationWorld, type EvaluationWorld } from './support/evaluation-world.js';
import { draws } from '../support/simulation/comparison-scenarios.js';
import type { GoldenCase } from '../../src/domain/dataset/golden.js';

const words = ['parcel', 'depot', 'today', 'number', 'city', 'truck', 'road', 'night', 'early', 'late'];
const cases: GoldenCase[] = Array.from({ length: 240 }, (_, i) => ({
  ...{ id: `g${i}`, input: `Question ${i}?`, reference: words.join(' ') },
  ...{ cluster: `c${i % 120}`, tags: { language: 'en' } },
}));
/** An answer that shares some of the reference's words: about `share` of them, differing by case. */
const sharing =
  (share: Record<string, number>) =>
  ({ release, question }: { release: string; question: string }): string => {
    const draw = draws(Number(/\d+/.exec(question)![0]) + (release === 'm-r2' ? 1000 : 0));
    return words.map((word) => (draw.chance(share[release]!) ? word : 'other')).join(' ');
  };
const gates = [
  { metric: 'tokenF1', min: 0.2 },
  { metric: 'quasiExactMatch', min: 0 },
];

describe('early looks', function () {
  this.timeout(60_000);
  let world: EvaluationWorld;
  afterEach(() => world.close());

  /** Part by part as the workflow goes. */
  async function play({ share, looks = 4 }: { share: Record<string, number>; looks?: number }): Promise<{
    opening: EvaluationOpening;
    looked: TakenLook[];
    result: EvaluationResult;
    questions: number;
  }> {
    world = await evaluationWorld({ cases, evaluation: { gates, looks }, says: sharing(share) });
    const { run, activities, common, decision, asked } = world;
    const opening = await run(activities.openEvaluation, { ...common, champion: 'm-r1' });
    expect(asked).to.have.length(0);
    const looked: TakenLook[] = [];
    for (let index = 0; ; index += 1) {
      const part: Part = { looks: opening.looks!.plan, index };
      const input = { ...(await decision({ champion: true, part })), looked: [...looked] };
      if (index < opening.looks!.count - 1) {
        const look = await run(activities.takeLook, input);
        looked.push(look);
        if (look.stop === null) continue;
        input.looked = looked.slice(0, -1);
      }
      return { opening, looked, result: await run(activities.decideEvaluation, input), questions: asked.length };
    }
  }

  it('are planned before the first answer and end for success, paying for no more than was looked at', async () => {
    const { opening, looked, result, questions } = await play({ share: { 'm-r1': 0.4, 'm-r2': 0.7 } });
    const plan = await loadJson({ store: world.store, ref: opening.looks!.plan, schema: lookPlanSchema });
    expect(plan.looks).to.have.length(4);
    expect(plan.looks.map((one) => one.cases.length)).to.deep.equal([60, 120, 180, 240]);
    const last = looked.at(-1)!;
    expect(last.stop).to.equal('success');
    expect(questions).to.equal(2 * plan.looks[last.index]!.cases.length);
    expect(result.verdict).to.equal('pass');
    const shown = result.verdicts.find((one) => one.gate === 'early looks')!;
    expect(shown).to.include({ verdict: 'pass', informs: true, reason: last.reason });
    const evidence = await world.evidenceOf(result);
    expect(evidence.looks!.taken.map((one) => one.stop)).to.deep.equal(looked.map((one) => one.stop));
    expect(evidence.looks!.plan.map((one) => one.cases)).to.deep.equal([60, 120, 180, 240]);
    expect(evidence.inputs['looks']).to.equal(opening.looks!.plan.sha256);
    const answers = await world.store.get({ key: 'releases/m-r2/evaluation/answers-m-r2.jsonl' });
    expect(answers!.ref.sha256).to.equal(evidence.inputs['challengerAnswers']);
  });

  it('end for futility, or for failure, and never with a pass', async () => {
    const futile = await play({ share: { 'm-r1': 0.55, 'm-r2': 0.55 } });
    expect(futile.looked.at(-1)!.stop).to.be.oneOf(['futility', 'failure']);
    expect(futile.questions).to.be.lessThan(480);
    expect(futile.result.verdict).to.be.oneOf(['inconclusive', 'fail']);
    await world.close();
    const worse = await play({ share: { 'm-r1': 0.7, 'm-r2': 0.35 } });
    expect(worse.looked.at(-1)!.stop).to.be.oneOf(['futility', 'failure']);
    expect(worse.result.verdict).to.not.equal('pass');
  });

  it('go on to the end where no look decides, and the decision records them all', async () => {
    const { looked, result, questions } = await play({ share: { 'm-r1': 0.5, 'm-r2': 0.56 }, looks: 2 });
    expect(looked.map((one) => one.stop)).to.deep.equal([null]);
    expect(questions).to.equal(480);
    const { looks } = await world.evidenceOf(result);
    expect(looks!.taken.map(({ index, stop }) => [index, stop])).to.deep.equal([
      [0, null],
      [1, 'end'],
    ]);
  });

  it('are not taken where the spec asks for one, and a look that was not planned is refused', async () => {
    world = await evaluationWorld({ cases, evaluation: { gates }, says: sharing({ 'm-r2': 0.5 }) });
    const { run, activities, common } = world;
    expect((await run(activities.openEvaluation, { ...common, champion: null })).looks).to.equal(null);
    await world.close();
    world = await evaluationWorld({ cases, evaluation: { gates, looks: 2 }, says: sharing({ 'm-r2': 0.5 }) });
    const { looks } = await world.run(world.activities.openEvaluation, { ...world.common, champion: null });
    const refused = await world.answers('m-r2', { part: { looks: looks!.plan, index: 2 } }).catch(String);
    expect(refused).to.match(/look 3: expected 1 to 2, as planned/);
  });
});
