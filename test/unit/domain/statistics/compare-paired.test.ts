import { expect } from 'chai';
import fc from 'fast-check';
import { comparePaired } from '../../../../src/domain/statistics/compare-paired.js';
import { contrastOf, type Claim } from '../../../../src/domain/statistics/contrast.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const superior: Claim = { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' };

function cases({ n, gain, seed = 1, spread = 0.1 }: { n: number; gain: number; seed?: number; spread?: number }) {
  const draw = draws(seed);
  const pairs = Array.from({ length: n }, (_, i) => {
    const champion = 0.5 + spread * draw.normal();
    return { id: `${i}`, cluster: `${i}`, champion, challenger: champion + gain + spread * draw.normal() };
  });
  return { pairs, clustered: false };
}
const compare = (over: Partial<Parameters<typeof comparePaired>[0]>) =>
  comparePaired({
    cases: cases({ n: 120, gain: 0.05 }),
    claim: superior,
    alpha: 0.05,
    seed: 1,
    resamples: 1999,
    ...over,
  });

describe('contrast', () => {
  const pair = { id: 'a', cluster: 'a', champion: 0.6, challenger: 0.7 };
  const at = (claim: Partial<Claim>) => {
    const { value, boundary } = contrastOf({ ...superior, ...claim });
    return [Number(value(pair).toFixed(10)), boundary];
  };
  it('is b - (1 + d)a for superior, b - (1 - d)a for non-inferior, b - a against an absolute d', () => {
    expect(at({ kind: 'relative', size: 0.05 })).to.deep.equal([0.07, 0]);
    expect(at({ decision: 'nonInferior', kind: 'relative', size: 0.05 })).to.deep.equal([0.13, 0]);
    expect(at({ size: 0.02 })).to.deep.equal([0.1, 0.02]);
    expect(at({ decision: 'nonInferior', size: 0.02 })).to.deep.equal([0.1, -0.02]);
  });
  it('turns round where less is better', () => {
    expect(at({ better: 'lower', kind: 'relative', size: 0.05 })).to.deep.equal([-0.13, 0]);
    expect(at({ better: 'lower', decision: 'nonInferior', kind: 'relative', size: 0.05 })).to.deep.equal([-0.07, 0]);
  });
});

describe('comparePaired', () => {
  it('passes what is better, fails what is shown not to be, and quotes numbers and interval', () => {
    const pass = compare({});
    expect(pass.verdict).to.equal('pass');
    expect(pass.interval.low).to.be.greaterThan(0);
    expect(pass.pValue).to.be.at.most(0.05);
    expect(pass.reason).to.match(
      /^better: yes; challenger 0\.\d+ against champion 0\.\d+, difference \+0\.\d+ \(95 % interval \+/,
    );
    const fail = compare({ cases: cases({ n: 120, gain: -0.05 }) });
    expect(fail.verdict).to.equal('fail');
  });

  it('is inconclusive in between and says how many cases would settle it', () => {
    const result = compare({ cases: cases({ n: 60, gain: 0.01, seed: 3 }) });
    expect(result.verdict).to.equal('inconclusive');
    expect(result.power.casesNeeded).to.be.greaterThan(60);
    expect(result.reason).to.match(/needs \d+ more cases to see [\d.]+ points$/);
  });

  it('says of what falls short by itself that more cases would not help, and what the p-value is against', () => {
    const claim = { decision: 'superior', kind: 'absolute', size: 0.02, better: 'higher' } as const;
    const short = { cases: cases({ n: 60, gain: 0.01, seed: 3 }), claim };
    const result = compare(short);
    expect(result.contrast.estimate).to.be.lessThan(result.contrast.boundary);
    expect(result.reason).to.match(
      /p [\d.]+ against exactly 0\.02 better, 60 cases .*; what was seen falls short of it by itself, a challenger 2 points beyond it would be seen with \d+ more cases$/,
    );
    expect(compare({ ...short, rules: 4 }).reason).to.match(
      /p [\d.]+, 60 cases .*needs \d+ more cases to see 2 points$/,
    );
    const worse = compare({ cases: cases({ n: 60, gain: -0.005, seed: 3 }) });
    expect(worse.reason).to.match(/p [\d.]+ against no difference, .*; what was seen falls short of it by itself$/);
    const claimed = { ...claim, decision: 'nonInferior', kind: 'relative', size: 0.05 } as const;
    expect(compare({ claim: claimed }).reason).to.contain('against exactly 5 % worse');
  });

  it('decides nothing under 20 clusters or 30 untied cases, however clear it looks', () => {
    const clear = cases({ n: 200, gain: 0.5 });
    const few = { clustered: true, pairs: clear.pairs.map((pair, i) => ({ ...pair, cluster: `${i % 19}` })) };
    const tied = {
      clustered: false,
      pairs: clear.pairs.map((pair, i) => (i < 29 ? pair : { ...pair, challenger: pair.champion })),
    };
    expect(compare({ cases: few })).to.deep.include({ verdict: 'inconclusive', clusters: 19 });
    expect(compare({ cases: few }).reason).to.contain('19 clusters < 20');
    expect(compare({ cases: tied })).to.deep.include({ verdict: 'inconclusive', untied: 29 });
    expect(compare({ cases: tied }).reason).to.contain('29 untied cases < 30');
    expect(compare({ cases: tied, claim: { ...superior, decision: 'nonInferior', size: 0.1 } }).verdict).to.equal(
      'inconclusive',
    );
  });

  it('never gives a p-value that disagrees with its interval or verdict', () => {
    fc.assert(
      fc.property(
        fc.record({
          n: fc.integer({ min: 30, max: 80 }),
          gain: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
          seed: fc.nat(1000),
        }),
        fc.constantFrom<Claim['decision']>('superior', 'nonInferior'),
        fc.constantFrom<Claim['kind']>('relative', 'absolute'),
        fc.constantFrom<Claim['better']>('higher', 'lower'),
        fc.constantFrom(0, 0.02, 0.05),
        (shape, decision, kind, better, size) => {
          const claim = { decision, kind, better, size };
          const result = compare({ cases: cases(shape), claim, resamples: 999 });
          const { low, high, boundary } = result.contrast;
          expect(result.pValue <= 0.05).to.equal(low > boundary || high < boundary);
          expect(result.verdict).to.equal(low > boundary ? 'pass' : high < boundary ? 'fail' : 'inconclusive');
        },
      ),
      { seed: 2, numRuns: 150 },
    );
  });

  it('turns round exactly when the arms change places', () => {
    const one = cases({ n: 80, gain: 0.02 });
    const swapped = {
      clustered: false,
      pairs: one.pairs.map((pair) => ({ ...pair, champion: pair.challenger, challenger: pair.champion })),
    };
    const [a, b] = [compare({ cases: one }), compare({ cases: swapped })];
    expect(b.interval.low).to.be.closeTo(-a.interval.high, 1e-12);
    expect(b.pValue).to.equal(a.pValue);
  });

  it('reports the exact McNemar test for yes/no without clusters only', () => {
    const pairs = Array.from({ length: 100 }, (_, i) => ({
      id: `${i}`,
      cluster: `${i}`,
      champion: Number(i < 60),
      challenger: Number(i >= 30),
    }));
    expect(compare({ cases: { pairs, clustered: false } }).mcNemar).to.deep.include({
      onlyChampion: 30,
      onlyChallenger: 40,
    });
    expect(compare({ cases: { pairs, clustered: true } }).mcNemar).to.equal(null);
    expect(compare({}).mcNemar).to.equal(null);
  });

  it('refuses a margin that means nothing', () => {
    expect(() => compare({ claim: { ...superior, size: -0.1 } })).to.throw(RangeError, /minimum effect -0.1/);
  });
});
