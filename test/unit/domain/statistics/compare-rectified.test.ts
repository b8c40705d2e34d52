import { expect } from 'chai';
import { compareRectified, type JudgedPair } from '../../../../src/domain/statistics/compare-rectified.js';
import type { Claim } from '../../../../src/domain/statistics/contrast.js';
import { rectifiedBootstrap } from '../../../../src/domain/statistics/rectified-bootstrap.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';
import { decisionFixtures } from './decision-fixtures.js';

const superior: Claim = { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' };

/** A judge that favours the challenger by `bias`; the first `labelled` cases are labelled. */
function judged({
  n = 300,
  labelled = 120,
  bias = 0.2,
  gain = 0,
}: Partial<Record<'n' | 'labelled' | 'bias' | 'gain', number>>): JudgedPair[] {
  const draw = draws(3);
  return Array.from({ length: n }, (_, i) => {
    const champion = 0.6 + 0.15 * draw.normal();
    const challenger = champion + gain + 0.1 * draw.normal();
    return {
      id: `${i}`,
      cluster: `${i}`,
      champion: champion + 0.03 * draw.normal(),
      challenger: challenger + bias + 0.03 * draw.normal(),
      label: i < labelled ? { champion, challenger } : null,
    };
  });
}
const compare = (pairs: readonly JudgedPair[], claim = superior) =>
  compareRectified({ pairs, claim, alpha: 0.05, seed: 1, resamples: 1999 });

describe('compareRectified', () => {
  it('agrees with ppi_py on single cases: its mean for the same weight, and nearly its own tuned one', () => {
    const { label, judgeLabelled, judgeUnlabelled, ...ppi } = decisionFixtures.rectified;
    const pairs = [
      ...label.map((one, i) => ({ challenger: judgeLabelled[i]!, label: { champion: 0, challenger: one } })),
      ...judgeUnlabelled.map((challenger) => ({ challenger, label: null })),
    ].map((one, i) => ({ id: `${i}`, cluster: `${i}`, champion: 0, ...one }));
    const result = compare(pairs);
    expect(result.weight).to.be.closeTo(ppi.leastErrorWeight, 1e-9);
    expect(result.difference).to.be.closeTo(ppi.leastErrorMean, 1e-9);
    expect(result.difference).to.be.closeTo(ppi.mean, 0.005);
    expect(result.interval.low).to.be.closeTo(ppi.interval[0], 0.008);
    expect(result.interval.high).to.be.closeTo(ppi.interval[1], 0.008);
  });

  it('takes out what the judge favours', () => {
    const result = compare(judged({ bias: 0.2, gain: 0 }));
    expect(result.judgeDifference).to.be.closeTo(0.2, 0.02);
    expect(Math.abs(result.difference)).to.be.lessThan(0.03);
    expect(result.verdict).to.equal('inconclusive');
    expect(result.reason).to.match(
      /^better: not shown; challenger .*95 % interval .* by 120 labels .*; the judge alone says \+0\.\d+/,
    );
  });

  it('sees a true gain through a judge against it, and a loss through one for it', () => {
    expect(compare(judged({ bias: -0.3, gain: 0.06 })).verdict).to.equal('pass');
    expect(compare(judged({ bias: 0.3, gain: -0.06 })).verdict).to.equal('fail');
  });

  it('is narrower than the labels alone, and never much wider where the judge says nothing', () => {
    const pairs = judged({});
    const width = ({ interval }: ReturnType<typeof compare>): number => interval.high - interval.low;
    const labelsAlone = compare(pairs.filter((pair) => pair.label !== null));
    expect(labelsAlone.weight).to.equal(0);
    expect(width(compare(pairs))).to.be.lessThan(0.75 * width(labelsAlone));
    const draw = draws(5);
    const deaf = pairs.map((pair) => ({ ...pair, champion: draw.normal(), challenger: draw.normal() }));
    expect(width(compare(deaf))).to.be.lessThan(1.05 * width(labelsAlone));
  });

  it('says how many labels would do', () => {
    const result = compare(judged({ labelled: 60, gain: 0.015 }), { ...superior, size: 0.01 });
    expect(result.verdict).to.equal('inconclusive');
    expect(result.power.labelsNeeded).to.be.greaterThan(60);
    expect(result.reason).to.match(/needs about \d+ more labels to see 0.01$/);
  });

  it('decides nothing under the floors, and tells which', () => {
    const few = compare(judged({ labelled: 19, gain: 0.5, bias: 0 }));
    expect(few.verdict).to.equal('inconclusive');
    expect(few.reason).to.contain('19 labelled clusters < 20 and 19 labelled cases with a difference < 30');
  });

  it('holds a relative claim, and one where less is better', () => {
    const pairs = judged({ gain: 0.12, bias: 0.1 });
    const claim: Claim = { decision: 'superior', kind: 'relative', size: 0.1, better: 'higher' };
    expect(compare(pairs, claim).verdict).to.equal('pass');
    expect(compare(pairs, { ...claim, size: 0.3 }).verdict).to.equal('fail');
    expect(compare(pairs, { ...superior, better: 'lower' }).verdict).to.equal('fail');
  });

  it('draws whole clusters: cases that repeat each other count once', () => {
    const single = judged({ n: 150, labelled: 60 });
    const repeated = single.flatMap((pair) => [0, 1, 2, 3].map((copy) => ({ ...pair, id: `${pair.id}-${copy}` })));
    expect(compare(repeated).interval).to.deep.equal(compare(single).interval);
  });

  it('gives the same bits again, and refuses cases without any label', () => {
    expect(compare(judged({}))).to.deep.equal(compare(judged({})));
    expect(() => compare(judged({ labelled: 0 }))).to.throw(RangeError, 'no case has a label');
  });
});

describe('rectifiedBootstrap', () => {
  const cluster = { label: 1, judgeLabelled: 1, labelled: 1, judgeUnlabelled: 0, unlabelled: 0 };

  it('knows nothing from one or two labelled clusters', () => {
    const { endpoints, standardError } = rectifiedBootstrap({ clusters: [cluster, cluster], seed: 1, resamples: 100 });
    expect(standardError).to.equal(Infinity);
    expect([endpoints[0], endpoints[99]]).to.deep.equal([-Infinity, Infinity]);
  });

  it('has no spread where all labels are one', () => {
    const clusters = Array.from({ length: 30 }, () => cluster);
    const { endpoints, standardError } = rectifiedBootstrap({ clusters, seed: 1, resamples: 100 });
    expect([standardError, endpoints[0], endpoints[99]]).to.deep.equal([0, 1, 1]);
  });
});
