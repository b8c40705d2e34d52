import { expect } from 'chai';
import { judgeFreshness } from '../../src/activities/freshness.js';
import type { Telemetry } from '../../src/domain/rollout/telemetry.js';

const now = '2026-11-22T12:00:00.000Z';
const ago = (seconds: number): string => new Date(Date.parse(now) - seconds * 1000).toISOString();
const arm = { exposed: '', requests: 0, latency: [], events: {} };
const snapshot = (gateway: string, change: Partial<Telemetry>): Telemetry => ({
  model: 'm',
  gateway,
  revision: 3,
  at: now,
  arms: { champion: arm, challenger: arm },
  breaker: [],
  ...change,
});
const judge = (...snapshots: Telemetry[]) =>
  judgeFreshness({ snapshots, corrupt: [], revision: 3, now, leaseMilliseconds: 300_000 });

describe('freshness of telemetry', () => {
  it('goes by the oldest of the gateways that write all the time', () => {
    const silent = snapshot('g2', { at: ago(400) });
    expect(judge(snapshot('g1', {}), silent)).to.include({ verdict: 'unmeasured', n: 2 });
    expect(judge(snapshot('g1', {}), { ...silent, ended: true })).to.include({ verdict: 'pass', n: 1 });
  });

  it('forgets one that was lost without a word once it can serve no challenger, where others are there', () => {
    const lost = snapshot('g2', { at: ago(601) });
    expect(judge(snapshot('g1', {}), { ...lost, at: ago(599) })).to.include({ verdict: 'unmeasured', n: 2 });
    const { verdict, n, reason } = judge(snapshot('g1', {}), lost);
    expect({ verdict, n }).to.deep.equal({ verdict: 'pass', n: 1 });
    expect(reason).to.match(/of 1 live gateways .*; gone without a word: g2$/);
    expect(judge(snapshot('g1', { at: ago(400) }), lost)).to.include({ verdict: 'unmeasured', n: 1 });
    expect(judge(lost)).to.include({ verdict: 'unmeasured', n: 1 });
  });

  it('goes by the newest of those that stand still between requests', () => {
    const gone = snapshot('lambda-1', { at: ago(4000), suspended: true });
    const serving = snapshot('lambda-2', { at: ago(100), suspended: true });
    expect(judge(gone, serving)).to.include({ verdict: 'pass', n: 1 });
    expect(judge(gone)).to.include({ verdict: 'unmeasured', n: 1 });
    expect(judge(gone, serving, snapshot('g1', { at: ago(400) }))).to.include({ verdict: 'unmeasured', n: 2 });
  });

  it('is unmeasured where nobody wrote under the revision', () => {
    expect(judge(snapshot('g1', { revision: 2 }))).to.include({ verdict: 'unmeasured', n: 0 });
  });
});
