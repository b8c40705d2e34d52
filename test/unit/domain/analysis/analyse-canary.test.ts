import { expect } from 'chai';
import { analyseCanary, canaryAnalysisSchema } from '../../../../src/domain/analysis/analyse-canary.js';
import { canaryEventSchema, guardsFor, type CanaryEvent } from '../../../../src/domain/analysis/canary-event.js';
import { simulateCanary, type CanaryWorld } from '../../../../src/domain/simulation/canary-world.js';
import { binomialSlack, draws } from '../../../support/simulation/comparison-scenarios.js';

const world: CanaryWorld = { requests: 20_000, shares: [0.05], events: { error: { rate: 0.01 } } };
const errors = (rate: number, ratio = 1) => ({ events: { error: { rate, ratio } } });
const rowsOf = (over: Partial<CanaryWorld>, seed = 1) =>
  simulateCanary({ world: { ...world, ...over }, draw: draws(seed) });

describe('analyse canary', () => {
  it('says pass where nothing is wrong, in the shape of its schema', () => {
    const result = analyseCanary({ rows: rowsOf({ events: { error: { rate: 0.01 }, conversion: { rate: 0.05 } } }) });
    expect(canaryAnalysisSchema.parse(result)).to.deep.equal(result);
    expect(result.verdict).to.equal('pass');
    expect(result.guards.map((guard) => guard.event)).to.deep.equal(['error', 'conversion']);
    expect(result.sampleRatio.verdict).to.equal('pass');
  });

  it('says fail where the challenger errs ten times as often, and where that was decided', () => {
    const rows = rowsOf(errors(0.01, 10));
    const result = analyseCanary({ rows });
    const [guard] = result.guards;
    expect(result.verdict).to.equal('fail');
    expect(guard!.eValue).to.be.at.least(guard!.threshold);
    expect(rows[guard!.decidedAt!.row - 1]).to.deep.include({ t: guard!.decidedAt!.t, error: true });
    const until = analyseCanary({ rows: rows.slice(0, guard!.decidedAt!.row - 1) });
    expect(until.guards[0]!.decidedAt).to.equal(null);
  });

  it('takes no milliseconds since 1970 for seconds: windows and clocks would be a thousand times too long', () => {
    const row = { key: 'a', arm: 'champion', share: 0.5, error: false };
    for (const t of [0, -5, 1_800_000_000.5]) expect(canaryEventSchema.safeParse({ t, ...row }).success).to.equal(true);
    for (const t of [1_800_000_000_000, -1e18, 1e300]) {
      const { success, error } = canaryEventSchema.safeParse({ t, ...row });
      expect(success, String(t)).to.equal(false);
      expect(error!.issues[0]!.message).to.match(/^expected seconds/);
    }
  });

  it("counts a key's first event only, in its arm", () => {
    const row = (index: number, key: string, arm: CanaryEvent['arm'], error: boolean): CanaryEvent => ({
      t: index,
      key,
      arm,
      share: 0.5,
      error,
    });
    const rows = [
      row(0, 'a', 'challenger', false),
      row(1, 'a', 'challenger', true),
      row(2, 'a', 'challenger', true),
      row(3, 'b', 'champion', true),
      row(4, 'c', 'champion', false),
    ];
    const { guards, verdict } = analyseCanary({ rows });
    expect(guards[0]).to.deep.include({ challenger: { keys: 1, events: 1 }, champion: { keys: 2, events: 1 } });
    expect(verdict).to.equal('inconclusive');
    expect(guards[0]!.reason).to.contain('1 keys < 50');
  });

  it('is unmeasured, never fail, where keys are not split as planned', () => {
    const rows = rowsOf(errors(0.01, 10)).map((row) => ({ ...row, share: 0.1 }));
    const result = analyseCanary({ rows });
    expect(result.verdict).to.equal('unmeasured');
    expect(result.guards[0]).to.deep.include({ verdict: 'unmeasured' });
    expect(result.sampleRatio.pValue).to.be.lessThan(0.001);
    expect(analyseCanary({ rows: [] }).verdict).to.equal('unmeasured');
  });

  it('watches slow answers over the SLO, relative to the champion', () => {
    const draw = draws(4);
    const rows = rowsOf({}).map((row) => ({
      ...row,
      latencyMs: draw.chance(row.arm === 'challenger' ? 0.3 : 0.03) ? 900 : 100,
    }));
    const result = analyseCanary({ rows, slo: 450 });
    expect(result.guards.find((guard) => guard.event === 'slow')!.verdict).to.equal('fail');
    expect(analyseCanary({ rows, slo: null }).guards.map((guard) => guard.event)).to.deep.equal(['error']);
  });

  it('trips an absolute limit on the challenger alone, and holds in an outage that both arms share', () => {
    const own = analyseCanary({
      rows: rowsOf({ shares: [0.5], ...errors(0.002, 60) }),
      limits: { error: 0.02 },
    });
    expect(own.breakers[0]).to.deep.include({ verdict: 'fail', event: 'error' });
    expect(own.breakers[0]!.decidedAt!.row).to.be.lessThan(1000);
    const shared = analyseCanary({ rows: rowsOf({ shares: [0.5], ...errors(0.2) }), limits: { error: 0.02 } });
    expect(shared.breakers[0]).to.deep.include({ verdict: 'inconclusive', sharedOutage: true, decidedAt: null });
    expect(shared.verdict).to.equal('inconclusive');
    expect(analyseCanary({ rows: rowsOf(errors(0.002)), limits: { error: 0.02 } }).breakers[0]!.verdict).to.equal(
      'pass',
    );
  });

  it('finds the events in the rows, with the direction and margin each usually has', () => {
    const rows = [
      canaryEventSchema.parse({
        t: 0,
        key: 7,
        arm: 'champion',
        share: 0.1,
        error: 0,
        note: 'x',
        conversion: true,
        blocked: false,
      }),
    ];
    expect(rows[0]).to.deep.include({ key: '7', error: false });
    expect(guardsFor({ rows, slo: 450, margin: null })).to.deep.equal([
      { event: 'error', direction: 'higher', margin: 0.2, weight: 2 },
      { event: 'blocked', direction: 'higher', margin: 0.5, weight: 1 },
      { event: 'conversion', direction: 'lower', margin: 0.05, weight: 1 },
    ]);
    expect(guardsFor({ rows, slo: 450, margin: 0 }).map((guard) => guard.margin)).to.deep.equal([0, 0, 0.05]);
  });
});

/** The longer run of the same, 10,000 canaries, is test/long/canary-truth.test.ts. */
describe('canaries keep their promises', () => {
  const rate = ({ over, trials, options }: { over: Partial<CanaryWorld>; trials: number; options: object }) => {
    const draw = draws(5);
    const verdicts = Array.from({ length: trials }, () =>
      analyseCanary({ rows: simulateCanary({ world: { ...world, ...over }, draw }), ...options }),
    );
    return verdicts.filter((one) => one.verdict === 'fail').length / trials;
  };

  it('roll back by mistake in at most 1 of 100', function () {
    this.timeout(30_000);
    const events = { error: { rate: 0.01 }, thumbsDown: { rate: 0.02 }, conversion: { rate: 0.05 } };
    const heavy = { users: { count: 2000, troubled: 0.1, flood: true } };
    const bursts = { every: 4000, length: 400, times: 5 };
    const worlds = [{}, { events }, heavy, { bursts, shares: [0.01, 0.05, 0.25] }, errors(0.01, 0.5)];
    const mistakes = worlds.map((over) => rate({ over, trials: 25, options: { margin: 0 } }));
    const mean = mistakes.reduce((sum, one) => sum + one, 0) / worlds.length;
    expect(mean).to.be.at.most(0.01 + binomialSlack(0.01, 25 * worlds.length));
  });

  it('find three times the errors at base 1 % and share 5 % within 40,000 requests', function () {
    this.timeout(30_000);
    const found = rate({ over: { requests: 40_000, ...errors(0.01, 3) }, trials: 50, options: { margin: 0 } });
    expect(found).to.be.at.least(0.99 - binomialSlack(0.99, 50));
  });
});
