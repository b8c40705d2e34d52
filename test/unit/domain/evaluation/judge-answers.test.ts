import { expect } from 'chai';
import type { GoldenCase } from '../../../../src/domain/dataset/golden.js';
import { flagsOf, reportOf } from '../../../../src/domain/evaluation/judge-answers.js';
import { scoreAnswers } from '../../../../src/domain/evaluation/score-answers.js';
import { evaluationSpecSchema } from '../../../../src/domain/spec/evaluation-spec.js';

const cases: GoldenCase[] = Array.from({ length: 40 }, (_, i) => ({
  ...{ id: `${i}`, input: `Where is parcel ${i}?`, reference: `Parcel ${i} is on its way.`, cluster: `${i}`, tags: {} },
}));
const answers = (text: (i: number) => string | null) =>
  cases.map(({ id }, i) => ({ id, answer: text(i), reason: null }));
const champion = answers((i) => `Parcel number ${i} has left depot ${i * 3} and arrives tomorrow.`);

describe('flagsOf', () => {
  it('raises nothing where little changed', () => {
    const challenger = champion.map((one, i) => (i === 0 ? { ...one, answer: 'We are closed on Sundays.' } : one));
    const flags = flagsOf({ cases, challenger, champion });
    expect(flags.map((one) => [one.flag, one.raised])).to.deep.equal([
      ['behaviourChange', false],
      ['diversityLoss', false],
    ]);
    expect(flags[0]!.cases).to.deep.equal(['0']);
  });

  it('asks for a person where answers changed, are missing, or are all the same', () => {
    const same = flagsOf({ cases, challenger: answers(() => 'Please contact our support.'), champion });
    expect(same.map((one) => one.raised)).to.deep.equal([true, true]);
    const missing = flagsOf({ cases, challenger: champion, champion: champion.slice(3) });
    expect(missing[0]).to.deep.include({ raised: true, value: 3 / 40 });
  });

  it('has nothing to say before the first champion', () => {
    expect(flagsOf({ cases, challenger: champion, champion: null })).to.deep.equal([]);
  });
});

describe('reportOf', () => {
  const report = (count: number) => {
    const many = Array.from({ length: count }, (_, i) => ({
      ...{
        id: `${i}`,
        input: `Where is parcel ${i}?`,
        reference: `Parcel ${i} is on its way.`,
        cluster: `${i}`,
        tags: {},
      },
    }));
    const given = many.map(({ id }, i) => ({ id, answer: i === 1 ? null : `Parcel ${i} is lost.`, reason: null }));
    const rows = (metrics: string[]) => scoreAnswers({ cases: many, answers: given, metrics }).rows;
    const gates = [
      { metric: 'invarianceTypos', min: 0.5 },
      { metric: 'rougeL', min: 0.1 },
    ];
    const challenger = rows(['tokenF1', 'rougeL', 'invarianceTypos']).map((row) =>
      row.metric === 'invarianceTypos' ? { ...row, score: 0.5, reason: null } : row,
    );
    return reportOf({
      spec: { evaluation: evaluationSpecSchema.parse({ preset: 'support-deterministic', gates }), retrieval: null },
      cases: many,
      scores: { challenger, champion: rows(['tokenF1', 'invarianceTypos']), baseline: null },
      answers: { challenger: given, champion: given },
      seed: 1,
    });
  };

  it('shows a metric that only the challenger was measured on, and leaves out what has no answer', () => {
    const { metrics, cases: shown } = report(40);
    expect(
      metrics.map(({ metric, challenger, champion: other }) => [metric, challenger.length, other?.length ?? null]),
    ).to.deep.equal([
      ['tokenF1', 39, 39],
      ['invarianceTypos', 40, null],
      ['rougeL', 39, null],
    ]);
    expect(shown).to.have.length(39);
    expect(shown[0]).to.include({ challengerAnswer: 'Parcel 0 is lost.', championAnswer: 'Parcel 0 is lost.' });
  });

  it('takes no time that grows with the square of the cases', () => {
    const began = performance.now();
    expect(report(5000).cases).to.have.length(4999);
    expect(performance.now() - began).to.be.lessThan(10_000);
  }).timeout(30_000);
});
