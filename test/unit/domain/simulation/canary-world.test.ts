import { expect } from 'chai';
import { binomialTest } from '../../../../src/domain/statistics/distributions.js';
import { canaryRequests, simulateCanary, type CanaryWorld } from '../../../../src/domain/simulation/canary-world.js';
import { draws } from '../../../../src/domain/simulation/draws.js';

const world: CanaryWorld = { requests: 40_000, shares: [0.05, 0.5], events: { error: { rate: 0.02, ratio: 3 } } };
const noChance = 1e-6;

function countErrors({ over, only, seed }: { over?: Partial<CanaryWorld>; only: 'all' | 'events'; seed: number }) {
  const counts = { challenger: [0, 0], champion: [0, 0] };
  for (const request of canaryRequests({ world: { ...world, ...over }, draw: draws(seed), only }))
    if (request.happened.includes('error')) counts[request.arm][request.part]! += 1;
  return counts;
}

describe('a simulated canary', () => {
  for (const only of ['all', 'events'] as const)
    it(`has the rates of its world, drawn by ${only}`, () => {
      const { challenger, champion } = countErrors({ only, seed: 3 });
      const expected = { challenger: [0.05 * 0.06, 0.5 * 0.06], champion: [0.95 * 0.02, 0.5 * 0.02] };
      for (const part of [0, 1]) {
        const trials = world.requests / 2;
        for (const [count, p] of [
          [challenger[part]!, expected.challenger[part]!],
          [champion[part]!, expected.champion[part]!],
        ] as const)
          expect(binomialTest({ successes: count, trials, p })).to.be.greaterThan(noChance);
      }
    });

  it('differs only after its quiet requests, and has bursts on both arms', () => {
    const quiet = countErrors({ over: { quiet: world.requests, shares: [0.5, 0.5] }, only: 'events', seed: 4 });
    const [one, other] = [quiet.challenger[0]! + quiet.challenger[1]!, quiet.champion[0]! + quiet.champion[1]!];
    expect(binomialTest({ successes: one, trials: one + other, p: 0.5 })).to.be.greaterThan(noChance);
    const bursts = { every: 1000, length: 100, times: 11 };
    const burst = countErrors({
      over: { bursts, events: { error: { rate: 0.01 } } },
      only: 'events',
      seed: 5,
    });
    const total = burst.challenger[0]! + burst.challenger[1]! + burst.champion[0]! + burst.champion[1]!;
    expect(binomialTest({ successes: total, trials: world.requests, p: 0.02 })).to.be.greaterThan(noChance);
  });

  it('keeps a user on one side, gives the flood half of all requests and the troubled all errors', () => {
    const users = { count: 200, troubled: 0.1, flood: true };
    const rows = simulateCanary({ world: { ...world, shares: [0.5], users }, draw: draws(6) });
    const arms = new Map<string, Set<string>>();
    for (const { key, arm } of rows) arms.set(key, (arms.get(key) ?? new Set()).add(arm));
    expect([...arms.values()].every((one) => one.size === 1)).to.equal(true);
    const flood = rows.filter(({ key }) => key === 'u0').length;
    expect(flood / rows.length).to.be.within(0.49, 0.52);
    const erring = new Set(rows.filter(({ error }) => error).map(({ key }) => Number(key.slice(1))));
    expect([...erring].every((user) => user % 10 === 0)).to.equal(true);
  });

  it('comes faster by day than by night', () => {
    const rows = simulateCanary({
      world: { ...world, requests: 24_000, requestsAnHour: 1000, dayToNight: 9 },
      draw: draws(7),
    });
    const byDay = rows.filter(({ t }) => t < 43_200).length;
    expect(byDay).to.equal(21_600);
    expect(rows.at(-1)!.t).to.be.within(86_300, 86_400);
    expect(rows.every(({ t }, index) => index === 0 || t > rows[index - 1]!.t)).to.equal(true);
  });

  it('says slow by its latency and every other event by its name', () => {
    const events = { error: { rate: 0.1 }, slow: { rate: 0.5 }, blocked: { rate: 0.5 } };
    const rows = simulateCanary({ world: { requests: 200, shares: [0.5], events }, draw: draws(8) });
    expect(new Set(rows.map(({ latencyMs }) => latencyMs))).to.deep.equal(new Set([100, 900]));
    expect(new Set(rows.map(({ blocked }) => blocked))).to.deep.equal(new Set([true, false]));
  });
});
