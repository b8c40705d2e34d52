import { expect } from 'chai';
import {
  advanceGuards,
  evaluateGuards,
  guardsStateSchema,
  judgeGuards,
  startGuards,
} from '../../../../src/domain/rollout/guards.js';
import { logEvidence, mixtureAbove } from '../../../../src/domain/rollout/guard-mixture.js';
import type { Look } from '../../../../src/domain/rollout/looks.js';
import type { GuardSpec } from '../../../../src/domain/spec/rollout-spec.js';

const error: GuardSpec = { event: 'error', direction: 'higher', margin: 0.2, weight: 1 };
const start = Date.parse('2026-01-01T00:00:00.000Z');
const arm = (keys: number, events: number, event = 'error') => ({ keys, events: { [event]: events } });
const look = (minute: number, ...revisions: [share: number, challenger: number, champion: number][]): Look => ({
  at: new Date(start + minute * 60_000).toISOString(),
  revisions: revisions.map(([share, challenger, champion], index) => ({
    revision: index + 1,
    share,
    arms: { challenger: arm(500, challenger), champion: arm(9500, champion) },
  })),
});

describe('guards', () => {
  it('fails when the evidence reaches one over alpha, names the look, and takes nothing back', () => {
    const looks = [look(0, [0.05, 0, 0]), look(5, [0.05, 3, 20]), look(10, [0.05, 20, 40]), look(20, [0.05, 20, 500])];
    const { verdict, guards } = evaluateGuards({ guards: [error], alpha: 0.01, looks });
    expect(verdict).to.equal('fail');
    expect(guards[0]).to.deep.include({ verdict: 'fail', decidedAt: looks[2]!.at });
    expect(guards[0]!.threshold).to.be.closeTo(100, 1e-9);
    expect(guards[0]!.eValue).to.be.at.least(100);
    expect(guards[0]!.champion).to.deep.equal({ keys: 9500, events: 500 });
    expect(guards[0]!.reason).to.match(
      /^error: evidence [\d.]+ >= 100 that the challenger is higher by more than 20 %; challenger 20 of 500/,
    );
  });

  it('halves the weight for the start and the clocks, before any clock has started', () => {
    const counts = [{ share: 0.05, challenger: 6, champion: 40 }];
    const alone = Math.exp(logEvidence({ mixture: mixtureAbove(1.2), counts }));
    const looks = [look(0, [0.05, 0, 0]), look(5, [0.05, 6, 40])];
    const one = evaluateGuards({ guards: [error], alpha: 0.01, looks, clocks: false }).guards[0]!;
    const both = evaluateGuards({ guards: [error], alpha: 0.01, looks }).guards[0]!;
    expect(one.eValue).to.be.closeTo(alone, 1e-9 * alone);
    expect(both.eValue).to.be.closeTo((alone + 1) / 2, 1e-9 * alone);
  });

  it('sees a fault after quiet hours sooner with clocks than from the start alone', () => {
    const quiet = Array.from({ length: 20 }, (_, hour) => look(60 * hour, [0.05, hour * 2, hour * 60]));
    const fault = Array.from({ length: 80 }, (_, step) => look(1200 + step, [0.05, 38 + step, 1140 + 4 * step]));
    const decided = (clocks: boolean) =>
      evaluateGuards({ guards: [error], alpha: 0.01, looks: [...quiet, ...fault], clocks }).guards[0]!.decidedAt;
    expect(decided(true)).not.to.equal(null);
    expect(Date.parse(decided(false) ?? '9999-01-01')).to.be.greaterThan(Date.parse(decided(true)!));
  });

  it('lets clocks stand still once most keys have had the event, and counts nothing of that time for them', () => {
    // The challenger is better: its 500 keys have theirs later, when the champion's have all had it.
    const keys = (challenger: number, champion: number): Look['revisions'] => [
      { revision: 1, share: 0.5, arms: { challenger: arm(500, challenger), champion: arm(500, champion) } },
    ];
    const hourly = (counts: [number, number][]): Look[] =>
      counts.map(([challenger, champion], hour) => ({
        at: new Date(start + hour * 3_600_000).toISOString(),
        revisions: keys(challenger, champion),
      }));
    const looks = hourly([
      [0, 0],
      [30, 60],
      [110, 200],
      [190, 300],
      [260, 360],
      [320, 395],
      [370, 415],
      [410, 425],
      [440, 430],
    ]);
    const [guard] = evaluateGuards({ guards: [{ ...error, margin: 0 }], alpha: 0.01, looks }).guards;
    expect(guard!.verdict).to.equal('pass');
    expect(guard!.eValue).to.be.lessThan(1);
    // The same events among ten times as many keys leave the clocks running.
    const roomy = looks.map((one) => ({
      ...one,
      revisions: one.revisions.map((revision) => ({
        ...revision,
        arms: {
          challenger: { ...revision.arms.challenger, keys: 5000 },
          champion: { ...revision.arms.champion, keys: 5000 },
        },
      })),
    }));
    expect(evaluateGuards({ guards: [{ ...error, margin: 0 }], alpha: 0.01, looks: roomy }).verdict).to.equal('fail');
    // Few keys that have the event again and again stop them too.
    const repeating = roomy.map((one) => ({
      ...one,
      revisions: one.revisions.map((revision) => ({
        ...revision,
        arms: {
          challenger: { ...revision.arms.challenger, again: { error: revision.arms.challenger.events.error! / 4 } },
          champion: { ...revision.arms.champion, again: { error: revision.arms.champion.events.error! / 4 } },
        },
      })),
    }));
    expect(evaluateGuards({ guards: [{ ...error, margin: 0 }], alpha: 0.01, looks: repeating }).verdict).to.equal(
      'pass',
    );
  });

  it('judges nothing by a look that lost a revision, whatever is left in it', () => {
    const looks = [look(0, [0.05, 0, 0]), look(5, [0.05, 1, 14]), look(6, [0.05, 1, 14], [0.95, 0, 0])];
    const whole = look(9, [0.05, 1, 14], [0.95, 8, 0]);
    const lost = { ...whole, revisions: whole.revisions.slice(1) };
    const judged = (all: Look[]) => evaluateGuards({ guards: [error], alpha: 0.01, looks: all }).guards[0]!;
    expect(judged([...looks, lost])).to.include({
      verdict: 'unmeasured',
      reason: 'error: the telemetry of plan revision 1 is gone; expected it to be kept until the bake ends',
    });
    expect(judged([...looks, lost, whole])).to.deep.equal(judged([...looks, whole]));
    expect(judged([...looks, whole]).eValue).to.be.lessThan(2);
  });

  it('takes counts that went back for lost ones, and no evidence out of them when they are made up for', () => {
    // Six hours without harm, which the clocks stand on; then half of it is gone, and comes back from other gateways.
    const quiet = Array.from({ length: 7 }, (_, hour) => look(60 * hour, [0.05, hour * 10, hour * 190]));
    const halved = look(361, [0.05, 30, 570]);
    const madeUp = look(480, [0.05, 72, 1140]);
    const judged = (all: Look[]) => evaluateGuards({ guards: [error], alpha: 0.01, looks: all }).guards[0]!;
    expect(judged([...quiet, halved])).to.include({
      verdict: 'unmeasured',
      reason: 'error: counts went back (error 600 < 1200); the telemetry of a gateway is gone or began anew',
    });
    const again = judged([...quiet, halved, madeUp]);
    expect(again.verdict).to.equal('pass');
    expect(again.eValue).to.be.lessThan(1);
    // A fault that begins afterwards is seen all the same.
    const fault = Array.from({ length: 40 }, (_, step) => look(481 + step, [0.05, 72 + 4 * step, 1140 + 6 * step]));
    expect(judged([...quiet, halved, madeUp, ...fault]).verdict).to.equal('fail');
  });

  it('takes keys that move to an earlier revision for none that are lost', () => {
    const looks = [look(0, [0.05, 1, 10]), look(5, [0.05, 1, 10], [0.25, 2, 5]), look(6, [0.05, 1, 12], [0.25, 1, 4])];
    expect(evaluateGuards({ guards: [error], alpha: 0.01, looks }).guards[0]!.verdict).to.equal('pass');
  });

  it('splits alpha by weight', () => {
    const guards = [
      { ...error, weight: 3 },
      { ...error, event: 'slow' },
    ];
    const result = evaluateGuards({ guards, alpha: 0.01, looks: [look(0, [0.05, 0, 0])] });
    expect(result.guards.map((one) => Math.round(one.threshold))).to.deep.equal([133, 400]);
  });

  it('takes fewer conversions for harm where the direction is lower, and more for none', () => {
    const guard: GuardSpec = { event: 'conversion', direction: 'lower', margin: 0.05, weight: 1 };
    const at = (challenger: number, champion: number) =>
      evaluateGuards({
        guards: [guard],
        alpha: 0.01,
        looks: [
          {
            at: new Date(start).toISOString(),
            revisions: [
              {
                revision: 1,
                share: 0.5,
                arms: { challenger: arm(5000, challenger, 'conversion'), champion: arm(5000, champion, 'conversion') },
              },
            ],
          },
        ],
      }).guards[0]!;
    expect(at(150, 250).verdict).to.equal('fail');
    expect(at(150, 250).ratioInterval.high).to.be.lessThan(0.95);
    expect(at(250, 150).verdict).to.equal('pass');
  });

  it('is inconclusive where fewer is harm and nobody has reported one', () => {
    const sales: GuardSpec = { event: 'conversion', direction: 'lower', margin: 0.05, weight: 1 };
    const looks = [look(0, [0.5, 0, 0]), look(5, [0.5, 0, 0])];
    const [guard] = evaluateGuards({ guards: [sales], alpha: 0.01, looks }).guards;
    expect(guard).to.deep.include({ verdict: 'inconclusive', reason: 'conversion: none reported on either arm' });
  });

  it('shows non-inferiority once the interval excludes the margin', () => {
    const at = (challenger: number, champion: number) =>
      evaluateGuards({ guards: [error], alpha: 0.01, looks: [look(0, [0.5, challenger, champion])] }).guards[0]!;
    expect(at(1000, 1000).nonInferior).to.equal(true);
    expect(at(20, 20).nonInferior).to.equal(false);
  });

  it('is unmeasured without keys on both arms: everybody on one arm, or nobody at all', () => {
    for (const looks of [[], [look(0, [1, 5, 0])], [look(0, [0, 0, 5])]])
      expect(evaluateGuards({ guards: [error], alpha: 0.01, looks }).guards[0]!.verdict).to.equal('unmeasured');
  });

  it('gives the same bits when the state travels as JSON between looks', () => {
    const plan = { guards: [error, { ...error, event: 'slow' }], alpha: 0.01 };
    const looks = Array.from({ length: 30 }, (_, i) =>
      look(i * 17, [0.05, i, 8 * i], ...(i > 10 ? ([[0.25, i, 3 * i]] as [number, number, number][]) : [])),
    );
    let state = startGuards({ plan, startedAt: looks[0]!.at });
    for (const one of looks)
      state = guardsStateSchema.parse(JSON.parse(JSON.stringify(advanceGuards({ plan, state, look: one }))));
    expect(judgeGuards({ plan, state })).to.deep.equal(evaluateGuards({ ...plan, looks }));
    expect(JSON.stringify({ ...state, last: null }).length).to.be.lessThan(8000);
  });

  it('refuses margins that leave nothing to test', () => {
    const looks = [look(0, [0.05, 0, 0])];
    expect(() =>
      evaluateGuards({ guards: [{ ...error, direction: 'lower', margin: 1 }], alpha: 0.01, looks }),
    ).to.throw(/margin 1/);
    expect(() => evaluateGuards({ guards: [error], alpha: 0, looks })).to.throw(/alpha 0/);
  });
});
