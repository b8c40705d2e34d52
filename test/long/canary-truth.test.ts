import { expect } from 'chai';
import { analyseCanary } from '../../src/domain/analysis/analyse-canary.js';
import { simulateCanary, type CanaryWorld } from '../support/simulation/canaries.js';
import { binomialSlack, draws } from '../support/simulation/comparison-scenarios.js';

type Options = Omit<Parameters<typeof analyseCanary>[0], 'rows'>;
const plain: CanaryWorld = { requests: 40_000, shares: [0.05], errorRate: 0.01, ratio: 1 };
/** With `slow` and these, five guards. */
const events = { slow: 0.03, thumbsDown: 0.02, blocked: 0.01, conversion: 0.05 };

function run({
  world,
  options,
  trials,
  seed = 5,
}: {
  world: Partial<CanaryWorld>;
  options: Options;
  trials: number;
  seed?: number;
}) {
  const draw = draws(seed);
  const whole = { ...plain, ...world };
  const delays: number[] = [];
  let unmeasured = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const rows = simulateCanary({ world: whole, draw });
    if (whole.events?.slow !== undefined) for (const row of rows) row.latencyMs = row.slow === true ? 900 : 100;
    const result = analyseCanary({ rows, ...options });
    unmeasured += Number(result.verdict === 'unmeasured');
    const decided = result.guards.flatMap((guard) => (guard.verdict === 'fail' ? [guard.decidedAt!.row] : []));
    if (decided.length > 0) delays.push(Math.min(...decided) - (whole.quiet ?? 0));
  }
  const mean = delays.reduce((sum, one) => sum + one, 0) / delays.length;
  const variance = delays.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (delays.length - 1);
  const standardError = Math.sqrt(variance / delays.length);
  const figures = {
    standardError,
    trials,
    failed: delays.length / trials,
    meanRequests: mean,
    unmeasured: unmeasured / trials,
  };
  process.stdout.write(`${JSON.stringify({ ...world, ...options, ...figures })}\n`);
  return figures;
}

describe('canaries without a difference', function () {
  this.timeout(3_600_000);
  const worlds: [name: string, world: Partial<CanaryWorld>, trials: number][] = [
    ['plain', {}, 10_000],
    ['five guards', { events }, 2000],
    [
      'a few users with all errors, one with half of all requests',
      { users: 4000, troubledUsers: 0.1, flood: true },
      2000,
    ],
    ['bursts and rising shares', { bursts: 5, shares: [0.01, 0.05, 0.25, 0.5], users: 8000 }, 2000],
    ['a challenger that is better', { ratio: 0.5 }, 2000],
    ['ten times the horizon', { requests: 400_000 }, 200],
  ];
  for (const [name, world, trials] of worlds)
    it(`${name}: at most 1 % rolled back`, () => {
      const { failed, unmeasured } = run({ world, options: { margin: 0 }, trials });
      expect(failed).to.be.at.most(0.01 + binomialSlack(0.01, trials));
      expect(unmeasured).to.be.at.most(0.001 + binomialSlack(0.001, trials) + 0.003);
    });
});

describe('canaries with three times the errors', function () {
  this.timeout(3_600_000);
  const cases: [name: string, world: Partial<CanaryWorld>, options: Options, limit: number][] = [
    ['one guard, one clock', {}, { margin: 0, clocks: false }, 9000],
    ['five guards, all clocks', { events }, { margin: 0 }, 13_500],
    ['after 20 quiet hours, one guard, all clocks', { requests: 100_000, quiet: 40_000 }, { margin: 0 }, 25_000],
  ];
  for (const [name, world, options, limit] of cases)
    it(`${name}: found, on average within ${limit} requests`, () => {
      const trials = 1000;
      const { failed, meanRequests, standardError } = run({ world: { ...world, ratio: 3 }, options, trials });
      expect(failed).to.be.at.least(0.99 - binomialSlack(0.99, trials));
      expect(meanRequests, `standard error ${standardError}`).to.be.at.most(limit + 2.576 * standardError);
    });

  it('with the margin of 20 % as shipped', () => {
    const { failed } = run({ world: { ratio: 3, requests: 80_000 }, options: { margin: 0.2 }, trials: 500 });
    expect(failed).to.be.at.least(0.99 - binomialSlack(0.99, 500));
  });
});
