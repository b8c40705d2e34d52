import { expect } from 'chai';
import {
  admit,
  afterRefusal,
  afterReply,
  openPace,
  type Pace,
  type PaceLimits,
} from '../../../../../src/domain/evaluation/judge/pace.js';

const limits = { concurrency: 8, requestsPerMinute: null, tokensPerMinute: null };
const start = (pace: Pace, { now = 0, running = 0, tokens = 0 } = {}) => admit({ pace, now, running, tokens });

describe('pace', () => {
  it('holds the number at once', () => {
    const pace = openPace({ limits, now: 0 });
    expect(start(pace, { running: 7 }).waitMilliseconds).to.equal(0);
    expect(start(pace, { running: 8 }).waitMilliseconds).to.equal(null);
  });

  it('holds requests and tokens per minute, and lets no pause pile up into a flood', () => {
    const measure = (own: Partial<PaceLimits>, tokens: number) => {
      let pace = openPace({ limits: { ...limits, ...own }, now: 0 });
      let now = 600_000;
      let started = 0;
      while (now < 660_000) {
        const asked = admit({ pace, now, running: 0, tokens });
        pace = asked.pace;
        if (asked.waitMilliseconds === 0) started += 1;
        else now += asked.waitMilliseconds!;
      }
      return started;
    };
    expect(measure({ requestsPerMinute: 120 }, 1)).to.be.within(120, 131);
    expect(measure({ tokensPerMinute: 60_000 }, 1000)).to.be.within(60, 66);
    expect(measure({ tokensPerMinute: 60_000 }, 10_000), 'larger than a burst').to.be.within(5, 7);
  });

  it('halves and pauses as long as the judge asked, once a round', () => {
    let pace = openPace({ limits, now: 0 });
    pace = afterRefusal({ pace, now: 0, retryAfterMilliseconds: 2000 });
    pace = afterRefusal({ pace, now: 10, retryAfterMilliseconds: 2000 });
    expect(pace.atOnce).to.equal(4);
    expect(start(pace, { now: 1000 }).waitMilliseconds).to.equal(1010);
    expect(start(pace, { now: 2010 }).waitMilliseconds).to.equal(0);
  });

  it('doubles its own pause where the judge names none, up to a minute, and never stops altogether', () => {
    let pace = openPace({ limits, now: 0 });
    const pauses = Array.from({ length: 9 }, () => {
      const now = pace.notBefore;
      pace = afterRefusal({ pace, now, retryAfterMilliseconds: null });
      return pace.notBefore - now;
    });
    expect(pauses).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(pace.atOnce).to.equal(1);
  });

  it('grows by one a good round, up to where it began', () => {
    let pace = afterRefusal({ pace: openPace({ limits, now: 0 }), now: 0, retryAfterMilliseconds: 0 });
    for (let reply = 0; reply < 4; reply += 1) pace = afterReply(pace);
    expect(pace).to.include({ atOnce: 5, refusedInRow: 0 });
    for (let reply = 0; reply < 100; reply += 1) pace = afterReply(pace);
    expect(pace.atOnce).to.equal(8);
  });
});
