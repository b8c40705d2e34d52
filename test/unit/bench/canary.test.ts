import { expect } from 'chai';
import { kayentaRule, mannWhitney, type Series } from '../../../bench/canary/kayenta.js';
import { runMethods, atDefaults, tunables, tune } from '../../../bench/canary/methods.js';
import { canaryPicture } from '../../../bench/canary/picture.js';
import { argoRule, betaMixtureRule, flaggerRule, guardRule } from '../../../bench/canary/rules.js';
import { merged, type ObservedCanary, type Rule } from '../../../bench/canary/windows.js';

/** Windows of 100 requests from the challenger's requests and errors; the champion has the rest and no errors. */
function observed(windows: [requests: number, errors: number][], championErrors = 0): ObservedCanary {
  const of = (value: (window: [number, number]) => number): Int32Array => Int32Array.from(windows, value);
  return {
    errors: windows.flatMap(([, errors], index) =>
      Array.from({ length: errors }, () => ({ request: (index + 1) * 100, challenger: true })),
    ),
    windows: {
      ...{ count: windows.length, size: 100 },
      challenger: { requests: of(([requests]) => requests), errors: of(([, errors]) => errors) },
      champion: { requests: of(([requests]) => 100 - requests), errors: of(() => championErrors) },
    },
  };
}

describe('rules of others that watch a canary', () => {
  it('merge windows, leaving out what is not whole', () => {
    const { windows } = observed([
      [10, 1],
      [20, 0],
      [30, 3],
    ]);
    const two = merged({ windows, by: 2 });
    expect([two.count, two.size, [...two.challenger.requests], [...two.challenger.errors]]).to.deep.equal([
      ...[1, 200],
      [30],
      [1],
    ]);
  });

  it('Argo Rollouts fails with one failed window more than its limit, and leaves out those without requests', () => {
    const canary = observed([
      [10, 1],
      [0, 0],
      [10, 1],
      [10, 0],
      [10, 1],
    ]);
    expect(argoRule({ by: 1, most: 0.05, failureLimit: 2 })(canary)).to.equal(500);
    expect(argoRule({ by: 1, most: 0.05, failureLimit: 3 })(canary)).to.equal(null);
    expect(argoRule({ by: 1, most: 0.1, failureLimit: 0 })(canary)).to.equal(null);
  });

  it('Flagger fails at its threshold, and takes a window without requests for a failed check', () => {
    const canary = observed([
      [10, 1],
      [0, 0],
      [10, 0],
    ]);
    expect(flaggerRule({ by: 1, most: 0.01, threshold: 2 })(canary)).to.equal(200);
    expect(flaggerRule({ by: 1, most: 0.01, threshold: 3 })(canary)).to.equal(null);
  });

  it('Mann-Whitney has the z of scipy, with ties', () => {
    const series = (values: number[]): Series => {
      const counted: Series = new Map();
      for (const value of values) counted.set(value, (counted.get(value) ?? 0) + 1);
      return counted;
    };
    // scipy 1.17: mannwhitneyu(..., alternative='greater', method='asymptotic'), norm.isf of its p-value
    const experiment = series([0, 0, 0.1, 0.2, 0.1, 0, 0.3]);
    const control = series([0, 0.1, 0, 0, 0.05, 0.1, 0, 0.2]);
    expect(mannWhitney({ experiment, control, shift: 0 })).to.be.closeTo(0.6167045837437466, 1e-9);
    const apart = series(Array.from({ length: 10 }, (_, index) => (5 + (index % 3)) / 50));
    const under = series(Array.from({ length: 10 }, (_, index) => 0.02 * (1 + (index % 2) * 3)));
    expect(mannWhitney({ experiment: apart, control: under, shift: 0 })).to.be.closeTo(3.8262068018555984, 1e-9);
  });

  it('Kayenta fails where the interval of the shift lies over a quarter of its estimate', () => {
    const high = observed(
      Array.from({ length: 30 }, (_, index) => [50, 5 + (index % 3)]),
      1,
    );
    const level: [number, number][] = Array.from({ length: 30 }, () => [50, 1]);
    const rule = (level: number): Rule => kayentaRule({ by: 1, every: 10, level });
    expect(rule(0.98)(high)).to.equal(1000);
    expect(rule(0.98)(observed(level, 1))).to.equal(null);
    expect(rule(0.99999)(high)).to.be.greaterThan(1000);
  });

  it('e-processes reach one over alpha by errors of the challenger alone', () => {
    const canary = observed([
      [5, 5],
      [5, 5],
    ]);
    const beta = betaMixtureRule({ a: 1, b: 1, alpha: 0.01, share: 0.05 });
    // Beta(1 + 2, 1) / Beta(1, 1) = 1 / 3; over 0.05^2 that is 133.
    expect(beta({ ...canary, errors: canary.errors.slice(0, 2) })).to.equal(100);
    expect(beta({ ...canary, errors: canary.errors.slice(0, 1) })).to.equal(null);
    const guard = guardRule({ alpha: 0.01, share: 0.05, clocks: false, requestsAnHour: 2400 });
    expect(guard(canary)).to.equal(100);
    expect(guard({ ...canary, errors: canary.errors.map((error) => ({ ...error, challenger: false })) })).to.equal(
      null,
    );
  });

  it('are run on the same canaries and tuned to alpha', function () {
    this.timeout(60_000);
    const [ours, , argo] = atDefaults;
    const [quiet, loud] = runMethods({ methods: [ours!, argo!], name: 'quiet', runs: 20, seed: 3 });
    expect(quiet!.hits).to.be.lessThan(3);
    expect(loud!.share).to.equal(1);
    const tuned = tune({ tunable: { ...tunables[3]! }, runs: 60, seed: 3 });
    const [found] = runMethods({ methods: [tuned], name: 'faulty', runs: 20, seed: 4 });
    expect(found!.hits).to.be.greaterThan(17);
  });

  it('are drawn as one picture', () => {
    const rows = [
      { name: 'a guard', quiet: 0.005, tenTimes: 0.01, found: 1, mean: 9000 },
      { name: 'a rule', quiet: 1, tenTimes: 1, found: 0, mean: null },
    ];
    const svg = canaryPicture({ rows });
    expect(svg)
      .to.match(/^<svg xmlns=/)
      .and.to.contain('a guard')
      .and.to.contain('never');
    expect(svg).not.to.contain('var(');
  });
});
