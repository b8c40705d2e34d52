import { expect } from 'chai';
import { ratioInterval } from '../../../../src/domain/rollout/guard-interval.js';
import { fixedKeysAnArm, planGuard } from '../../../../src/domain/rollout/guard-plan.js';
import { draws } from '../../../../src/domain/simulation/draws.js';
import { canarySeed } from '../../../../src/domain/simulation/canary-seed.js';
import { runCanary } from '../../../../src/domain/simulation/run-canary.js';
import type { GuardSpec } from '../../../../src/domain/spec/rollout-spec.js';

const error: GuardSpec = { event: 'error', direction: 'higher', margin: 0, weight: 1 };
const conversion: GuardSpec = { event: 'conversion', direction: 'lower', margin: 0.05, weight: 1 };

describe('how long a guard takes', () => {
  it('needs some 38,000 keys an arm for half a point of 5 % conversion, in a comparison of fixed size', () => {
    // scipy 1.17: (norm.ppf(0.975) + norm.ppf(0.9)) ** 2 * (0.05 * 0.95 + 0.045 * 0.955) / 0.005 ** 2
    expect(fixedKeysAnArm({ rate: 0.05, ratio: 0.9 })).to.equal(38_027);
  });

  for (const [name, guard, rate, ratio, share] of [
    ['three times the errors', error, 0.01, 3, 0.05],
    ['twice the errors within a margin', { ...error, margin: 0.2 }, 0.02, 2, 0.25],
    ['two thirds of the conversions', conversion, 0.1, 0.667, 0.5],
  ] as const)
    it(`is what simulations show: ${name}`, function () {
      this.timeout(30_000);
      const plan = planGuard({ guard, alpha: 0.01, rate, ratio, share, keysAnHour: 2000 });
      const world = { requests: 400_000, shares: [share], events: { [guard.event]: { rate, ratio } } };
      const rules = { guards: [guard], alpha: 0.01, clocks: true };
      const delays = Array.from({ length: 150 }, (_, run) => {
        const draw = draws(canarySeed({ seed: 2, scenario: name, run }));
        return runCanary({ world, rules, draw }).trip!.request;
      });
      const mean = delays.reduce((sum, one) => sum + one, 0) / delays.length;
      expect(plan.keys! / mean).to.be.within(0.8, 1.25);
      expect(plan.hours).to.be.closeTo(plan.keys! / 2000, 1e-9);
      expect(plan.challengerKeys).to.be.closeTo(plan.keys! * share, 1e-6);
    });

  it('says how long an equal challenger takes to be shown within the margin, where the spec wants that', () => {
    const guard = { ...error, margin: 0.2 };
    const plan = { alpha: 0.01, rate: 0.01, ratio: 3, share: 0.5, keysAnHour: 2000 };
    expect(planGuard({ guard, ...plan }).shown).to.equal(null);
    const { shown } = planGuard({ guard: { ...guard, nonInferiority: true }, ...plan });
    const highAt = (keys: number) => {
      const arm = (keys * plan.rate) / 2;
      return ratioInterval({ counts: [{ share: 0.5, challenger: arm, champion: arm }], alpha: 0.05 }).high!;
    };
    expect(highAt(shown!.keys * 1.01)).to.be.lessThan(1.2);
    expect(highAt(shown!.keys * 0.99)).to.be.greaterThan(1.2);
    expect(shown!.hours).to.be.closeTo(shown!.keys / 2000, 1e-9);
    expect(planGuard({ guard: { ...error, nonInferiority: true }, ...plan }).shown).to.equal(null);
  });

  it('never ends for harm within the margin', () => {
    const within = planGuard({ guard: conversion, alpha: 0.01, rate: 0.05, ratio: 0.96, share: 0.5, keysAnHour: 2000 });
    expect(within).to.deep.include({ events: null, keys: null, hours: null });
    expect(within.fixedKeysAnArm).to.be.greaterThan(200_000);
  });

  it('refuses a rate that is none', () => {
    expect(() => planGuard({ guard: error, alpha: 0.01, rate: 0, ratio: 3, share: 0.5, keysAnHour: 1 })).to.throw(
      'rate of error 0: expected over 0',
    );
  });
});
