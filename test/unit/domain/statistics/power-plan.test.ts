import { expect } from 'chai';
import { comparePaired } from '../../../../src/domain/statistics/compare-paired.js';
import type { Claim } from '../../../../src/domain/statistics/contrast.js';
import { casesFor, planPower, smallestEffectOf } from '../../../../src/domain/statistics/power-plan.js';
import { binomialSlack, draws } from '../../../support/simulation/comparison-scenarios.js';
import { fixtures } from './fixtures.js';

const claim: Claim = { decision: 'superior', kind: 'absolute', size: 0.05, better: 'higher' };
const spread = (n: number, mean = 0.6, deviation = 0.2) => {
  const draw = draws(4);
  return Array.from({ length: n }, (_, i) => ({ id: `${i}`, score: mean + deviation * draw.normal() }));
};

describe('power plan', () => {
  it('needs as many cases as statsmodels says, within 1.5 %', () => {
    for (const [effect, expected] of fixtures.tests.pairedCases as [number, number][]) {
      const cases = 200;
      const smallestEffect = smallestEffectOf({ standardError: 1 / Math.sqrt(cases), degrees: cases - 1, alpha: 0.05 });
      expect(casesFor({ cases, smallestEffect, effect })! / expected).to.be.within(0.985, 1.03);
    }
  });

  it('by its later rules allows for a spread that is itself estimated, more where clusters are few', () => {
    const ratio = (n: number): number => {
      const plan = (rules: 1 | 2) => planPower({ champion: spread(n), claim, alpha: 0.05, rules }).smallestEffect!;
      return plan(2) / plan(1);
    };
    expect(planPower({ champion: spread(90), claim, alpha: 0.05, rules: 1 })).to.deep.equal(
      planPower({ champion: spread(90), claim, alpha: 0.05 }),
    );
    expect(ratio(40)).to.be.within(1.012, 1.018);
    expect(ratio(400)).to.be.within(1.0005, 1.002);
  });

  it('says of the whole set what a part of it drawn at random says, within what the part does not know', () => {
    const all = spread(400);
    const whole = { cases: 400, clusters: 400 };
    const ofAll = planPower({ champion: all, claim, alpha: 0.05, rules: 2 });
    const ofPart = planPower({ champion: all.slice(0, 100), claim, alpha: 0.05, rules: 2, whole });
    expect(ofPart).to.include({ cases: 400, clusters: 400 });
    expect(ofPart.smallestEffect! / ofAll.smallestEffect!).to.be.within(0.85, 1.15);
    expect(ofPart.reason).to.match(/^400 cases can show/);
    expect(planPower({ champion: all, claim, alpha: 0.05, rules: 2, whole })).to.deep.equal(ofAll);
    const few = planPower({ champion: all.slice(0, 19), claim, alpha: 0.05, whole });
    expect(few.reason).to.match(/^19 cases in 19 clusters can only be inconclusive/);
  });

  it('says what the set can show and how many cases the stated effect needs', () => {
    const plan = planPower({ champion: spread(90), claim, alpha: 0.05 });
    expect(plan.verdict).to.equal('underpowered');
    expect(plan.smallestEffect).to.be.closeTo((2.83 * 0.2) / Math.sqrt(90), 0.009);
    expect(plan.casesNeeded).to.be.within(100, 160);
    expect(plan.reason).to.match(/^90 cases can show 0\.\d+ with 80 % power; 0\.05 needs \d+ cases$/);
    expect(planPower({ champion: spread(400), claim, alpha: 0.05 }).verdict).to.equal('adequate');
  });

  it('spreads a relative claim over both arms: the variance of b - (1 + d)a with the assumed correlation', () => {
    const champion = spread(90);
    const shown = (kind: Claim['kind'], size: number) =>
      planPower({ champion, claim: { ...claim, kind, size }, alpha: 0.05 }).smallestEffect!;
    const scale = 1.5;
    const expected = Math.sqrt(1 + scale ** 2 - 2 * scale * 0.5);
    expect(shown('relative', 0.5) / shown('absolute', 0.5)).to.be.closeTo(expected, 1e-9);
  });

  it('refuses the hopeless with the number', () => {
    const champion = spread(60, 0.97, 0.05).map((row) => ({ ...row, score: Math.min(1, row.score) }));
    const plan = planPower({ champion, claim, alpha: 0.05, highest: 1 });
    expect(plan.verdict).to.equal('hopeless');
    expect(plan.reason).to.match(
      /no challenger can pass: 60 cases can show 0\.\d+, .* leaves room for 0\.0\d+; 0\.05 needs \d+ cases/,
    );
    const few = planPower({ champion: spread(25), claim, alpha: 0.05 });
    expect(few).to.deep.include({ verdict: 'hopeless', casesNeeded: null });
    expect(few.reason).to.contain('25 cases in 25 clusters can only be inconclusive');
  });

  it('warns, and refuses nothing, where a perfect challenger would pass', () => {
    const champion = Array.from({ length: 90 }, (_, i) => ({ id: `${i}`, score: 0.74 + (0.26 * i) / 89 }));
    const wanted: Claim = { ...claim, size: 0.11 };
    const plan = planPower({ champion, claim: wanted, alpha: 0.05, highest: 1 });
    expect(plan.verdict).to.equal('underpowered');
    expect(plan.reason).to.match(/A challenger that is as good as can be on average passes about [67]\d times in 100$/);
    const against = (size: number) =>
      comparePaired({
        cases: {
          pairs: champion.map(({ id, score }) => ({ id, cluster: id, champion: score, challenger: 1 })),
          clustered: false,
        },
        claim: { ...claim, size },
        alpha: 0.05,
        seed: 1,
        resamples: 999,
      }).verdict;
    expect(against(0.11)).to.equal('pass');
    expect(planPower({ champion, claim: { ...claim, size: 0.12 }, alpha: 0.05, highest: 1 }).verdict).to.equal(
      'hopeless',
    );
    expect(against(0.12)).to.not.equal('pass');
  });

  it('holds its promise: 80 % of challengers at the planned distance pass', () => {
    const draw = draws(6);
    const [n, trials] = [150, 800];
    const deviation = 0.2;
    const effect = smallestEffectOf({ standardError: deviation / Math.sqrt(n), degrees: n - 1, alpha: 0.05 });
    let passed = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const pairs = Array.from({ length: n }, (_, i) => ({
        id: `${i}`,
        cluster: `${i}`,
        champion: 0.5,
        challenger: 0.5 + claim.size + effect + deviation * draw.normal(),
      }));
      const result = comparePaired({
        cases: { pairs, clustered: false },
        claim,
        alpha: 0.05,
        seed: trial,
        resamples: 999,
      });
      passed += Number(result.verdict === 'pass');
    }
    expect(passed / trials).to.be.closeTo(0.8, binomialSlack(0.8, trials));
  });
});
