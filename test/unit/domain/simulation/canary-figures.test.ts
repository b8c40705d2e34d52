import { expect } from 'chai';
import { adaptScenario } from '../../../../src/domain/simulation/adapt-scenario.js';
import { canaryFigures, upperShare } from '../../../../src/domain/simulation/canary-figures.js';
import { canaryScenarios } from '../../../../src/domain/simulation/canary-scenarios.js';
import type { CanaryOutcome } from '../../../../src/domain/simulation/run-canary.js';

const scenario = (name: string) => canaryScenarios.find((one) => one.name === name)!;
const trips = (count: number, request: number): CanaryOutcome[] =>
  Array.from({ length: count }, () => ({ trip: { by: 'guard error', request, t: request }, sampleRatio: null }));
const quiet = (count: number): CanaryOutcome[] =>
  Array.from({ length: count }, () => ({ trip: null, sampleRatio: 'pass' as const }));

describe('figures of simulated canaries', () => {
  it('bound a share by the exact interval', () => {
    // scipy 1.17: beta.ppf(0.99, 4, 97)
    expect(upperShare({ hits: 3, runs: 100 })).to.be.closeTo(0.09697104526534446, 1e-9);
    expect(upperShare({ hits: 0, runs: 100 })).to.be.closeTo(1 - 0.01 ** (1 / 100), 1e-9);
    expect(upperShare({ hits: 5, runs: 5 })).to.equal(1);
  });

  it('miss alpha where chance does not explain the rollbacks, and only there', () => {
    const figures = (count: number) =>
      canaryFigures({
        scenario: scenario('plain'),
        alpha: 0.01,
        outcomes: [...trips(count, 100), ...quiet(1000 - count)],
      });
    expect(figures(10)).to.deep.include({ falseRollbacks: 10, falseShare: 0.01, found: null, ok: true, reason: null });
    expect(figures(25).ok).to.equal(false);
    expect(figures(25).reason).to.contain('25 of 1000 rolled back by mistake');
    expect(figures(25).by).to.deep.equal({ 'guard error': 25 });
  });

  it('count what trips before the fault as a mistake, and delays from the fault on', () => {
    const late = scenario('triple-errors-after-quiet');
    const { falseRollbacks, found, ok } = canaryFigures({
      scenario: late,
      alpha: 0.01,
      outcomes: [...trips(1, 100), ...trips(999, 50_000)],
    });
    expect(falseRollbacks).to.equal(1);
    expect(found).to.deep.include({ runs: 999, meanRequests: 10_000, median: 10_000, standardError: 0 });
    expect(ok).to.equal(true);
  });

  it('miss a share found and a mean delay', () => {
    const figures = (outcomes: CanaryOutcome[]) =>
      canaryFigures({ scenario: scenario('triple-errors'), alpha: 0.01, outcomes });
    expect(figures([...trips(900, 8000), ...quiet(100)]).reason).to.contain('900 of 1000 found');
    expect(figures(trips(1000, 9001)).reason).to.contain('9001 requests on average');
    expect(figures(trips(1000, 8999)).ok).to.equal(true);
  });

  it('follow the changes of a person: a changed fault is only shown', () => {
    const plain = scenario('plain');
    expect(adaptScenario({ scenario: plain, change: {} })).to.equal(plain);
    const faulty = adaptScenario({
      scenario: plain,
      change: { ratio: 2, share: 0.2, requests: 1000, guards: ['error', 'slow'], margin: 0.1 },
    });
    expect(faulty.target).to.deep.equal({ kind: 'shown' });
    expect(faulty.world).to.deep.include({ requests: 1000, shares: [0.2] });
    expect(faulty.world.events).to.deep.equal({ error: { rate: 0.01, ratio: 2 }, slow: { rate: 0.03 } });
    expect(faulty.guards.map(({ event, margin }) => [event, margin])).to.deep.equal([
      ['error', 0.1],
      ['slow', 0.1],
    ]);
    expect(adaptScenario({ scenario: plain, change: { baseRate: 0.02 } }).target).to.deep.equal({ kind: 'quiet' });
    expect(() => adaptScenario({ scenario: plain, change: { guards: ['speed'] } })).to.throw('guard "speed"');
  });
});
