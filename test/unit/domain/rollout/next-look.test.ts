import { expect } from 'chai';
import { untilNextLook, untilNextStart } from '../../../../src/domain/rollout/next-look.js';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

/** How often a hold is looked at until it has lasted so long, and the longest wait. */
function looksOf({ duration, until }: { duration: number; until: number }): { looks: number; longest: number } {
  let held = duration;
  let looks = 0;
  let longest = 0;
  while (held < until) {
    const wait = untilNextLook({
      durationMilliseconds: duration,
      heldMilliseconds: held,
      shortestMilliseconds: second,
    });
    longest = Math.max(longest, wait);
    held += wait;
    looks += 1;
  }
  return { looks, longest };
}

describe('until a hold is looked at again', () => {
  it('is a quarter of the duration at first, and never less than the shortest', () => {
    const at = (durationMilliseconds: number) =>
      untilNextLook({
        ...{ durationMilliseconds, heldMilliseconds: durationMilliseconds, shortestMilliseconds: second },
      });
    expect(at(hour)).to.equal(hour / 4);
    expect(at(0)).to.equal(second);
  });

  it('is a sixth of what it has lasted later on, so that 30 days of the shortest step are some 140 looks', () => {
    expect(
      untilNextLook({ durationMilliseconds: hour, heldMilliseconds: 6 * hour, shortestMilliseconds: second }),
    ).to.equal(hour);
    expect(looksOf({ duration: second, until: 30 * day }).looks).to.be.within(100, 140);
  });

  it('is at most twelve hours, but for steps that last longer than two days', () => {
    expect(looksOf({ duration: hour, until: 300 * day }).longest).to.equal(12 * hour);
    expect(looksOf({ duration: 4 * day, until: 30 * day }).longest).to.equal(day);
  });
});

describe('until what lost its lease begins again', () => {
  const hours = (held: number, started: number): number =>
    untilNextStart({ heldMilliseconds: held * hour, startedMilliseconds: started * hour }) / hour;

  it('is no time at all after the first lapse, nor after an outage that lasted longer', () => {
    expect(hours(1, 1)).to.equal(0);
    expect(hours(48, 24)).to.equal(0);
  });

  it('puts starts half as far apart as all of them have lasted, up to a day', () => {
    expect(hours(3, 1)).to.equal(0.5);
    expect(hours(7 * 24, 1)).to.equal(23);
  });
});
