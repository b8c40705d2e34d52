import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { ratioInterval } from '../../../../src/domain/rollout/guard-interval.js';
import {
  intervalSpread,
  logEvidence,
  mixtureAbove,
  swapArms,
  type SplitCounts,
} from '../../../../src/domain/rollout/guard-mixture.js';
import { sampleRatio } from '../../../../src/domain/rollout/sample-ratio.js';
import { binomialSlack, draws } from '../../../support/simulation/comparison-scenarios.js';

const revisionsSchema = z.array(z.tuple([z.number(), z.number(), z.number()]));
/** What numpy and scipy say, made by test/fixtures/statistics/make_fixtures.py. */
const fixtures = z
  .object({
    guards: z.object({
      evidence: z.array(z.tuple([z.number(), revisionsSchema, z.number()])),
      intervals: z.array(z.tuple([revisionsSchema, z.number(), z.number()])),
      sampleRatio: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    }),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../fixtures/statistics/statistics.json', import.meta.url), 'utf8')),
  ).guards;

const countsOf = (revisions: z.infer<typeof revisionsSchema>): SplitCounts[] =>
  revisions.map(([share, challenger, champion]) => ({ share, challenger, champion }));

describe('guard mixture', () => {
  it('has 60 ratios above the base, up to 50, whose weights add up to 1', () => {
    const { ratios, logWeights } = mixtureAbove(1.2);
    expect(ratios).to.have.length(60);
    expect(ratios[0]).to.be.greaterThan(1.2);
    expect(ratios[59]).to.be.closeTo(50, 1e-9);
    expect(logWeights.reduce((sum, one) => sum + Math.exp(one), 0)).to.be.closeTo(1, 1e-12);
  });

  it('is the likelihood ratio that scipy computes from binomial probabilities', () => {
    for (const [base, revisions, expected] of fixtures.evidence)
      expect(Math.exp(logEvidence({ mixture: mixtureAbove(base), counts: countsOf(revisions) }))).to.be.closeTo(
        expected,
        1e-9 * expected,
      );
  });

  it('says nothing of revisions with everybody on one arm', () => {
    const mixture = mixtureAbove(1);
    expect(logEvidence({ mixture, counts: [{ share: 1, challenger: 40, champion: 0 }] })).to.be.closeTo(0, 1e-12);
    expect(logEvidence({ mixture, counts: [] })).to.be.closeTo(0, 1e-12);
  });

  it('refuses a base that leaves no alternative', () =>
    expect(() => mixtureAbove(50)).to.throw(RangeError, /ratio 50/));
});

describe('ratio interval', () => {
  it('has the ends that inversion by root finding in scipy has', () => {
    for (const [revisions, low, high] of fixtures.intervals) {
      const interval = ratioInterval({ counts: countsOf(revisions), alpha: 0.05 });
      expect(interval.low).to.be.closeTo(low, 1e-6 * low);
      expect(interval.high).to.be.closeTo(high, 1e-6 * high);
    }
  });

  it('is open where an arm has no event', () => {
    expect(ratioInterval({ counts: [{ share: 0.5, challenger: 0, champion: 40 }], alpha: 0.05 }).low).to.equal(0);
    expect(ratioInterval({ counts: [{ share: 0.5, challenger: 40, champion: 0 }], alpha: 0.05 }).high).to.equal(null);
    expect(ratioInterval({ counts: [], alpha: 0.05 })).to.deep.equal({ level: 0.95, low: 0, high: null });
  });

  it('covers the true ratio at every look at once, 95 times in 100', () => {
    const draw = draws(3);
    const trials = 200;
    const rejects = (counts: SplitCounts[], base: number) =>
      logEvidence({ mixture: mixtureAbove(base, intervalSpread), counts }) >= -Math.log(0.025);
    for (const [share, ratio] of [
      [0.2, 1],
      [0.5, 2],
      [0.5, 0.5],
    ] as const) {
      let missed = 0;
      for (let trial = 0; trial < trials; trial += 1) {
        const counts = { share, challenger: 0, champion: 0 };
        const looks = Array.from({ length: 150 }, () => {
          counts[draw.chance((share * ratio) / (share * ratio + 1 - share)) ? 'challenger' : 'champion'] += 1;
          return rejects([counts], ratio) || rejects([swapArms(counts)], 1 / ratio);
        });
        missed += Number(looks.includes(true));
        const { low, high } = ratioInterval({ counts: [counts], alpha: 0.05 });
        expect(ratio < low || ratio > high!).to.equal(looks.at(-1));
      }
      expect(missed / trials, `share ${share}, ratio ${ratio}`).to.be.at.most(0.05 + binomialSlack(0.05, trials));
    }
  });
});

describe('sample ratio', () => {
  const split = (share: number, challenger: number, keys: number) => ({
    revision: 1,
    share,
    challenger,
    champion: keys - challenger,
  });

  it('has the exact p-value of scipy', () => {
    for (const [challenger, keys, share, expected] of fixtures.sampleRatio) {
      const { pValue, verdict } = sampleRatio({ revisions: [split(share, challenger, keys)] });
      expect(pValue).to.be.closeTo(expected, 1e-8);
      expect(verdict).to.equal(expected < 0.001 ? 'unmeasured' : 'pass');
    }
  });

  it('finds a break in one of several revisions, and counts how many it looked at', () => {
    const broken = sampleRatio({ revisions: [split(0.05, 50, 1000), split(0.25, 330, 1000)] });
    expect(broken.verdict).to.equal('unmeasured');
    expect(broken.reason).to.contain('330 of 1000 keys (33 %) on the challenger, planned 25 %');
    const alone = sampleRatio({ revisions: [split(0.25, 290, 1000)] });
    const among = sampleRatio({ revisions: [split(0.25, 290, 1000), split(0.05, 50, 1000)] });
    expect(among.pValue).to.be.closeTo(2 * alone.pValue!, 1e-12);
  });

  it('has nothing to say without users on a split', () => {
    expect(sampleRatio({ revisions: [] })).to.deep.include({ verdict: 'unmeasured', pValue: null });
    expect(sampleRatio({ revisions: [split(1, 40, 40)] }).verdict).to.equal('unmeasured');
  });
});
