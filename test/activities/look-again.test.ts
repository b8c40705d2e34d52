import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lookingAgain } from '../../src/activities/look-again.js';
import type { Assessment, LookAgain } from '../../src/contracts/watch.js';
import { verdict } from '../workflows/support/world.js';

const again: LookAgain = {
  durationMilliseconds: 20,
  heldMilliseconds: 20,
  shortestMilliseconds: 1,
  forMilliseconds: 200,
};

const assessment = (kind: Assessment['verdict'], leaseLapsed = false): Assessment => ({
  ...{ verdict: kind, reason: kind, verdicts: [verdict(kind)] },
  ...{ leaseLapsed, evidenceDigest: 'e'.repeat(64) },
});

/** An assessment that says one after the other, and how often it was asked. */
function saying(...said: Assessment[]) {
  const state = { asked: 0 };
  const assess = async (): Promise<Assessment> => said[Math.min(state.asked++, said.length - 1)]!;
  return { state, looking: lookingAgain<object, Assessment>(assess) };
}

describe('an assessment that looks again', () => {
  it('looks once where nobody asks it to wait', async () => {
    const { state, looking } = saying(assessment('inconclusive'));
    expect((await looking({})).verdict).to.equal('inconclusive');
    expect(state.asked).to.equal(1);
  });

  for (const ending of [assessment('pass'), assessment('fail'), assessment('inconclusive', true)])
    it(`answers at the first look that is ${ending.leaseLapsed ? 'of a lapsed lease' : `a ${ending.verdict}`}`, async () => {
      const { state, looking } = saying(assessment('unmeasured'), assessment('inconclusive'), ending);
      expect(await looking({ again: { ...again, forMilliseconds: 60_000 } })).to.equal(ending);
      expect(state.asked).to.equal(3);
    });

  it('looks at the end of its time, and comes back with that', async () => {
    const { state, looking } = saying(assessment('inconclusive'));
    const begun = performance.now();
    expect((await looking({ again })).verdict).to.equal('inconclusive');
    expect(performance.now() - begun).to.be.at.least(190);
    // 5 ms apart at first, at most 37 at the end.
    expect(state.asked).to.be.within(10, 30);
  });

  it('goes on in a retry where the attempt before was, and looks at once where a look was due', async () => {
    const { state, looking } = saying(assessment('pass'));
    const environment = new MockActivityEnvironment({ heartbeatDetails: { waited: 3_600_000, due: 3_600_000 } });
    const found: unknown = await environment.run(looking, { again: { ...again, forMilliseconds: 7_200_000 } });
    expect(found).to.deep.include({ verdict: 'pass' });
    expect(state.asked).to.equal(1);
  });

  it('says how far it is, and ends at once when it is no longer wanted', async () => {
    const { looking } = saying(assessment('inconclusive'));
    const environment = new MockActivityEnvironment();
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => {
      beats.push(details);
      if (beats.length === 5) environment.cancel('TIMED_OUT');
    });
    const ended = await environment
      .run(looking, { again: { ...again, forMilliseconds: 3_600_000 } })
      .then(() => 'answered', String);
    expect(ended).to.match(/TIMED_OUT|CancelledFailure/);
    expect(beats.at(-1)).to.have.keys('waited', 'due');
  });
});
