import { expect } from 'chai';
import type { GoldenCase } from '../../../../src/domain/dataset/golden.js';
import { reportSlices } from '../../../../src/domain/evaluation/report-slices.js';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const cases: GoldenCase[] = Array.from({ length: 120 }, (_, i) => ({
  ...{ id: `${i}`, cluster: `${i}`, reference: 'Yes.', tags: { language: i % 2 === 0 ? 'en' : 'de' } },
  input: i < 60 ? 'Where is it?' : 'Where is the parcel that I sent to my sister last week on Monday?',
}));

function scores({ harm }: { harm: Partial<Record<string, (index: number) => number>> }): ScoreRow[] {
  return ['tokenF1', 'rougeL', 'toxicity'].flatMap((metric, number) => {
    const draw = draws(number + 1);
    const own = draws(number + 11);
    return cases.map(({ id, cluster, tags }, index) => {
      const noise = Object.keys(harm).length === 0 ? 0 : 0.02 * own.normal();
      const score = 0.5 + 0.1 * draw.normal() + noise + (harm[metric]?.(index) ?? 0);
      return { id, cluster, tags, metric, score, reason: null, details: {} };
    });
  });
}

const sliced = (harm: Parameters<typeof scores>[0]['harm'], champion = true) =>
  reportSlices({
    spec: { slices: ['language', 'length'], alpha: 0.05 },
    metrics: ['tokenF1', 'toxicity'],
    cases,
    scores: { challenger: scores({ harm }), champion: champion ? scores({ harm: {} }) : null, baseline: null },
    seed: 1,
  });

describe('reportSlices', () => {
  it('cuts by tags and by the length of the question, on every metric that is compared', () => {
    const names = sliced({ rougeL: () => 0 }).map(({ metric, slice, n }) => `${metric} ${slice} ${n}`);
    expect(names).to.deep.equal([
      ...[
        'tokenF1 language=de 60',
        'tokenF1 language=en 60',
        'tokenF1 length=14 words 60',
        'tokenF1 length=3 words 60',
      ],
      ...['toxicity language=de 60', 'toxicity language=en 60', 'toxicity length=14 words 60'],
      'toxicity length=3 words 60',
    ]);
  });

  it('names what is harmed, whichever way a metric is good', () => {
    const slices = sliced({ tokenF1: (i) => (i < 60 ? -0.1 : 0), toxicity: (i) => (i % 2 === 0 ? 0.1 : -0.1) });
    const harmed = slices.filter((one) => one.harmed).map(({ metric, slice }) => `${metric} ${slice}`);
    expect(harmed).to.include.members(['tokenF1 length=3 words', 'toxicity language=en']);
    expect(harmed).not.to.include('toxicity language=de').and.not.to.include('tokenF1 length=14 words');
    for (const { pValue } of slices) expect(pValue).to.be.within(0, 1);
  });

  it('marks what has too few cases to tell, and leaves out a tag with one value', () => {
    const alike = cases.map((one) => ({ ...one, tags: { language: 'en', category: Number(one.id) < 12 ? 'a' : 'b' } }));
    const tagged = (rows: readonly ScoreRow[]): ScoreRow[] =>
      rows.map((row) => ({ ...row, tags: alike[Number(row.id)]!.tags }));
    const slices = reportSlices({
      spec: { slices: ['language', 'category'], alpha: 0.05 },
      ...{ metrics: ['tokenF1'], cases: alike, seed: 1 },
      scores: {
        ...{ challenger: tagged(scores({ harm: { tokenF1: () => 0.2 } })), baseline: null },
        champion: tagged(scores({ harm: {} })),
      },
    });
    expect(slices.map(({ slice, few }) => [slice, few])).to.deep.equal([
      ['category=a', true],
      ['category=b', false],
    ]);
  });

  it('has nothing to compare before the first champion', () => expect(sliced({}, false)).to.deep.equal([]));
});
