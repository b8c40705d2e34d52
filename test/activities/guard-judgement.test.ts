import { expect } from 'chai';
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
