import { expect } from 'chai';
import { concludeShadow } from '../../../../../src/domain/rollout/shadow/conclude-shadow.js';
import type { JudgeRole, ShadowLimits } from '../../../../../src/domain/rollout/shadow/shadow-gates.js';
import type { ShadowRow } from '../../../../../src/domain/rollout/shadow/shadow-row.js';
import { seededRandom } from '../../../../../src/domain/statistics/random.js';
import { rows } from './rows.js';

const limits: ShadowLimits = { minimumPairs: 100, alpha: 0.05, margin: 0.05, rateMargin: 0.02, slowMilliseconds: 450 };
const calibrated: JudgeRole = { decides: true, reason: 'agrees with people' };
const conclude = (given: readonly ShadowRow[], judge: JudgeRole = null, over = false) =>
  concludeShadow({ rows: given, limits, judge, over });
const gateOf = (name: string, given: ReturnType<typeof conclude>) =>
  given.verdicts.find(({ gate }) => gate === `shadow: ${name}`)!;

describe('verdict of a shadow', () => {
  it('is unmeasured without a pair, and never a pass', () => {
    const concluded = conclude([], calibrated, true);
    expect(concluded).to.include({ verdict: 'unmeasured', ends: true });
    expect(concluded.reason).to.contain('0 pairs of different keys (0 in all) < 100');
  });

  it('does not pass on few keys, however many pairs they have', () => {
    const repeated = rows(500, (index) => ({ counted: index < 20, bucket: index % 20 }));
    const concluded = conclude(repeated, null, true);
    expect(concluded.verdict).to.equal('inconclusive');
    expect(concluded.reason).to.contain('20 pairs of different keys (500 in all) < 100');
  });

  it('passes without a judge only when its time is over, and says that only harm was looked for', () => {
    expect(conclude(rows(150))).to.include({ verdict: 'pass', ends: false });
    const over = conclude(rows(150), null, true);
    expect(over).to.include({ verdict: 'pass', ends: true });
    expect(over.reason).to.match(/no judge compared the answers, so only harm was looked for$/);
  });

  for (const [name, harm] of [
    ['failed requests', { challenger: { error: 'status' } }],
    ['empty answers', { challenger: { empty: true } }],
    ['refusals', { challenger: { refused: true } }],
    ['slow answers', { challenger: { latencyMs: 900 } }],
  ] as const)
    it(`fails early when ${name} come more often`, () => {
      const concluded = conclude(rows(90, (index) => (index % 4 === 0 ? harm : {})));
      expect(concluded).to.include({ verdict: 'fail', ends: true });
      expect(gateOf(name, concluded)).to.include({ verdict: 'fail', limit: 0.02, n: 90 });
      expect(concluded.reason).to.match(new RegExp(`^shadow: ${name}: the challenger alone in 23`));
    });

  it('holds nothing against the challenger that the champion does as often', () => {
    const both = { champion: { refused: true }, challenger: { refused: true } };
    expect(
      conclude(
        rows(400, (index) => (index % 2 === 0 ? both : {})),
        null,
        true,
      ).verdict,
    ).to.equal('pass');
  });

  it('ends early at a shown win, not before there are enough pairs', () => {
    const wins = (count: number) => rows(count, (index) => ({ preference: index % 4 === 0 ? 0 : 1 }));
    expect(conclude(wins(90), calibrated)).to.include({ verdict: 'inconclusive', ends: false });
    const concluded = conclude(wins(100), calibrated);
    expect(concluded).to.include({ verdict: 'pass', ends: true });
    const gate = gateOf('preference', concluded);
    expect(gate.value).to.equal(0.75);
    expect(gate.bound).to.be.within(0.5, 0.75);
  });

  it('ends early at a shown loss, whatever else passed', () => {
    const concluded = conclude(
      rows(80, (index) => ({ preference: index % 4 === 0 ? 1 : 0 })),
      calibrated,
    );
    expect(concluded).to.include({ verdict: 'fail', ends: true });
    expect(concluded.reason).to.match(
      /^shadow: preference: mean preference 0.25 of 80 pairs .* shown to be under 0.45$/,
    );
  });

  it('is inconclusive where preferences are even and few', () => {
    const even = rows(120, (index) => ({ preference: index % 2 }));
    expect(conclude(even, calibrated, true).verdict).to.equal('inconclusive');
  });

  it('shows what a judge who may not decide prefers, and decides without', () => {
    const losses = rows(120, () => ({ preference: 0 }));
    const informs = { decides: false, reason: 'the judge was never calibrated' };
    const concluded = conclude(losses, informs, true);
    expect(concluded.verdict).to.equal('pass');
    expect(gateOf('preference', concluded)).to.include({ verdict: 'fail', informs: true });
    expect(concluded.reason).to.contain('the judge decided nothing (the judge was never calibrated)');
  });

  it('says why pairs have no judgement', () => {
    const silent = rows(120, (index) =>
      index < 110 ? { preferenceReason: 'over the budget of 5 USD' } : { preference: 1 },
    );
    const concluded = conclude(silent, calibrated, true);
    expect(concluded.verdict).to.equal('inconclusive');
    expect(concluded.reason).to.contain('110 pairs without a judgement: over the budget of 5 USD');
    const none = conclude(
      rows(120, () => ({ preferenceReason: 'the judge is down' })),
      calibrated,
      true,
    );
    expect(none.verdict).to.equal('unmeasured');
  });

  it('fails at most alpha of 300 shadows in which nothing is wrong, looked at after every 20 pairs', () => {
    const random = seededRandom(7);
    const shadows = 300;
    let failed = 0;
    for (let shadow = 0; shadow < shadows; shadow += 1) {
      const refused = (): boolean => random.uniform() < 0.05;
      const given = rows(300, () => ({
        preference: [0, 0.5, 1][random.index(3)]!,
        champion: { refused: refused(), latencyMs: random.uniform() < 0.1 ? 900 : 200 },
        challenger: { refused: refused(), latencyMs: random.uniform() < 0.1 ? 900 : 200 },
      }));
      for (let seen = 20; seen <= given.length; seen += 20) {
        if (conclude(given.slice(0, seen), calibrated).verdict !== 'fail') continue;
        failed += 1;
        break;
      }
    }
    expect(failed / shadows).to.be.at.most(0.05);
  }).timeout(60_000);
});
