import { expect } from 'chai';
import { stepGuards } from '../../src/activities/canary-assessment.js';
import { guardJudge } from '../../src/activities/guard-judgement.js';
import type { GuardSpec } from '../../src/domain/spec/rollout-spec.js';
import type { Look } from '../../src/domain/rollout/looks.js';

const guard = (event: string, weight: number): GuardSpec => ({ event, weight, direction: 'higher', margin: 0.2 });
const arm = { keys: 100, events: { error: 1, slow: 1 } };
const look: Look = {
  at: '2026-01-01T00:00:00.000Z',
  revisions: [{ revision: 1, share: 0.5, arms: { champion: arm, challenger: arm } }],
};

describe('what a guard says', () => {
  const limits = (...weights: number[]) =>
    guardJudge({ plan: { guards: weights.map((weight) => guard('error', weight)), alpha: 0.01 }, looks: [] })
      .judge(look)
      .verdicts.map((one) => one.limit);

  it('names its limit without the dust of a logarithm', () => {
    expect(limits(1, 1)).to.deep.equal([200, 200]);
    expect(limits(2, 2, 1)).to.deep.equal([250, 250, 500]);
    expect(limits(1, 2)).to.deep.equal([300, 150]);
  });
});

describe('a guard whose spec wants non-inferiority shown', () => {
  const said = ({ spec, champion, challenger }: { spec: Partial<GuardSpec>; champion: number; challenger: number }) => {
    const counts = (events: number) => ({ keys: 10_000, events: { error: events } });
    const seen: Look = {
      at: '2026-01-01T00:00:00.000Z',
      revisions: [{ revision: 1, share: 0.5, arms: { champion: counts(champion), challenger: counts(challenger) } }],
    };
    const guards = [{ ...guard('error', 1), ...spec }];
    return stepGuards({ plan: { guards, alpha: 0.01 }, looks: [], look: seen })[0]!;
  };

  it('holds a step until the interval lies within the margin', () => {
    const few = { champion: 20, challenger: 20 };
    expect(said({ spec: {}, ...few }).verdict).to.equal('pass');
    const held = said({ spec: { nonInferiority: true }, ...few });
    expect(held.verdict).to.equal('inconclusive');
    expect(held.reason).to.match(/^error: not shown to be within the margin of 20 %: a ratio of .* is not excluded/);
    expect(held.bound).to.be.greaterThan(1.2);
    const many = { champion: 1000, challenger: 1000 };
    expect(said({ spec: { nonInferiority: true }, ...many }).verdict).to.equal('pass');
  });

  it('does so downwards too, also while nobody has reported anything', () => {
    const spec = { nonInferiority: true, direction: 'lower' as const };
    expect(said({ spec, champion: 20, challenger: 20 }).verdict).to.equal('inconclusive');
    expect(said({ spec, champion: 0, challenger: 0 }).verdict).to.equal('inconclusive');
    expect(said({ spec: { ...spec, nonInferiority: false }, champion: 0, challenger: 0 }).verdict).to.equal('pass');
    expect(said({ spec, champion: 1000, challenger: 1000 }).verdict).to.equal('pass');
  });

  it('says nothing of one that has failed', () => {
    expect(said({ spec: { nonInferiority: true }, champion: 20, challenger: 400 }).verdict).to.equal('fail');
  });
});
