import { expect } from 'chai';
import type { ReleasePlan } from './release-plan.js';
import { playChaos } from './run.js';
import type { Fault } from './world/faults.js';

const first: ReleasePlan = { kind: 'training', quality: 'good', deed: null };
const second: Record<string, ReleasePlan> = {
  'm1-r2': { kind: 'prompt', quality: 'good', deed: null },
  'm2-r2': { kind: 'prompt', quality: 'harmful', deed: null },
};

/** What goes wrong with a call of the second releases, the first time that it is made. */
const once: Record<string, Fault> = {
  'rollout:m1-r2/writePlan/store.compareAndSet': 'lostAnswer',
  'rollout:m1-r2/assessStep/activity.before': 'killedBefore',
  'rollout:m1-r2/moveAliases/registry.setAlias': 'killedAfter',
  'rollout:m2-r2/writePlan/store.compareAndSet': 'raceLost',
};

function onceEach(faults: Record<string, Fault>) {
  const counts = new Map<Fault, number>();
  const left = new Map(Object.entries(faults));
  return {
    counts,
    end: () => undefined,
    next: ({ scope, method }: { scope: string; method: string }): Fault => {
      const call = `${scope}/${method}`;
      const fault = left.get(call) ?? 'none';
      left.delete(call);
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
      return fault;
    },
  };
}

describe('releases whose workers are killed in the canary and at the promotion', function () {
  // How long it takes says nothing of whether it is right.
  this.timeout(300_000);

  it('end as they should, and leave the world outside as it must be', async () => {
    const { violations, outcomes, workersKilled, faults, replayed } = await playChaos({
      ...{ seed: 1, faults: onceEach(once), accidents: false },
      planOf: (releaseId) => second[releaseId] ?? first,
      releasesOf: new Map([
        ['m1', 2],
        ['m2', 2],
      ]),
    });
    expect(violations).to.deep.equal([]);
    // A lifecycle for each model; a release, an evaluation and a rollout for each of four.
    expect(replayed).to.be.at.least(14);
    expect(outcomes).to.deep.equal({ 'promoted in retire': 3, 'rolledBack in canary': 1 });
    expect(workersKilled).to.equal(2);
    expect(faults).to.deep.equal({ killedAfter: 1, killedBefore: 1, lostAnswer: 1, raceLost: 1 });
  });
});

describe('a release that is cancelled between two tries of its deployment', function () {
  this.timeout(300_000);

  it('is not served, although the first of them lands after it was retired', async () => {
    const cancelled: ReleasePlan = {
      ...first,
      deed: { what: 'cancelWorkflow', at: 'deployRelease', afterMilliseconds: 300 },
    };
    const { violations, outcomes, faults } = await playChaos({
      ...{ seed: 1, accidents: false },
      faults: onceEach({ 'release:m1-r2/deployRelease/serving.deploy': 'landsLate' }),
      planOf: (releaseId) => (releaseId === 'm1-r2' ? cancelled : first),
      releasesOf: new Map([['m1', 2]]),
    });
    expect(violations).to.deep.equal([]);
    expect(outcomes).to.deep.equal({ 'promoted in retire': 1, 'cancelled in evaluation': 1 });
    expect(faults).to.deep.equal({ landsLate: 1 });
  });
});
