import { expect } from 'chai';
import { createApiError, MlflowConnectionError, MlflowTimeoutError } from '../../src/errors.js';
import { readRetryAfter } from '../../src/transport/failures.js';
import { mayRepeat, pauseBefore } from '../../src/transport/retry.js';

const api = (status: number, retryAfterMs?: number) =>
  createApiError({ message: '', code: `HTTP_${status}`, status, method: 'GET', path: '/', retryAfterMs });

describe('retry', () => {
  it('repeats unsafe calls only when the server did nothing', () => {
    const broken = new MlflowConnectionError({ message: '', neverSent: false });
    const refused = new MlflowConnectionError({ message: '', neverSent: true });
    const late = new MlflowTimeoutError({ message: '', timeoutMs: 1 });
    const all = [broken, refused, late, api(429), api(503), api(400), new Error('other')];
    expect(all.map((error) => mayRepeat({ error, idempotent: true }))).to.deep.equal([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(all.map((error) => mayRepeat({ error, idempotent: false }))).to.deep.equal([
      false,
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('doubles its pause up to a limit, with jitter', () => {
    const pauses = (random: number) => [0, 1, 2, 9].map((attempt) => pauseBefore({ error: api(503), attempt, random }));
    expect(pauses(0)).to.deep.equal([100, 200, 400, 5000]);
    expect(pauses(1)).to.deep.equal([200, 400, 800, 10_000]);
  });

  it('waits as long as the server asks, within reason', () => {
    expect(pauseBefore({ error: api(429, 3000), attempt: 0, random: 0 })).to.equal(3000);
    expect(pauseBefore({ error: api(429, 3_600_000), attempt: 0, random: 0 })).to.equal(10_000);
  });

  it('reads retry-after as seconds or a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(readRetryAfter({ value: '3', now })).to.equal(3000);
    expect(readRetryAfter({ value: 'Thu, 01 Jan 2026 00:00:05 GMT', now })).to.equal(5000);
    expect(readRetryAfter({ value: 'Wed, 31 Dec 2025 00:00:00 GMT', now })).to.equal(0);
    expect([null, 'soon'].map((value) => readRetryAfter({ value, now }))).to.deep.equal([undefined, undefined]);
  });
});
