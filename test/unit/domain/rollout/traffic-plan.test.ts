import { expect } from 'chai';
import fc from 'fast-check';
import { bucketCount, bucketOf } from '../../../../src/domain/rollout/buckets.js';
import {
  armOf,
  championOnly,
  closingOwner,
  effectivePlan,
  mayWrite,
  nextEpoch,
  nextPlan,
  type Target,
} from '../../../../src/domain/rollout/traffic-plan.js';

const target = (releaseId: string): Target => ({
  releaseId,
  endpoint: 'http://127.0.0.1:1/v1',
  adapter: releaseId,
  promptDigest: null,
  indexVersion: null,
});
const at = '2026-03-01T00:00:00.000Z';
const owner = { workflowId: 'release:m-r2', epoch: 2 };
const first = nextPlan({
  current: null,
  model: 'm',
  salt: 's',
  change: { champion: target('m-r1'), reason: 'first' },
  owner,
  at,
});
const canary = nextPlan({
  current: first,
  model: 'm',
  salt: 'x',
  change: {
    challenger: target('m-r2'),
    challengerShare: 0.25,
    leaseUntil: '2026-03-01T00:10:00.000Z',
    reason: 'canary',
  },
  owner,
  at,
});

describe('traffic plan', () => {
  it('raises the revision by one and keeps the salt', () => {
    expect([first.revision, canary.revision, canary.salt]).to.deep.equal([1, 2, 's']);
  });

  it('refuses a share without a lease', () => {
    expect(() =>
      nextPlan({
        current: first,
        model: 'm',
        salt: 's',
        change: { challenger: target('m-r2'), challengerShare: 0.5, reason: 'x' },
        owner,
        at,
      }),
    ).to.throw(/needs a lease/);
  });

  it('falls back by itself at the very moment the lease ends', () => {
    expect(effectivePlan({ plan: canary, now: '2026-03-01T00:09:59.999Z' })).to.include({
      challengerShare: 0.25,
      lapsed: false,
    });
    expect(effectivePlan({ plan: canary, now: '2026-03-01T00:10:00.000Z' })).to.include({
      challengerShare: 0,
      lapsed: true,
    });
  });

  it('gives the champion everything back', () => {
    const back = nextPlan({ current: canary, model: 'm', salt: 's', change: championOnly('rollback'), owner, at });
    expect(back).to.deep.include({ challenger: null, challengerShare: 0, lease: null, champion: target('m-r1') });
  });

  it('lets nobody flip back as the share rises', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (key, a, b) => {
          const bucket = bucketOf({ salt: 's', key });
          const arm = (challengerShare: number) => armOf({ plan: { ...canary, challengerShare }, bucket, bucketCount });
          if (arm(Math.min(a, b)) === 'challenger') expect(arm(Math.max(a, b))).to.equal('challenger');
        },
      ),
    );
  });

  it('keeps the holdback on the champion at full share, and the share honest', () => {
    const plan = { ...canary, challengerShare: 1, holdback: 0.05 };
    const arms = Array.from({ length: 20_000 }, (_, user) =>
      armOf({ plan, bucket: bucketOf({ salt: 's', key: `user-${user}` }), bucketCount }),
    );
    const champion = arms.filter((arm) => arm === 'champion').length / arms.length;
    expect(champion).to.be.within(0.045, 0.055);
  });

  it('fences: a closing writer shuts out what it closes, the next epoch shuts out both', () => {
    const closing = closingOwner(owner);
    const closed = { ...canary, owner: closing };
    expect(mayWrite({ current: closed, owner })).to.equal(false);
    expect(mayWrite({ current: closed, owner: closing })).to.equal(true);
    expect(mayWrite({ current: closed, owner: { workflowId: 'model:m', epoch: nextEpoch(owner.epoch) } })).to.equal(
      true,
    );
    expect(mayWrite({ current: canary, owner: { workflowId: 'release:m-r9', epoch: 2 } })).to.equal(false);
    expect(closingOwner(closing)).to.deep.equal(closing);
    expect(nextEpoch(closing.epoch)).to.equal(nextEpoch(owner.epoch));
  });
});
