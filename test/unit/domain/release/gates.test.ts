import { expect } from 'chai';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import { decideGates, type GatesInput } from '../../../../src/domain/release/gates.js';
import { verdictSchema } from '../../../../src/domain/release/verdict.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const evidence = { uri: 'store://releases/m-r1/evaluation/scores.jsonl', sha256: 'a'.repeat(64), bytes: 10 };

function scores({
  mean,
  n = 120,
  metric = 'tokenF1',
  seed = 1,
  missing = 0,
}: {
  mean: number;
  n?: number;
  metric?: string;
  seed?: number;
  missing?: number;
}): ScoreRow[] {
  const draw = draws(seed);
  return Array.from({ length: n }, (_, i) => {
    const score = Math.min(1, Math.max(0, mean + 0.1 * draw.normal()));
    const lost = i < missing;
    return {
      id: `${i}`,
      cluster: `${i}`,
      metric,
      tags: {},
      score: lost ? null : score,
      reason: lost ? 'judge down' : null,
      details: {},
    };
  });
}

const input: GatesInput = {
  gates: [{ metric: 'tokenF1', min: 0.65 }],
  comparison: {
    decision: 'superior',
    primary: [{ metric: 'tokenF1', kind: 'relative', minimumEffect: 0.05 }],
    nonInferiorityMargin: 0.05,
    guardrails: [],
  },
  scores: scores({ mean: 0.8 }),
  baselineScores: scores({ mean: 0.4, seed: 2 }),
  championScores: scores({ mean: 0.7, seed: 3 }),
  alpha: 0.05,
  unmeasuredLimit: 0.02,
  seed: 1,
  evidence,
  resamples: 1999,
};
const decide = (over: Partial<GatesInput>) => decideGates({ ...input, ...over });
const named = (result: ReturnType<typeof decideGates>, gate: string) =>
  result.verdicts.find((one) => one.gate === gate)!;

describe('decideGates', () => {
  it('passes a challenger that clears every gate, quoting both numbers, interval and n', () => {
    const result = decide({});
    expect(result.verdicts.map((one) => [one.gate, one.verdict])).to.deep.equal([
      ['tokenF1 >= 0.65', 'pass'],
      ['baseline tokenF1', 'pass'],
      ['superior tokenF1', 'pass'],
      ['unmeasured', 'pass'],
    ]);
    expect(result.verdict).to.equal('pass');
    for (const verdict of result.verdicts) expect(verdictSchema.parse(verdict)).to.deep.equal(verdict);
    expect(named(result, 'superior tokenF1').reason).to.match(
      /more than 5 % better: yes; challenger 0\.\d+ against champion 0\.\d+.*95 % interval.*120 cases/,
    );
    expect(named(result, 'baseline tokenF1').reason).to.contain('against baseline');
    expect(named(result, 'tokenF1 >= 0.65').reason).to.match(
      /^tokenF1: lower bound 0\.\d+ >= 0.65; mean 0\.\d+, 95 % interval/,
    );
    expect(decide({})).to.deep.equal(result);
  });

  it('needs no champion before the first, but its scores once there is one', () => {
    expect(decide({ championScores: null }).verdicts.map((one) => one.gate)).not.to.include('superior tokenF1');
    const lost = named(decide({ championScores: [] }), 'superior tokenF1');
    expect(lost).to.deep.include({ verdict: 'unmeasured', value: null, n: 0 });
    expect(lost.reason).to.contain('the champion has no row for it');
  });

  it('fails a challenger that does not beat the baseline, whatever else it does', () => {
    const result = decide({ baselineScores: scores({ mean: 0.9, seed: 2 }) });
    expect(named(result, 'baseline tokenF1').verdict).to.equal('fail');
    expect(result.verdict).to.equal('fail');
  });

  it('is inconclusive where the bound misses and the interval reaches the limit, and says what would help', () => {
    const gate = named(decide({ scores: scores({ mean: 0.672 }) }), 'tokenF1 >= 0.65');
    expect(gate.verdict).to.equal('inconclusive');
    expect(gate.reason).to.match(/needs about \d+ more cases to show/);
    expect(named(decide({ scores: scores({ mean: 0.5 }) }), 'tokenF1 >= 0.65').verdict).to.equal('fail');
  });

  it('takes the point, or the other bound, where the spec says so', () => {
    const close = { scores: scores({ mean: 0.672 }) };
    for (const on of ['point', 'upperBound'] as const)
      expect(
        named(decide({ ...close, gates: [{ metric: 'tokenF1', min: 0.65, on }] }), 'tokenF1 >= 0.65').verdict,
      ).to.equal('pass');
  });

  it('has a verdict for each limit of a gate, with the harder bound for each', () => {
    const result = decide({ gates: [{ metric: 'tokenF1', min: 0.65, max: 0.79 }] });
    expect(named(result, 'tokenF1 <= 0.79').verdict).to.equal('inconclusive');
    expect(named(result, 'tokenF1 <= 0.79').bound).to.be.greaterThan(0.79);
  });

  it('lets a refresh pass that is as good as the champion, within the margin', () => {
    const comparison = { ...input.comparison, decision: 'nonInferior' as const };
    const noise = draws(9);
    const refresh = input.championScores!.map((row) => ({ ...row, score: row.score! + 0.03 * noise.normal() }));
    expect(named(decide({ comparison, scores: refresh }), 'nonInferior tokenF1').verdict).to.equal('pass');
    expect(named(decide({ scores: refresh }), 'superior tokenF1').verdict).to.equal('fail');
  });

  it('holds guardrails where less is better the right way round', () => {
    const comparison = {
      ...input.comparison,
      guardrails: [{ metric: 'toxicity', kind: 'absolute' as const, margin: 0.02 }],
    };
    const arm = (mean: number, seed: number) => scores({ mean, metric: 'toxicity', seed });
    const guard = (challenger: number) =>
      named(
        decide({
          comparison,
          scores: [...input.scores, ...arm(challenger, 5)],
          championScores: [...input.championScores!, ...arm(0.3, 6)],
        }),
        'guardrail toxicity',
      ).verdict;
    expect(guard(0.2)).to.equal('pass');
    expect(guard(0.5)).to.equal('fail');
  });

  it('is unmeasured over the limit of missing scores, goes on under it, and names the cases', () => {
    const few = decide({ scores: scores({ mean: 0.8, missing: 2 }) });
    expect(few.verdict).to.equal('pass');
    const many = decide({ scores: scores({ mean: 0.8, missing: 6 }) });
    expect(many.verdict).to.equal('unmeasured');
    expect(named(many, 'unmeasured').reason).to.equal(
      '5 % unmeasured > 2 %, 6 of 120 cases of tokenF1: 0, 1, 2, 3, 4 and 1 more',
    );
    expect(named(many, 'tokenF1 >= 0.65').reason).to.contain('0 (judge down)');
    expect(named(decide({ gates: [{ metric: 'faithfulness', min: 0.75 }] }), 'faithfulness >= 0.75').verdict).to.equal(
      'unmeasured',
    );
  });

  it('does not take a flawless sample for proof', () => {
    const flawless = scores({ mean: 0.8 }).map((row) => ({ ...row, metric: 'hallucination', score: 0 }));
    const result = decide({ gates: [{ metric: 'hallucination', max: 0.02 }], scores: [...input.scores, ...flawless] });
    expect(named(result, 'hallucination <= 0.02').verdict).to.equal('inconclusive');
  });

  it('names missing cases by the reason they share, and shows no interval of what they leave', () => {
    const gone = scores({ mean: 0.8, missing: 60 }).map((row, i) => (i === 7 ? { ...row, reason: 'no answer' } : row));
    const result = decide({ scores: gone, rules: 4 });
    const gate = named(result, 'tokenF1 >= 0.65');
    expect(gate.verdict).to.equal('unmeasured');
    expect(gate.reason).to.match(/: 0, 1, 2 and 56 more \(judge down\); 7 \(no answer\)$/);
    expect(named(result, 'superior tokenF1').reason).to.match(/\(the challenger has no score\)$/);
    expect(result.intervals).to.not.have.property('superior tokenF1');
  });

  it('names just as many cases as a flawless sample lacks', () => {
    const flawless = (n: number): ScoreRow[] =>
      Array.from({ length: n }, (_, i) => ({
        ...{ id: `${i}`, cluster: `${Math.floor(i / 3)}`, metric: 'toxicity', tags: {} },
        ...{ score: 0, reason: null, details: {} },
      }));
    const gateOf = (n: number) =>
      decideGates({
        ...{ ...input, comparison: { ...input.comparison, primary: [] }, baselineScores: null, championScores: null },
        ...{ gates: [{ metric: 'toxicity', max: 0.05 }], scores: flawless(n), rules: 4 as const },
      }).verdicts[0]!;
    expect(gateOf(120).reason).to.match(/needs about 99 more cases/);
    expect(gateOf(216).verdict).to.equal('inconclusive');
    expect(gateOf(219).verdict).to.equal('pass');
  });

  it('by its later rules says of a failure what would change it, and decides the same', () => {
    const bad = { scores: scores({ mean: 0.5 }) };
    const [before, after] = [decide(bad), decide({ ...bad, rules: 2 })];
    for (const [index, verdict] of after.verdicts.entries()) {
      const { reason, ...rest } = before.verdicts[index]!;
      expect(verdict).to.deep.include(rest);
      const distance = verdict.verdict === 'fail' ? Math.abs(verdict.limit! - verdict.bound!) : null;
      expect(verdict.reason).to.equal(
        distance === null ? reason : `${reason}; about ${Number(distance.toFixed(4))} better would pass`,
      );
    }
    expect(named(after, 'tokenF1 >= 0.65').reason).to.match(/; about 0\.1\d+ better would pass$/);
  });
});
