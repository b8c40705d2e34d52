import { expect } from 'chai';
import fc from 'fast-check';
import { analyseComparison, comparisonAnalysisSchema } from '../../../../src/domain/analysis/analyse-comparison.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const rows = ({ n, mean, seed, perCluster = 0 }: { n: number; mean: number; seed: number; perCluster?: number }) => {
  const draw = draws(seed);
  return Array.from({ length: n }, (_, i) => ({
    id: `case-${i}`,
    ...(perCluster ? { cluster: `c${Math.floor(i / perCluster)}` } : {}),
    score: mean + 0.1 * draw.normal(),
  }));
};
const champion = rows({ n: 150, mean: 0.6, seed: 1 });
const challenger = rows({ n: 150, mean: 0.7, seed: 2 });

describe('analyse comparison', () => {
  it('answers in the shape of its schema, with unrounded numbers', () => {
    const result = analyseComparison({ metric: 'f1', champion, challenger });
    expect(comparisonAnalysisSchema.parse(JSON.parse(JSON.stringify(result)))).to.deep.equal(result);
    expect(result).to.deep.include({ metric: 'f1', n: 150, clusters: 150, verdict: 'pass', seed: 1 });
    expect(result.interval.level).to.equal(0.95);
    expect(result.difference).to.be.closeTo(result.challenger! - result.champion!, 1e-12);
    expect(result.interval.low).to.be.lessThan(result.difference!);
    expect(result.power.smallestEffect).to.be.greaterThan(0);
    expect(result.power.casesNeeded).to.be.greaterThan(0);
  });

  it('does not depend on the order of the rows', () => {
    const expected = analyseComparison({ metric: 'f1', champion, challenger });
    fc.assert(
      fc.property(fc.shuffledSubarray(champion, { minLength: 150 }), (shuffled) => {
        expect(analyseComparison({ metric: 'f1', champion: shuffled, challenger })).to.deep.equal(expected);
      }),
      { seed: 4, numRuns: 3 },
    );
  });

  it('takes a minimum effect relative to the champion, or absolute, and a margin for non-inferiority', () => {
    const verdict = (over: object) => analyseComparison({ metric: 'f1', champion, challenger, ...over }).verdict;
    expect(verdict({ size: 0.05 })).to.equal('pass');
    expect(verdict({ size: 0.3 })).to.equal('fail');
    expect(verdict({ size: 0.05, kind: 'absolute' })).to.equal('pass');
    expect(verdict({ champion: challenger, challenger: champion })).to.equal('fail');
    expect(verdict({ champion: challenger, challenger: champion, decision: 'nonInferior', size: 0.3 })).to.equal(
      'pass',
    );
  });

  it('counts clusters, and is inconclusive under 20', () => {
    const clustered = {
      champion: rows({ n: 150, mean: 0.6, seed: 1, perCluster: 10 }),
      challenger: rows({ n: 150, mean: 0.9, seed: 2, perCluster: 10 }),
    };
    const result = analyseComparison({ metric: 'f1', ...clustered });
    expect(result).to.deep.include({ clusters: 15, verdict: 'inconclusive', mcNemar: null });
    expect(result.reason).to.contain('15 clusters < 20');
  });

  it('names what is unmeasured, and decides nothing over the limit', () => {
    const lost = (count: number) => challenger.map((row, i) => (i < count ? { ...row, score: Number.NaN } : row));
    const few = analyseComparison({ metric: 'f1', champion, challenger: lost(3) });
    expect(few).to.deep.include({ n: 147, verdict: 'pass' });
    expect(few.reason).to.match(/: case-\d+, case-\d+, case-\d+ \(the challenger has no score\)/);
    expect(analyseComparison({ metric: 'f1', champion, challenger: lost(4) }).verdict).to.equal('unmeasured');
    const none = analyseComparison({ metric: 'f1', champion, challenger: [] });
    expect(none).to.deep.include({ n: 0, verdict: 'unmeasured', pValue: null });
    expect(none.unmeasured).to.have.length(150);
    expect(analyseComparison({ metric: 'f1', champion: [], challenger: [] }).reason).to.equal('neither arm has a row');
  });

  it('survives a single case, equal arms and a metric that goes the other way', () => {
    const one = analyseComparison({ metric: 'f1', champion: champion.slice(0, 1), challenger: challenger.slice(0, 1) });
    expect(one).to.deep.include({ verdict: 'inconclusive', pValue: 1 });
    const equal = analyseComparison({ metric: 'f1', champion, challenger: champion });
    expect(equal).to.deep.include({ verdict: 'inconclusive', difference: 0, pValue: 1 });
    expect(analyseComparison({ metric: 'toxicity', champion, challenger }).verdict).to.equal('fail');
    expect(JSON.parse(JSON.stringify([one, equal]))).to.deep.equal([one, equal]);
  });

  it('refuses an alpha that means nothing', () =>
    expect(() => analyseComparison({ metric: 'f1', champion, challenger, alpha: 0 })).to.throw(RangeError, /alpha 0/));
});
