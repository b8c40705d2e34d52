import { expect } from 'chai';
import {
  admitRequest,
  afterRelease,
  answerLeft,
  initialState,
  startNext,
  type ReleaseRequest,
} from '../../../../src/domain/release/admission.js';
import type { EndedRelease, KeptRelease, LifecycleState } from '../../../../src/domain/release/lifecycle-state.js';

const now = '2026-03-01T00:00:00.000Z';
const ref = { uri: 'store://specs/m/1.json', sha256: 'a'.repeat(64), bytes: 1 };
const settings = { cooldownMilliseconds: 3_600_000, monthlyBudgetUsd: 100, keepReleases: 2, quietHours: null };
const fresh = (): LifecycleState => initialState({ model: 'm', specification: ref, settings, now });
const person: ReleaseRequest = {
  kind: 'training',
  trigger: 'person',
  priority: 'normal',
  requestedBy: 'ann',
  reason: 'new data',
};
const kept = (releaseId: string): KeptRelease => ({
  releaseId,
  version: '1',
  base: 'b',
  target: { releaseId, endpoint: 'http://127.0.0.1/v1', adapter: releaseId, promptDigest: null, indexVersion: null },
  adapter: null,
  specification: ref,
  promotedAt: now,
});
const ended = (releaseId: string, change: Partial<EndedRelease> = {}): EndedRelease => ({
  releaseId,
  outcome: 'promoted',
  stage: 'retire',
  reasons: [],
  champion: releaseId,
  costUsd: 3,
  seconds: 1,
  endedAt: now,
  withdrawnAt: null,
  ...change,
});

describe('admission of release requests', () => {
  it('queues a first request under the next release id', () => {
    const admitted = admitRequest({ state: fresh(), request: person, now });
    expect(admitted).to.include({ decision: 'queued', releaseId: 'm-r1' });
    expect(admitted.state.queue).to.have.length(1);
  });

  it('says what a queued request waits for', () => {
    const paused = { ...fresh(), paused: { reason: 'holidays', by: 'ben', at: now } };
    const running = startNext({ state: admitRequest({ state: fresh(), request: person, now }).state, now });
    const reasons = [fresh(), running, paused].map((state) => admitRequest({ state, request: person, now }).reason);
    expect(reasons).to.deep.equal(['starts now', 'waits for m-r1', 'waits until the pause of ben ends (holidays)']);
  });

  it('joins a request with a waiting one of the same kind and keeps both reasons', () => {
    const first = admitRequest({ state: fresh(), request: person, now });
    const second = admitRequest({ state: first.state, request: { ...person, reason: 'again' }, now });
    expect(second).to.include({ decision: 'coalesced', releaseId: 'm-r1' });
    expect(second.state.queue[0]!.reasons).to.deep.equal(['new data', 'again']);
    expect(second.state.releaseCount).to.equal(1);
  });

  it('keeps everyone who asked for a release, each once, so that none of them can approve it', () => {
    let { state } = admitRequest({ state: fresh(), request: person, now });
    for (const requestedBy of ['Bob', ' ANN', 'bob ', 'carol'])
      ({ state } = admitRequest({ state, request: { ...person, requestedBy }, now }));
    expect(state.queue[0]!.requestedBy).to.deep.equal(['ann', 'Bob', 'carol']);
  });

  it('does not join a request with the release that runs already', () => {
    const running = startNext({ state: admitRequest({ state: fresh(), request: person, now }).state, now });
    expect(running.running?.releaseId).to.equal('m-r1');
    expect(admitRequest({ state: running, request: person, now })).to.include({
      decision: 'queued',
      releaseId: 'm-r2',
    });
  });

  it('lets a schedule wait in the cooldown, but not a person', () => {
    const state = { ...fresh(), releaseCount: 1, ended: [ended('m-r1')] };
    const later = '2026-03-01T00:10:00.000Z';
    const scheduled = admitRequest({ state, request: { ...person, trigger: 'schedule' }, now: later });
    expect(scheduled).to.include({
      ...{ decision: 'queued', reason: 'waits for the end of the cooldown after m-r1 at 2026-03-01T01:00:00.000Z' },
    });
    expect(startNext({ state: scheduled.state, now: later }).running).to.equal(null);
    expect(startNext({ state: scheduled.state, now: '2026-03-01T01:00:00.000Z' }).running?.releaseId).to.equal('m-r2');
    const { reason, state: asked } = admitRequest({ state, request: person, now: later });
    expect([reason, startNext({ state: asked, now: later }).running?.releaseId]).to.deep.equal(['starts now', 'm-r2']);
  });

  it('refuses in the cooldown where a lifecycle began before such requests waited', () => {
    const state = { ...fresh(), ended: [ended('m-r1')] };
    const asked = (trigger: ReleaseRequest['trigger']) =>
      admitRequest({ state, request: { ...person, trigger }, now: '2026-03-01T00:10:00.000Z', cooldownRefuses: true });
    expect(asked('schedule').reason).to.equal('cooldown: 600 s since m-r1 < 3600 s');
    expect(asked('person').decision).to.equal('queued');
  });

  it('refuses over the monthly budget and forgets it in the next month', () => {
    const state = { ...fresh(), spentUsd: { month: '2026-03', usd: 100 } };
    expect(admitRequest({ state, request: person, now }).reason).to.equal(
      'monthly budget spent: 100.00 USD >= 100.00 USD',
    );
    expect(admitRequest({ state, request: person, now: '2026-04-01T00:00:00.000Z' }).decision).to.equal('queued');
  });

  it('takes no more askers and no more releases than a state can hold', () => {
    const paused: LifecycleState = {
      ...fresh(),
      champion: kept('m-r0'),
      paused: { reason: 'holidays', by: 'ben', at: now },
    };
    const many = (count: number, request: (index: number) => ReleaseRequest, from = paused) =>
      Array.from({ length: count }).reduce<LifecycleState>(
        (state, _, index) => admitRequest({ state, request: request(index), now }).state,
        from,
      );
    const asked = many(150, (index) => ({ ...person, requestedBy: `person ${index}` }));
    expect(asked.queue[0]!.requestedBy).to.have.length(100);
    expect(admitRequest({ state: asked, request: { ...person, requestedBy: 'zoe' }, now })).to.include({
      ...{ decision: 'refused', reason: 'm-r1 waits already, and 100 have asked for it' },
    });
    expect(admitRequest({ state: asked, request: { ...person, requestedBy: 'Person 7 ' }, now }).decision).to.equal(
      'coalesced',
    );
    const alert: ReleaseRequest = { ...person, trigger: 'alert', priority: 'high', requestedBy: 'alert:drift' };
    const alerted = admitRequest({ state: asked, request: alert, now });
    expect(alerted.decision).to.equal('coalesced');
    expect(alerted.state.queue[0]).to.include({ priority: 'high' });

    const candidate = (index: number) => ({
      ...{ releaseId: 'm-r0', version: String(index), adapter: null, indexVersion: null, specification: ref },
    });
    const full = many(30, (index) => ({ ...person, candidate: candidate(index) }));
    expect(full.queue).to.have.length(20);
    expect(admitRequest({ state: full, request: person, now }).reason).to.equal('20 releases wait already');
  });

  it('refuses a prompt release where there is no champion to change', () => {
    expect(admitRequest({ state: fresh(), request: { ...person, kind: 'prompt' }, now }).reason).to.match(
      /has none yet/,
    );
  });

  it('lets a service wait in the cooldown, but not a person who moves the alias promote', () => {
    const state = { ...fresh(), ended: [ended('m-r1')] };
    const later = '2026-03-01T00:10:00.000Z';
    const starts = (trigger: ReleaseRequest['trigger']) =>
      startNext({ state: admitRequest({ state, request: { ...person, trigger }, now: later }).state, now: later })
        .running !== null;
    expect((['api', 'drift', 'feedback', 'promotion', 'person'] as const).map(starts)).to.deep.equal([
      ...[false, false, false],
      ...[true, true],
    ]);
  });

  it('lets a person pass in quiet hours those that wait for their end', () => {
    const quietHours = { from: '22:00', to: '06:00', timezone: 'UTC' };
    const state = { ...fresh(), champion: kept('m-r0'), quietHours };
    const drift = admitRequest({ state, request: { ...person, trigger: 'drift', priority: 'high' }, now });
    expect(drift.reason).to.equal('waits for the end of the quiet hours at 2026-03-01T06:00:00.000Z');
    expect(startNext({ state: drift.state, now }).running).to.equal(null);
    const asked = admitRequest({ state: drift.state, request: { ...person, kind: 'prompt' }, now });
    const { running, queue } = startNext({ state: asked.state, now });
    expect([running?.kind, queue.map((one) => one.trigger)]).to.deep.equal(['prompt', ['drift']]);
    expect(startNext({ state: drift.state, now: '2026-03-01T06:00:00.000Z' }).running?.trigger).to.equal('drift');
  });

  it('keeps requests for different versions apart, and joins those for the same', () => {
    const candidate = (version: string) => ({
      ...{ releaseId: `m-r${version}`, version, adapter: null, indexVersion: null, specification: ref },
    });
    const first = admitRequest({ state: fresh(), request: { ...person, candidate: candidate('3') }, now });
    const other = admitRequest({ state: first.state, request: { ...person, candidate: candidate('4') }, now });
    const same = admitRequest({ state: other.state, request: { ...person, candidate: candidate('3') }, now });
    expect([first, other, same].map((one) => one.decision)).to.deep.equal(['queued', 'queued', 'coalesced']);
    expect(same.releaseId).to.equal('m-r1');
  });

  it('does not queue a version that rolls out already', () => {
    const candidate = { releaseId: 'm-r0', version: '3', adapter: null, indexVersion: null, specification: ref };
    const { running, ...state } = startNext({
      state: admitRequest({ state: fresh(), request: { ...person, candidate }, now }).state,
      now,
    });
    const asked = (request: Partial<ReleaseRequest>) =>
      admitRequest({ state: { ...state, running }, request: { ...person, candidate, ...request }, now });
    const again = asked({ requestedBy: 'Ann ', trigger: 'promotion' });
    expect(again).to.include({ decision: 'coalesced', releaseId: 'm-r1', reason: `m-r1 rolls it out since ${now}` });
    expect(again.state.queue).to.deep.equal([]);
    // Nobody who asked may approve, and a release that runs learns of nobody more.
    expect(asked({ requestedBy: 'bob' })).to.include({
      ...{ decision: 'refused', releaseId: null, reason: 'm-r1 rolls out version 3 already; ann asked for it' },
    });
    expect(asked({ candidate: { ...candidate, version: '4' } }).decision).to.equal('queued');
  });

  it('answers the alias promote once, however long it stands', () => {
    const left = { version: '3', decision: 'queued' as const, releaseId: 'm-r1', reason: 'starts now', at: now };
    const state = { ...fresh(), unansweredPromotion: left };
    const found = (version: string, at: string) => answerLeft({ state, version, now: at });
    expect(found('3', '2026-03-01T00:59:00.000Z')).to.equal(left);
    expect(found('3', '2026-03-01T01:00:00.000Z')).to.equal(null);
    expect(found('4', now)).to.equal(null);
  });

  it('joins requests for an index, of which the newest serves', () => {
    const state = { ...fresh(), champion: kept('m-r0') };
    const index = (indexVersion: string): ReleaseRequest => ({ ...person, kind: 'index', indexVersion });
    const first = admitRequest({ state, request: index('p-1'), now });
    const { state: joined } = admitRequest({ state: first.state, request: index('p-2'), now });
    expect(joined.queue.map((one) => one.indexVersion)).to.deep.equal(['p-2']);
  });

  it('admits and starts nothing of a model that is being removed', () => {
    const { state } = admitRequest({ state: fresh(), request: person, now });
    const removal = { by: 'ann', reason: 'the shop closes', at: now, left: null };
    expect(startNext({ state: { ...state, removal }, now }).running).to.equal(null);
    expect(admitRequest({ state: { ...state, removal }, request: person, now }).reason).to.equal(
      'm is being removed by ann: the shop closes',
    );
  });

  it('lets an urgent request of another kind overtake', () => {
    const state = { ...fresh(), champion: kept('m-r0') };
    const first = admitRequest({ state, request: person, now });
    const urgent = admitRequest({ state: first.state, request: { ...person, kind: 'prompt', priority: 'high' }, now });
    expect(urgent.state.queue.map((one) => one.kind)).to.deep.equal(['prompt', 'training']);
  });
});

describe('the state after a release', () => {
  it('starts nothing while paused or running', () => {
    const queued = admitRequest({ state: fresh(), request: person, now }).state;
    const paused = { ...queued, paused: { reason: 'holiday', by: 'ann', at: now } };
    expect(startNext({ state: paused, now }).running).to.equal(null);
    const running = startNext({ state: queued, now });
    expect(startNext({ state: running, now })).to.equal(running);
    expect(running.epoch).to.equal(2);
  });

  it('makes a promoted release champion and keeps the ones before, newest first, up to the limit', () => {
    let state = fresh();
    for (const releaseId of ['m-r1', 'm-r2', 'm-r3', 'm-r4'])
      state = afterRelease({ state, ended: ended(releaseId), kept: kept(releaseId) });
    expect(state.champion?.releaseId).to.equal('m-r4');
    expect(state.previous.map((one) => one.releaseId)).to.deep.equal(['m-r3', 'm-r2']);
    expect(state.spentUsd.usd).to.equal(12);
  });

  it('keeps the champion when a promotion was taken back', () => {
    const state = { ...fresh(), champion: kept('m-r1') };
    const after = afterRelease({ state, ended: ended('m-r2', { withdrawnAt: now }), kept: kept('m-r2') });
    expect(after.champion?.releaseId).to.equal('m-r1');
  });
});
