import { expect } from 'chai';
import { breakerVerdict, breakerWindows } from '../../src/activities/breaker-reading.js';
import { RoaringBucketSet } from '../../src/adapters/bitmap/roaring-bucket-set.js';
import { latencyBounds, type Telemetry } from '../../src/domain/rollout/telemetry.js';

const now = '2026-03-01T00:10:00.000Z';
const minuteNow = Date.parse(now) / 60_000;
const bitmap = (from: number, count: number): string =>
  RoaringBucketSet.of(Array.from({ length: count }, (_, n) => from + n)).toBase64();

interface Minute {
  ago: number;
  keys: string;
  errors: string;
}

const noArm = {
  exposed: bitmap(0, 0),
  requests: 0,
  latency: new Array<number>(latencyBounds.length + 1).fill(0),
  events: {},
};

const snapshot = (gateway: string, minutes: Minute[]): Telemetry => ({
  model: 'm',
  gateway,
  revision: 2,
  at: now,
  arms: {
    champion: noArm,
    challenger: noArm,
  },
  breaker: minutes.map(({ ago, keys, errors }) => ({
    minute: minuteNow - ago,
    arms: { champion: { keys: bitmap(0, 0), events: {} }, challenger: { keys, events: { error: errors } } },
  })),
});

const judge = (snapshots: Telemetry[]) =>
  breakerVerdict({
    windows: breakerWindows({ snapshots, buckets: RoaringBucketSet, windowMilliseconds: 600_000, now }),
    limit: 0.02,
  });

describe('the absolute limit, from minutes of many gateways', () => {
  it('counts each key by its first request of the window alone', () => {
    const first = { ago: 5, keys: bitmap(0, 100), errors: bitmap(0, 1) };
    const later = { ago: 1, keys: bitmap(0, 100), errors: bitmap(0, 50) };
    expect(judge([snapshot('a', [first]), snapshot('b', [later])])).to.include({
      verdict: 'pass',
      value: 0.01,
      n: 100,
    });
    expect(judge([snapshot('a', [{ ...first, errors: bitmap(0, 50) }]), snapshot('b', [later])])).to.include({
      verdict: 'fail',
      value: 0.5,
    });
  });

  it('forgets minutes before the window, and measures nothing without keys', () => {
    expect(judge([snapshot('a', [{ ago: 11, keys: bitmap(0, 100), errors: bitmap(0, 100) }])])).to.include({
      verdict: 'unmeasured',
      value: null,
    });
  });
});
