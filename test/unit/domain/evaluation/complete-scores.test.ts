import { expect } from 'chai';
import type { GoldenCase } from '../../../../src/domain/dataset/golden.js';
import { completeScores } from '../../../../src/domain/evaluation/complete-scores.js';
import { decideOnScores } from '../../../../src/domain/evaluation/judge-answers.js';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import type { JudgedMetric } from '../../../../src/domain/release/judged-metric.js';
import { evaluationSpecSchema } from '../../../../src/domain/spec/evaluation-spec.js';

const cases: GoldenCase[] = Array.from({ length: 100 }, (_, i) => ({
  ...{ id: `${i}`, input: 'Where?', reference: 'Here', cluster: `${i % 40}`, tags: { language: 'en' } },
}));
const rows = (metric: string, score: (i: number) => number): ScoreRow[] =>
  cases.map(({ id, cluster, tags }, i) => ({
    ...{ id, cluster, tags, metric, score: score(i), reason: null, details: {} },
  }));
const spec = evaluationSpecSchema.parse({
  preset: 'support-deterministic',
  gates: [
    { metric: 'tokenF1', min: 0.1 },
    { metric: 'quasiExactMatch', min: 0 },
    { metric: 'faithfulness', min: 0.1 },
  ],
});
const judged: JudgedMetric[] = [
  { metric: 'faithfulness', standing: 'allowed', reason: 'as the spec allows', labels: [], calibration: null },
];

describe('completeScores', () => {
  const measured = [...rows('tokenF1', (i) => 0.5 + (i % 5) / 10), ...rows('quasiExactMatch', (i) => i % 2)];
  const decide = (faithfulness: readonly ScoreRow[]) =>
    decideOnScores({
      ...{ spec, seed: 1, evidence: null, judged },
      scores: completeScores({
        cases,
        scores: { challenger: [...measured, ...faithfulness], champion: null, baseline: null },
      }),
    });
  const faithfulness = rows('faithfulness', (i) => 0.5 + (i % 5) / 10);

  it('lets no gate pass on what a judge has scored, when it scored too few', () => {
    expect(decide(faithfulness).verdict).to.equal('pass');
    expect(decide(faithfulness.slice(2)).verdict).to.equal('pass');
    const few = decide(faithfulness.slice(3));
    expect(few.verdict).to.equal('unmeasured');
    expect(few.verdicts.find((one) => one.gate === 'unmeasured')).to.deep.include({
      ...{ verdict: 'unmeasured', value: 0.03, limit: 0.02, n: 100 },
      reason: '3 % unmeasured > 2 %, 3 of 100 cases of faithfulness: 0, 1, 2',
    });
    expect(few.verdicts.find((one) => one.gate.startsWith('faithfulness'))!.reason).to.match(
      /3 of 100 cases \(3 %\) unmeasured > 2 %: 0, 1, 2 \(no score was recorded\)/,
    );
  });

  it('holds the same for what is measured without a judge', () => {
    const scores = { challenger: [...measured.slice(3), ...faithfulness], champion: null, baseline: null };
    const decided = decideOnScores({
      ...{ spec, seed: 1, evidence: null, judged },
      scores: completeScores({ cases, scores }),
    });
    expect(decided.verdicts.filter((one) => one.verdict === 'unmeasured').map((one) => one.gate)).to.deep.equal([
      'tokenF1 >= 0.1',
      'unmeasured',
    ]);
  });

  it('leaves a metric without any row for what it is, and both other arms as complete', () => {
    const none = decide([]);
    expect(none.verdicts.find((one) => one.gate.startsWith('faithfulness'))!.reason).to.match(/no score of/);
    const { champion, baseline } = completeScores({
      cases,
      scores: { challenger: [], champion: measured.slice(1), baseline: measured.slice(0, 100) },
    });
    expect(champion).to.have.length(200);
    expect(champion!.filter((row) => row.score === null).map((row) => [row.id, row.metric])).to.deep.equal([
      ['0', 'tokenF1'],
    ]);
    expect(baseline).to.have.length(100);
  });
});
