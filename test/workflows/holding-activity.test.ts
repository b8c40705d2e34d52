import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lookingAgain } from '../../src/activities/look-again.js';
import { workflowIds } from '../../src/contracts/names.js';
import { rolloutMessages } from '../../src/contracts/release.js';
import type { StepAssessment, WatchResult } from '../../src/contracts/watch.js';
import { isHold, untilNextLook, untilTold } from '../../src/domain/rollout/next-look.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { startRelease, waitFor, type StartedRelease } from './support/started-release.js';
import { ref, verdict } from './support/world.js';

const hour = 3_600_000;
/** Scheduled, started and completed, and the same of the workflow task that goes on. */
const eventsOfActivity = 6;
const guardSlicesOfADay = 2;

const stepSays = (kind: 'inconclusive' | 'pass'): StepAssessment => ({
  ...{ verdict: kind, reason: `12 keys, ${kind}`, verdicts: [verdict(kind)] },
  ...{ keys: 12, leaseLapsed: false, evidenceDigest: 's'.repeat(64) },
});

/** How often the outcome of looks is told while a step holds for a day. */
function toldInADay(durationMilliseconds: number): number {
  let told = 0;
  for (let held = durationMilliseconds; held < 24 * hour; told += 1)
    held += untilTold({
      untilLookMilliseconds: untilNextLook({
        ...{ durationMilliseconds, heldMilliseconds: held, shortestMilliseconds: 1000 },
      }),
    });
  return told;
}

describe('a canary step that holds', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  /** Plays a release whose step says `inconclusive` for the first looks, and tells what its rollout's history has. */
  async function play({
    holds,
    watch = () => ({ kind: 'slice' }),
    during,
  }: {
    holds: number;
    watch?: (looks: () => number) => Promise<WatchResult> | WatchResult;
    during?: (started: StartedRelease, looks: () => number) => Promise<unknown>;
  }) {
    let looks = 0;
    const look = async () => stepSays((looks += 1) <= holds ? 'inconclusive' : 'pass');
    return await onStage({
      environment,
      script: {
        rollout: {
          approval: { automatic: true },
          canary: { steps: [{ share: '5%', duration: 'PT0.2S', maximum: '1h' }] },
          bake: { duration: 'PT0.05S' },
        },
        watch: () => watch(() => looks),
      },
      activities: { assessStep: lookingAgain<object, StepAssessment>(look) },
      play: async (set) => {
        const started = await startRelease({ environment, set });
        await during?.(started, () => looks);
        const result = await started.handle.result();
        const rollout = environment.client.workflow.getHandle(workflowIds.rollout(started.input.releaseId));
        const { events } = await rollout.fetchHistory();
        const names = events!.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
        return {
          ...{ result, looks, assessments: names.filter((name) => name === 'assessStep').length },
          eventsOfCanary: names.indexOf('moveAliases') - names.indexOf('writePlan'),
        };
      },
    });
  }

  it('is looked at again without an event for each look, and goes on at the first that passes', async () => {
    const { result, looks, assessments, eventsOfCanary } = await play({ holds: 4 });
    expect(result.outcome).to.equal('promoted');
    expect({ looks, assessments }).to.deep.equal({ looks: 5, assessments: 2 });
    // Of a day of holding, only how often it is told comes on top, and the guards' slices.
    expect(eventsOfCanary).to.be.above(20);
    for (const duration of [1000, 60_000, hour / 2, hour, 6 * hour])
      expect(eventsOfCanary + (toldInADay(duration) + guardSlicesOfADay) * eventsOfActivity).to.be.below(150);
  });

  it('ends at once when a guard trips', async () => {
    const { result } = await play({
      holds: Infinity,
      watch: async (looks) => {
        await waitFor(async () => (looks() > 1 ? true : null));
        return {
          ...{ kind: 'tripped', reason: 'error: e 140 >= 100', verdicts: [verdict('fail')], evidence: ref('trip') },
          ...{ rolledBackAt: '2026-01-01T00:00:00.000Z', revision: 1 },
        };
      },
    });
    expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
    expect(result.reasons[0]).to.equal('error: e 140 >= 100');
  });

  it('ends at once when a person stops it', async () => {
    const { result } = await play({
      holds: Infinity,
      during: async ({ rollout }, looks) => {
        await waitFor(async () => (looks() > 1 ? true : null));
        await rollout.signal(rolloutMessages.abort, { by: 'bob', reason: 'customers complain' });
      },
    });
    expect(result).to.include({ outcome: 'rolledBack', stage: 'canary' });
    expect(result.reasons[0]).to.equal('stopped by bob: customers complain');
  });
});

describe('what holds', () => {
  it('has shown neither enough nor harm, under a lease that has not lapsed', () => {
    const kinds = ['pass', 'fail', 'inconclusive', 'unmeasured'] as const;
    expect(kinds.filter((one) => isHold({ verdict: one, leaseLapsed: false }))).to.deep.equal(kinds.slice(2));
    expect(kinds.filter((one) => isHold({ verdict: one, leaseLapsed: true }))).to.deep.equal([]);
  });
});
