import { expect } from 'chai';
import fc from 'fast-check';
import { createGuardrails } from '../../../src/domain/guardrails/guardrails.js';
import { gatewaySpecSchema } from '../../../src/domain/spec/gateway-spec.js';
import { defaultPrompt } from '../../../src/domain/release/prompt.js';
import type { Target, TrafficPlan } from '../../../src/domain/rollout/traffic-plan.js';
import { assign, attributionOf, stickyKeyOf } from '../../../src/gateway/assignment.js';
import type { ModelState } from '../../../src/gateway/plan-reader.js';
import { languagesHere } from '../../gateway/support/languages-here.js';

const target = (releaseId: string): Target => ({
  releaseId,
  endpoint: 'http://127.0.0.1:1/v1',
  adapter: releaseId,
  promptDigest: null,
  indexVersion: null,
});
const now = Date.parse('2026-11-21T12:00:00Z');
const plan = (change: Partial<TrafficPlan> = {}): TrafficPlan => ({
  model: 'm',
  revision: 3,
  owner: { workflowId: 'w', epoch: 1 },
  champion: target('m-r1'),
  challenger: target('m-r2'),
  challengerShare: 0.5,
  mirrorShare: 0,
  holdback: 0,
  lease: { until: '2026-11-21T12:00:10Z', fallback: target('m-r0') },
  salt: 'salt',
  stickyKey: 'user',
  reason: '',
  at: '2026-11-21T11:00:00Z',
  ...change,
});
const policy = gatewaySpecSchema.parse({});
const state = (change: Partial<TrafficPlan> = {}): ModelState => ({
  plan: plan(change),
  retrievals: new Map(),
  prompts: new Map([
    ['m-r1', { ...defaultPrompt, maxTokens: 1 }],
    ['m-r2', { ...defaultPrompt, maxTokens: 2 }],
  ]),
  slowMilliseconds: 450,
  slowStartMilliseconds: null,
  guardrails: createGuardrails({ spec: policy.guardrails, languages: languagesHere }),
  family: null,
  domain: null,
  requestLog: policy.requestLog,
  confirmedAt: now,
});
const asker = (user: string) => ({ keyId: 'k', user, content: () => 'q' });

describe('assignment', () => {
  it('keeps a person on one arm, and only ever adds people when the share rises', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (user, share) => {
        const armAt = (challengerShare: number) =>
          assign({ state: state({ challengerShare }), asker: asker(user), forced: null, now }).arm;
        expect(armAt(share)).to.equal(armAt(share));
        if (armAt(share / 2) === 'challenger') expect(armAt(share)).to.equal('challenger');
      }),
    );
  });

  it('gives the challenger its share of people', () => {
    const people = Array.from({ length: 20_000 }, (_, n) => `user ${n}`);
    const arms = people.map(
      (user) => assign({ state: state({ challengerShare: 0.05 }), asker: asker(user), forced: null, now }).arm,
    );
    const share = arms.filter((arm) => arm === 'challenger').length / people.length;
    // Four standard errors of 20,000 draws at 5 %.
    expect(share).to.be.closeTo(0.05, 4 * Math.sqrt((0.05 * 0.95) / people.length));
  });

  it('sticks to the user, else the session, else the key with the request', () => {
    const all = { keyId: 'k', user: 'u', session: 's', content: () => 'q' };
    const withoutUser = { ...all, user: undefined };
    const bare = { ...withoutUser, session: undefined };
    expect(stickyKeyOf({ plan: { stickyKey: 'user' }, asker: all })).to.equal('u');
    expect(stickyKeyOf({ plan: { stickyKey: 'user' }, asker: withoutUser })).to.equal('s');
    expect(stickyKeyOf({ plan: { stickyKey: 'session' }, asker: all })).to.equal('s');
    const request = stickyKeyOf({ plan: { stickyKey: 'request' }, asker: all });
    expect(request).to.equal(stickyKeyOf({ plan: { stickyKey: 'user' }, asker: bare }));
    expect(request).not.to.equal(
      stickyKeyOf({ plan: { stickyKey: 'request' }, asker: { ...all, content: () => 'other' } }),
    );
    expect(request).not.to.equal(stickyKeyOf({ plan: { stickyKey: 'request' }, asker: { ...all, keyId: 'l' } }));
  });

  it('lets the champion step in for the challenger, each with its own prompt', () => {
    const assigned = assign({ state: state({ challengerShare: 1 }), asker: asker('u'), forced: null, now });
    expect(assigned).to.deep.include({ arm: 'challenger', target: target('m-r2'), counted: true });
    expect(assigned.prompt.maxTokens).to.equal(2);
    expect(assigned.rescue).to.deep.equal({ target: target('m-r1'), prompt: { ...defaultPrompt, maxTokens: 1 } });
    expect(assign({ state: state({ challengerShare: 0 }), asker: asker('u'), forced: null, now }).rescue).to.equal(
      null,
    );
  });

  it('serves the fallback alone from the very moment the lease lapses, and counts nothing', () => {
    const at = (milliseconds: number) =>
      assign({ state: state({ challengerShare: 1 }), asker: asker('u'), forced: null, now: now + milliseconds });
    expect(at(9_999).target.releaseId).to.equal('m-r2');
    expect(at(10_000)).to.deep.include({ arm: 'champion', target: target('m-r0'), counted: false });
    expect(attributionOf(at(10_000)).arm).to.equal(null);
  });

  it("takes a tester's wish, uncounted and unrescued, and says when it can't", () => {
    const wish = assign({ state: state({ challengerShare: 0 }), asker: asker('u'), forced: 'challenger', now });
    expect(wish).to.deep.include({ target: target('m-r2'), counted: false, rescue: null });
    const alone = state({ challenger: null, challengerShare: 0 });
    expect(() => assign({ state: alone, asker: asker('u'), forced: 'challenger', now })).to.throw(/has no challenger/);
  });

  it('keeps the holdback on the champion whatever the share says', () => {
    const shared = state({ challengerShare: 1, holdback: 0.3 });
    const champions = Array.from({ length: 10_000 }, (_, n) =>
      assign({ state: shared, asker: asker(`user ${n}`), forced: null, now }),
    ).filter(({ arm }) => arm === 'champion').length;
    expect(champions / 10_000).to.be.closeTo(0.3, 4 * Math.sqrt(0.21 / 10_000));
  });

  it('gives everybody to the fallback, uncounted, where nobody hears what is counted', () => {
    for (let n = 0; n < 50; n += 1) {
      const {
        target: served,
        arm,
        counted,
      } = assign({
        state: state(),
        asker: asker(`user ${n}`),
        forced: null,
        now,
        mute: true,
      });
      expect({ release: served.releaseId, arm, counted }).to.deep.equal({
        release: 'm-r0',
        arm: 'champion',
        counted: false,
      });
    }
    const settled = assign({
      state: state({ lease: null, challenger: null, challengerShare: 0 }),
      asker: asker('a'),
      forced: null,
      now,
      mute: true,
    });
    expect({ release: settled.target.releaseId, counted: settled.counted }).to.deep.equal({
      release: 'm-r1',
      counted: true,
    });
  });
});
