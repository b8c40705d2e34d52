import { expect } from 'chai';
import type { TrafficPlan } from '../../../../src/domain/rollout/traffic-plan.js';
import { assignItem, type SeenItem, whyDue } from '../../../../src/domain/summaries/seen-item.js';

const target = (releaseId: string) => ({
  ...{ releaseId, endpoint: 'http://127.0.0.1:1/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
});
const planOf = (change: Partial<TrafficPlan> = {}): TrafficPlan => ({
  ...{ model: 'm', revision: 3, owner: { workflowId: 'w', epoch: 2 }, champion: target('m-r1'), challenger: null },
  ...{ challengerShare: 0, mirrorShare: 0, holdback: 0, lease: null, salt: 'salt', stickyKey: 'user' as const },
  ...{ reason: 'test', at: '2026-01-01T00:00:00.000Z' },
  ...change,
});
const lease = { until: '2026-01-02T00:00:00.000Z', fallback: target('m-r1') };
const day = 86_400_000;
const seen: SeenItem = {
  ...{ item: 'i', reviews: 'digest', release: 'm-r1', shadowed: null, state: 'summarised' },
  expiresAt: '2026-01-31T00:00:00.000Z',
};
const why = (change: Partial<Parameters<typeof whyDue>[0]> = {}) =>
  whyDue({
    ...{
      seen,
      reviews: 'digest',
      plan: planOf(),
      item: 'i',
      now: '2026-01-02T00:00:00.000Z',
      ttlMilliseconds: 30 * day,
    },
    ...change,
  });

describe('why an item is looked at', () => {
  it('is for new reviews, or not at all', () => {
    expect(why()).to.equal(null);
    expect(why({ seen: null })).to.equal('newReviews');
    expect(why({ reviews: 'another' })).to.equal('newReviews');
    expect(why({ reviews: 'another', seen: { ...seen, state: 'deadLettered' } })).to.equal('newReviews');
  });

  it('is that another release serves it now, or that the one it has was taken back', () => {
    expect(why({ plan: planOf({ champion: target('m-r2') }) })).to.equal('newRelease');
    expect(why({ seen: { ...seen, release: 'm-r2' } })).to.equal('newRelease');
  });

  it('is a canary that its bucket belongs to, and the end of that', () => {
    const canary = planOf({ challenger: target('m-r2'), challengerShare: 1, lease });
    expect(why({ plan: canary })).to.equal('newRelease');
    expect(why({ plan: canary, seen: { ...seen, release: 'm-r2' } })).to.equal(null);
  });

  it('is a shadow in which it was not asked yet', () => {
    const shadow = planOf({ challenger: target('m-r2'), mirrorShare: 1, lease });
    expect(why({ plan: shadow })).to.equal('shadow');
    expect(why({ plan: shadow, seen: { ...seen, shadowed: 'm-r2' } })).to.equal(null);
  });

  it('is that it must be confirmed before it expires, but for one that has no summary', () => {
    expect(why({ now: '2026-01-20T00:00:00.000Z' })).to.equal('expires');
    expect(why({ now: '2026-01-20T00:00:00.000Z', seen: { ...seen, state: 'deadLettered' } })).to.equal(null);
    expect(why({ now: '2026-01-20T00:00:00.000Z', seen: { ...seen, state: 'tooFew' } })).to.equal(null);
  });

  it('raises the share of a canary without taking an item from it', () => {
    const armAt = (share: number, item: string) =>
      assignItem({ plan: planOf({ challenger: target('m-r2'), challengerShare: share, lease }), item }).arm;
    const items = Array.from({ length: 400 }, (_, index) => `item ${index}`);
    const at5 = items.filter((item) => armAt(0.05, item) === 'challenger');
    const at50 = items.filter((item) => armAt(0.5, item) === 'challenger');
    expect(at5.length).to.be.within(8, 40);
    expect(at50.length).to.be.within(160, 240);
    expect(at5.every((item) => at50.includes(item))).to.equal(true);
  });
});
