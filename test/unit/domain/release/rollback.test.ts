import { expect } from 'chai';
import { initialState } from '../../../../src/domain/release/admission.js';
import type { KeptRelease, LifecycleState } from '../../../../src/domain/release/lifecycle-state.js';
import { afterRollback, rollbackTarget } from '../../../../src/domain/release/rollback.js';

const now = '2026-03-01T00:00:00.000Z';
const later = '2026-03-02T00:00:00.000Z';
const ref = { uri: 'store://specs/m/1.json', sha256: 'a'.repeat(64), bytes: 1 };
const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: null, keepReleases: 3, quietHours: null };
const kept = (releaseId: string): KeptRelease => ({
  releaseId,
  version: '1',
  base: 'b',
  target: { releaseId, endpoint: 'http://127.0.0.1/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
  adapter: null,
  specification: ref,
  promotedAt: now,
});
const ended = (releaseId: string): LifecycleState['ended'][number] => ({
  ...{ releaseId, outcome: 'promoted', stage: 'retire', reasons: [], champion: releaseId, costUsd: 0, seconds: 1 },
  ...{ endedAt: now, withdrawnAt: null },
});
/** Of the releases from the first on, each promoted after the one before. */
function promoted(...releases: string[]): LifecycleState {
  const [champion, ...previous] = releases.toReversed().map(kept);
  const fresh = initialState({ model: 'm', specification: ref, settings, now });
  return { ...fresh, champion: champion ?? null, previous, ended: releases.map(ended) };
}
function rolledBack(state: LifecycleState, to: string | null = null, at = now): LifecycleState {
  const target = rollbackTarget({ state, to });
  if (typeof target === 'string') throw new Error(target);
  return afterRollback({ state, target, at });
}

describe('a rollback', () => {
  it('names the kept releases when asked for another', () => {
    expect(rollbackTarget({ state: promoted('m-r2', 'm-r3'), to: 'm-r9' })).to.equal(
      'm-r9 is not kept; kept releases: m-r2',
    );
    expect(rollbackTarget({ state: promoted('m-r3'), to: 'm-r9' })).to.equal('m-r9 is not kept; kept releases: none');
    expect(rollbackTarget({ state: promoted('m-r3'), to: null })).to.equal('m keeps no earlier release than m-r3');
    expect(rollbackTarget({ state: promoted(), to: null })).to.match(/no champion/);
  });

  it('keeps the release that users were taken off, as that', () => {
    const back = rolledBack(promoted('m-r1', 'm-r2'), null, later);
    expect(back.champion?.releaseId).to.equal('m-r1');
    expect(back.previous).to.deep.equal([{ ...kept('m-r2'), withdrawnAt: later }]);
    expect(back.ended.map(({ withdrawnAt }) => withdrawnAt)).to.deep.equal([null, later]);
  });

  it('goes further back the second time, and never to a release that users were taken off', () => {
    const twice = rolledBack(rolledBack(promoted('m-r1', 'm-r2', 'm-r3')));
    expect(twice.champion?.releaseId).to.equal('m-r1');
    expect(rollbackTarget({ state: twice, to: null })).to.equal(
      `m is back on m-r1, and users were taken off every other release that it keeps: m-r2, m-r3, m-r2 at ${now}; "--to m-r2" goes there all the same`,
    );
  });

  it('knows that also once the end of the release is forgotten, and of states that had it there alone', () => {
    const back = rolledBack(promoted('m-r1', 'm-r2'));
    expect(rollbackTarget({ state: { ...back, ended: [] }, to: null })).to.be.a('string');
    expect(rollbackTarget({ state: { ...back, previous: [kept('m-r2')] }, to: null })).to.be.a('string');
    expect(rollbackTarget({ state: back, to: null, skipsWithdrawn: false })).to.have.property('releaseId', 'm-r2');
  });

  it('goes to a release that users were taken off where it is named, which then serves like any other', () => {
    const again = rolledBack(rolledBack(promoted('m-r1', 'm-r2')), 'm-r2', later);
    expect(again.champion).to.deep.equal(kept('m-r2'));
    expect(again.previous).to.deep.equal([{ ...kept('m-r1'), withdrawnAt: later }]);
    expect(again.ended.map(({ withdrawnAt }) => withdrawnAt)).to.deep.equal([later, null]);
    const replaced = { ...again, champion: kept('m-r3'), previous: [again.champion!, ...again.previous] };
    expect(rollbackTarget({ state: replaced, to: null })).to.have.property('releaseId', 'm-r2');
  });

  it('to the champion changes nothing but what a running release has begun', () => {
    const state = rolledBack(promoted('m-r1', 'm-r2'));
    expect(afterRollback({ state, target: state.champion!, at: later })).to.deep.equal(state);
  });
});
