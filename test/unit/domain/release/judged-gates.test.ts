import { expect } from 'chai';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import { decideGates, type GatesInput } from '../../../../src/domain/release/gates.js';
import type { JudgedMetric } from '../../../../src/domain/release/judged-metric.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const n = 200;
const truth = ({ mean, seed }: { mean: number; seed: number }): number[] => {
  const draw = draws(seed);
  return Array.from({ length: n }, () => mean + 0.1 * draw.normal());
};
const rows = (scores: readonly number[], metric = 'faithfulness'): ScoreRow[] =>
  scores.map((score, i) => ({ id: `${i}`, cluster: `${i}`, metric, tags: {}, score, reason: null, details: {} }));

const champion = truth({ mean: 0.8, seed: 1 });
const challenger = truth({ mean: 0.8, seed: 2 });
/** Likes the challenger's style: 0.1 too much. */
const flattering = rows(challenger.map((score) => score + 0.1));
const labels = (count: number): JudgedMetric['labels'] =>
  champion
    .slice(0, count)
    .flatMap((score, i) => [
      { id: `${i}`, arm: 'champion', score } as const,
      { id: `${i}`, arm: 'challenger', score: challenger[i]! } as const,
    ]);
const judged = (over: Partial<JudgedMetric> = {}): JudgedMetric => ({
  ...{ metric: 'faithfulness', standing: 'calibrated', reason: 'kappa is high', labels: [], calibration: null },
  ...over,
});
const decide = (one: JudgedMetric, over: Partial<GatesInput> = {}) =>
  decideGates({
    gates: [{ metric: 'faithfulness', min: 0.75 }],
    comparison: {
      ...{ decision: 'superior', nonInferiorityMargin: 0.05, guardrails: [] },
      primary: [{ metric: 'faithfulness', kind: 'absolute', minimumEffect: 0.05 }],
    },
    ...{ scores: flattering, baselineScores: null, championScores: rows(champion), alpha: 0.05 },
    ...{ unmeasuredLimit: 0.02, seed: 1, evidence: null, resamples: 999, judged: [one] },
    ...over,
  });
const named = (result: ReturnType<typeof decide>, gate: string) => result.verdicts.find((one) => one.gate === gate)!;

describe('gates on what a judge says', () => {
  it('take a calibrated judge at its word where nobody labelled, and say what that assumes', () => {
    const result = decide(judged());
    for (const gate of ['faithfulness >= 0.75', 'superior faithfulness']) {
      expect(named(result, gate).verdict, gate).to.equal('pass');
      expect(named(result, gate).reason).to.match(
        /; rests on the judge as calibrated: that it errs alike on both arms/,
      );
    }
    const allowed = decide(judged({ standing: 'allowed', reason: 'never calibrated' }));
    expect(named(allowed, 'superior faithfulness').reason).to.match(/rests on the judge alone: never calibrated$/);
  });

  it('compare by labels on both arms where there are enough: what the judge favours wins nothing', () => {
    const result = decide(judged({ labels: labels(120) }));
    const gate = named(result, 'superior faithfulness');
    expect(gate.verdict).to.equal('fail');
    expect(gate.reason).to.match(/by 120 labels in 120 clusters .* the judge alone says \+0\.1/);
    expect(gate.value).to.equal(result.comparisons[0]!.rectified!.contrast.estimate);
    expect(named(decide(judged({ labels: labels(29) })), 'superior faithfulness').verdict).to.equal('pass');
  });

  it('let labels decide even where the judge may only inform, and hold where there are none', () => {
    const informs = { standing: 'informs', reason: 'the judge was never calibrated' } as const;
    const without = decide(judged(informs));
    expect(without.verdict).to.equal('unmeasured');
    for (const gate of ['faithfulness >= 0.75', 'superior faithfulness']) {
      expect(named(without, gate).verdict).to.equal('unmeasured');
      expect(named(without, gate).reason).to.match(
        /^the judge informs only, the judge was never calibrated; it says: /,
      );
    }
    const labelled = decide(judged({ ...informs, labels: labels(120) }));
    expect(named(labelled, 'superior faithfulness').verdict).to.equal('fail');
  });

  describe('with labels of an earlier evaluation on answers that did not change', () => {
    /** Half of 300 answers are new, as good as the old ones, and flattered by the judge. */
    function world({ seed, labelledOld, labelledNew }: { seed: number; labelledOld: number; labelledNew: number }) {
      const draw = draws(seed);
      const all = Array.from({ length: 300 }, (_, i) => {
        const before = 0.5 + 0.15 * draw.normal();
        const now = i % 2 === 0 ? before : before + 0.15 * draw.normal();
        return { id: `${i}`, cluster: `${i}`, before, now, judge: i % 2 === 0 ? now : now + 0.15 };
      });
      const scored = (score: (one: (typeof all)[number]) => number) => rows(all.map(score));
      const drawn = all.filter((_, i) => i < 2 * (i % 2 === 0 ? labelledOld : labelledNew));
      const labels = drawn.flatMap(({ id, before, now }) => [
        { id, arm: 'champion', score: before } as const,
        { id, arm: 'challenger', score: now } as const,
      ]);
      const unchanged = all.flatMap(({ id }, i) => (i % 2 === 0 ? [id] : []));
      return { scores: scored((one) => one.judge), championScores: scored((one) => one.before), labels, unchanged };
    }
    const comparison: GatesInput['comparison'] = {
      ...{ decision: 'superior', nonInferiorityMargin: 0.05, guardrails: [] },
      primary: [{ metric: 'faithfulness', kind: 'absolute', minimumEffect: 0 }],
    };
    const verdictIn = (seed: number, labelled: Record<'labelledOld' | 'labelledNew', number>, balanced = true) => {
      const { labels, unchanged, ...arms } = world({ seed, ...labelled });
      const one = judged({ labels, ...(balanced && { unchanged }) });
      return named(decide(one, { ...arms, comparison, gates: [], seed, resamples: 199 }), 'superior faithfulness');
    };

    it('takes no more of them than people labelled of what is new: the judge wins nothing by them', () => {
      const promotions = (balanced: boolean): number =>
        Array.from({ length: 100 }, (_, seed) =>
          verdictIn(seed + 1, { labelledOld: 130, labelledNew: 40 }, balanced),
        ).filter(({ verdict }) => verdict === 'pass').length;
      expect(promotions(false)).to.be.greaterThan(20);
      expect(promotions(true)).to.be.at.most(7);
      expect(verdictIn(1, { labelledOld: 130, labelledNew: 40 }).reason).to.contain('by 80 labels in 80 clusters');
    });

    it('does not take them where nothing new was labelled: then the judge counts as calibrated', () => {
      const { verdict, reason } = verdictIn(1, { labelledOld: 130, labelledNew: 0 });
      expect(verdict).to.equal('pass');
      expect(reason).to.contain('rests on the judge as calibrated');
    });
  });

  describe('on an absolute yes/no rate', () => {
    const yes = (share: number, of = n) => Array.from({ length: of }, (_, i) => Number(i < Math.round(share * of)));
    const calibration = (sensitivity: number, specificity: number) => ({
      positives: yes(sensitivity, 100).map((one, i) => ({ cluster: `p${i}`, yes: one === 1 })),
      negatives: yes(1 - specificity, 100).map((one, i) => ({ cluster: `n${i}`, yes: one === 1 })),
    });
    const rate = (one: Partial<JudgedMetric>) =>
      named(
        decide(judged({ metric: 'hallucination', ...one }), {
          gates: [{ metric: 'hallucination', max: 0.3 }],
          scores: rows(yes(0.28), 'hallucination'),
          championScores: null,
        }),
        'hallucination <= 0.3',
      );

    it('correct the rate by the calibration before it is held against the limit', () => {
      expect(rate({})).to.deep.include({ verdict: 'inconclusive', value: 0.28 });
      const corrected = rate({ calibration: calibration(0.95, 0.85) });
      expect(corrected.value).to.be.closeTo((0.28 - 0.15) / 0.8, 1e-9);
      expect(corrected.verdict).to.equal('pass');
      expect(corrected.reason).to.contain('judge says 0.28 of 200 cases, corrected 0.1625');
    });

    it('are unmeasured where the judge is too weak to correct', () => {
      const refused = rate({ calibration: calibration(0.7, 0.65) });
      expect(refused.verdict).to.equal('unmeasured');
      expect(refused.reason).to.match(/^hallucination: sensitivity \+ specificity - 1 may be as low as 0\.2/);
    });
  });

  it('for high stakes fail at one hallucination', () => {
    const one = rows(
      Array.from({ length: n }, (_, i) => Number(i === 3)),
      'hallucination',
    );
    const gate = (scores: ScoreRow[]) =>
      named(
        decide(judged({ metric: 'hallucination' }), {
          gates: [{ metric: 'hallucination', max: 0, on: 'point' }],
          ...{ scores, championScores: null },
        }),
        'hallucination <= 0',
      );
    expect(gate(one).verdict).to.equal('fail');
    expect(gate(one.map((row) => ({ ...row, score: 0 }))).verdict).to.equal('pass');
  });
});
