import { expect } from 'chai';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import { decideLook, planLooks } from '../../../../src/domain/release/early-stop.js';
import type { GatesInput } from '../../../../src/domain/release/gates.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const n = 240;
const cases = Array.from({ length: n }, (_, i) => ({ id: `${i}`, cluster: `${i % 120}` }));
const plan = planLooks({ cases, alpha: 0.05, seed: 7 });

function scores({ mean, seed }: { mean: number; seed: number }): ScoreRow[] {
  const draw = draws(seed);
  return cases.map((one) => ({
    ...{ ...one, metric: 'tokenF1', tags: {}, reason: null, details: {} },
    score: Math.min(1, Math.max(0, mean + 0.1 * draw.normal())),
  }));
}
const inputOf = (challenger: number, over: Partial<GatesInput> = {}): GatesInput => ({
  gates: [{ metric: 'tokenF1', min: 0.3 }],
  comparison: {
    ...{ decision: 'superior', nonInferiorityMargin: 0.05, guardrails: [] },
    primary: [{ metric: 'tokenF1', kind: 'absolute', minimumEffect: 0 }],
  },
  scores: scores({ mean: challenger, seed: 1 }),
  ...{ baselineScores: null, championScores: scores({ mean: 0.6, seed: 2 }) },
  ...{ alpha: 0.05, unmeasuredLimit: 0.02, seed: 1, evidence: null, resamples: 999 },
  ...over,
});

describe('planLooks', () => {
  it('asks whole clusters, in an order that the seed fixes, each look more than the last', () => {
    expect(plan.map((look) => look.cases.length)).to.deep.equal([60, 120, 180, 240]);
    for (const { cases: asked } of plan) {
      const ids = new Set(asked);
      for (const id of asked) expect(ids.has(`${(Number(id) + 120) % 240}`)).to.equal(true);
    }
    for (const [index, look] of plan.slice(1).entries()) expect(look.cases).to.include.members(plan[index]!.cases);
    expect(planLooks({ cases, alpha: 0.05, seed: 7 })).to.deep.equal(plan);
    expect(planLooks({ cases, alpha: 0.05, seed: 8 })[0]!.cases).not.to.deep.equal(plan[0]!.cases);
  });

  it('leaves out looks under 20 clusters, and spends their part later', () => {
    const few = planLooks({ cases: cases.filter((one) => Number(one.cluster) < 50), alpha: 0.05, seed: 1 });
    expect(few.map((look) => look.fraction)).to.deep.equal([0.5, 0.76, 1]);
    expect(few.at(-1)!.spent).to.be.closeTo(0.05, 1e-12);
  });

  it('refuses more than four looks, and no case', () => {
    expect(() => planLooks({ cases, looks: 5, alpha: 0.05, seed: 1 })).to.throw(RangeError, '5 looks: expected 1 to 4');
    expect(() => planLooks({ cases: [], alpha: 0.05, seed: 1 })).to.throw(RangeError, 'no case to look at');
  });
});

describe('decideLook', () => {
  const look = (index: number, gates: GatesInput) => decideLook({ plan, index, gates });

  it('stops for clear success, quoting the boundary', () => {
    const { stop, reason, result } = look(0, inputOf(0.8));
    expect(stop).to.equal('success');
    expect(reason).to.match(/^look 1 of 4, 60 cases, boundary 4\.33\d*: every gate passes/);
    expect(result.verdict).to.equal('pass');
    expect(result.comparisons[0]!.result!.interval.level).to.be.closeTo(1 - plan[0]!.alpha, 1e-15);
  });

  it('stops for clear failure', () => {
    const { stop, reason } = look(0, inputOf(0.4));
    expect(stop).to.equal('failure');
    expect(reason).to.contain('better: no; challenger 0.');
  });

  it('goes on where nothing is clear, then stops as futile, and ends at the last look whatever it says', () => {
    const same = inputOf(0.585);
    expect(look(0, same).stop).to.equal(null);
    const later = look(2, same);
    expect(later.stop).to.equal('futility');
    expect(later.reason).to.match(/superior tokenF1 has \S+ % chance left to pass at the end$/);
    expect(look(3, same)).to.deep.include({ stop: 'end' });
  });

  it('looks only at the cases asked so far', () => {
    const asked = new Set(plan[0]!.cases);
    const input = inputOf(0.8);
    const cut = (rows: readonly ScoreRow[]) => rows.filter((row) => asked.has(row.id));
    expect(look(0, { ...input, scores: cut(input.scores), championScores: cut(input.championScores!) })).to.deep.equal(
      look(0, input),
    );
  });

  it('reads a gate on the point on the cases asked so far, and fails it early only where its interval fails', () => {
    const point = (min: number) => inputOf(0.8, { gates: [{ metric: 'tokenF1', min, on: 'point' }], rules: 4 });
    expect(look(0, point(0.77)).stop).to.equal('success');
    const short = look(0, point(0.81));
    expect(short.stop).to.equal(null);
    expect(short.result.verdicts[0]).to.include({ verdict: 'inconclusive' });
    expect(short.result.verdicts[0]!.reason).to.match(/mean 0\.\d+ < 0\.81; .*the cases that follow may put it right/);
    expect(look(3, point(0.81)).result.verdicts[0]!.verdict).to.equal('fail');
    expect(look(0, point(0.95))).to.deep.include({ stop: 'failure' });
    const toxic = { metric: 'toxicity', max: 0.05, on: 'point' } as const;
    const clean = inputOf(0.8, { gates: [toxic], rules: 4 });
    const quiet = clean.scores.map((row) => ({ ...row, metric: 'toxicity', score: 0 }));
    expect(look(0, { ...clean, scores: [...clean.scores, ...quiet] }).stop).to.equal('success');
  });

  it('by rules before 4 reads a gate on the point by its bound until the last look', () => {
    const point = inputOf(0.8, { gates: [{ metric: 'tokenF1', min: 0.77, on: 'point' }] });
    expect(look(0, point).stop).to.equal(null);
    expect(look(3, point).result.verdict).to.equal('pass');
  });
});
