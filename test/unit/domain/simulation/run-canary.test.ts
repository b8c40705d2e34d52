import { expect } from 'chai';
import { analyseCanary } from '../../../../src/domain/analysis/analyse-canary.js';
import type { CanaryEvent } from '../../../../src/domain/analysis/canary-event.js';
import { evaluateGuards } from '../../../../src/domain/rollout/guards.js';
import type { Look } from '../../../../src/domain/rollout/looks.js';
import type { GuardSpec } from '../../../../src/domain/spec/rollout-spec.js';
import { canaryRequests, simulateCanary, type CanaryWorld } from '../../../../src/domain/simulation/canary-world.js';
import { draws } from '../../../../src/domain/simulation/draws.js';
import { runCanary } from '../../../../src/domain/simulation/run-canary.js';

const guards: GuardSpec[] = [
  { event: 'error', direction: 'higher', margin: 0, weight: 2 },
  { event: 'conversion', direction: 'lower', margin: 0, weight: 1 },
];
const rules = { guards, alpha: 0.01, clocks: true };
const world: CanaryWorld = {
  requests: 20_000,
  shares: [0.1, 0.5],
  events: { error: { rate: 0.01, ratio: 4 }, conversion: { rate: 0.02 } },
};

/** The looks that the watcher would have stored had it looked after every event. */
function looksOf(rows: readonly CanaryEvent[]): Look[] {
  const start = Date.parse('2026-01-05T00:00:00Z');
  const looks: Look[] = [];
  const revisions: Look['revisions'] = [];
  for (const { t, arm, share, error, conversion } of rows) {
    if (revisions.at(-1)?.share !== share) {
      const empty = () => ({ keys: 0, events: { error: 0, conversion: 0 } });
      revisions.push({ revision: revisions.length + 1, share, arms: { champion: empty(), challenger: empty() } });
    }
    const counted = revisions.at(-1)!.arms[arm];
    counted.keys += 1;
    counted.events.error! += Number(error);
    counted.events.conversion! += Number(conversion);
    if (error || conversion || looks.length === 0)
      looks.push({ at: new Date(start + t * 1000).toISOString(), revisions: structuredClone(revisions) });
  }
  return looks;
}

describe('one simulated canary', () => {
  it('ends as the analysis of its file of events and as the watcher on its looks', () => {
    for (const seed of [1, 2, 3]) {
      const outcome = runCanary({ world, rules, draw: draws(seed) });
      // The same draws, written down: what has no event is left out of both.
      const rows = [...canaryRequests({ world, draw: draws(seed), only: 'events' })].map((one): CanaryEvent => ({
        t: one.t,
        key: `u${one.user}`,
        arm: one.arm,
        share: world.shares[one.part]!,
        error: one.happened.includes('error'),
        conversion: one.happened.includes('conversion'),
      }));
      const analysed = analyseCanary({ rows, guards, slo: null }).guards[0]!.decidedAt!;
      expect(outcome.trip).to.deep.include({ by: 'guard error', t: rows[analysed.row - 1]!.t });
      const watched = evaluateGuards({ guards, alpha: 0.01, looks: looksOf(rows) }).guards[0]!;
      expect(watched.verdict).to.equal('fail');
      const seconds = (Date.parse(watched.decidedAt!) - Date.parse('2026-01-05T00:00:00Z')) / 1000;
      expect(seconds).to.be.closeTo(outcome.trip!.t, 2);
    }
  });

  it('runs to its horizon where nothing is wrong, with keys split as planned', () => {
    const quiet = { ...world, events: { error: { rate: 0.01 }, conversion: { rate: 0.02 } } };
    expect(runCanary({ world: quiet, rules, draw: draws(1) })).to.deep.equal({ trip: null, sampleRatio: 'pass' });
    const users = { count: 3000, tail: 1.5 };
    expect(runCanary({ world: { ...quiet, users }, rules, draw: draws(2) }).sampleRatio).to.equal('pass');
  });

  it('ends by an absolute limit where there is one', () => {
    const bad: CanaryWorld = { ...world, requestsAnHour: 72_000, events: { error: { rate: 0.002, ratio: 60 } } };
    const outcome = runCanary({
      world: bad,
      rules: { ...rules, guards: [], limits: { error: 0.02 } },
      draw: draws(3),
    });
    expect(outcome.trip!.by).to.equal('error limit');
    const rows = simulateCanary({ world: bad, draw: draws(3) });
    const { decidedAt } = analyseCanary({ rows, limits: { error: 0.02 } }).breakers[0]!;
    expect(outcome.trip!.request).to.equal(decidedAt!.row);
  });
});
