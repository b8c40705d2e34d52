import { expect } from 'chai';
import { FlushTimer } from '../../../src/gateway/flush-timer.js';

describe('flush timer', () => {
  /** A timer of no time, how often it flushed, and a promise of its next flush. */
  function counting() {
    let flushes = 0;
    let seen = (): void => undefined;
    const timer = new FlushTimer(0, () => {
      flushes += 1;
      seen();
      return Promise.resolve();
    });
    const next = (): Promise<void> => new Promise((resolve) => (seen = resolve));
    return { timer, next, flushes: () => flushes };
  }

  it('flushes once for all that is asked in the meantime, and again for what is asked later', async () => {
    const { timer, next, flushes } = counting();
    const first = next();
    timer.schedule();
    timer.schedule();
    await first;
    expect(flushes()).to.equal(1);
    const second = next();
    timer.schedule();
    await second;
    expect(flushes()).to.equal(2);
  });

  it('flushes a last time when it is stopped, and never by itself afterwards', async () => {
    const { timer, flushes } = counting();
    timer.schedule();
    await timer.stop();
    timer.schedule();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(flushes()).to.equal(1);
  });
});
