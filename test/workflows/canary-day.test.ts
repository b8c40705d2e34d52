import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { Activities } from '../../src/activities/index.js';
import { workflowIds } from '../../src/contracts/names.js';
import { rolloutMessages } from '../../src/contracts/release.js';
import type { WatchInput, WatchResult } from '../../src/contracts/watch.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { startRelease, type StartedRelease } from './support/started-release.js';
import { decideOn } from './support/waiting-release.js';
import { verdict } from './support/world.js';

const hour = 3_600_000;
const mostEvents = 200;

/**
 * Lets an activity last so long by the clock that skips: its first attempt fails and is tried again only then. Attempts
 * leave no events of their own, so that the history is that of one long attempt.
 */
function lasting(milliseconds: number): void {
  if (Context.current().info.attempt > 1) return;
  throw ApplicationFailure.create({ message: 'still at it', nextRetryDelay: milliseconds });
}

const watchGuards = async ({ sliceMilliseconds }: WatchInput): Promise<WatchResult> => {
  lasting(sliceMilliseconds);
  return { kind: 'slice' };
};

/** A step that holds for so long, and then passes. */
const assessStep =
  ({ holdsMilliseconds }: { holdsMilliseconds: number }): Activities['assessStep'] =>
  async ({ again }) => {
    if (again) lasting(again.forMilliseconds);
    const held = again ? again.heldMilliseconds + again.forMilliseconds : 0;
    const kind = held >= holdsMilliseconds ? 'pass' : 'inconclusive';
    return {
      ...{ verdict: kind, reason: `12 keys, ${kind}`, verdicts: [verdict(kind)] },
      ...{ keys: 12, leaseLapsed: false, evidenceDigest: 's'.repeat(64) },
    };
  };

describe('a day of canary', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  /** Lets hours pass until the rollout is in its bake; people let every step go on that asks them. */
  async function untilBake(started: StartedRelease): Promise<void> {
    for (;;) {
      await environment.sleep('15 minutes');
      const { stage, waiting } = await started.rollout.query(rolloutMessages.progress);
      if (stage === 'bake') return;
      if (waiting?.evidenceDigest)
        await decideOn(started, { evidenceDigest: waiting.evidenceDigest, reason: 'few users today' });
    }
  }

  const canaries: { name: string; steps: object[] | undefined; holdsHours: number }[] = [
    { name: 'the steps of a spec by default that pass at once', steps: undefined, holdsHours: 0 },
    { name: 'the same, each held until people let it go on', steps: undefined, holdsHours: Infinity },
    { name: 'one step that holds all day', steps: [{ share: '5%', maximum: '30d' }], holdsHours: 25 },
    {
      name: 'a step of a second that holds all day',
      steps: [{ share: '5%', duration: '1s', maximum: '30d' }],
      holdsHours: 25,
    },
  ];
  for (const { name, steps, holdsHours } of canaries)
    it(`costs at most ${mostEvents} events with ${name}`, () =>
      onStage({
        environment,
        script: { rollout: { approval: { automatic: true }, canary: { ...(steps && { steps }) } } },
        activities: { watchGuards, assessStep: assessStep({ holdsMilliseconds: holdsHours * hour }) },
        play: async (set) => {
          const started = await startRelease({ environment, set });
          await started.reached('canary');
          await untilBake(started);
          const events = (await started.rollout.fetchHistory()).events!.map((event) => ({
            at: Number(event.eventTime!.seconds) * 1000,
            activity: event.activityTaskScheduledEventAttributes?.activityType?.name,
            child: event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name,
          }));
          await environment.client.workflow.getHandle(workflowIds.release(started.input.releaseId)).terminate();
          await started.rollout.terminate().catch(() => undefined);
          const ofCanary = events.slice(events.findIndex(({ activity }) => activity === 'writePlan'));
          const began = ofCanary[0]!.at;
          const ofDay = ofCanary.filter(({ at }) => at < began + 24 * hour);
          expect(
            ofDay.filter(({ child }) => child),
            'no other workflow has a history of it',
          ).to.deep.equal([]);
          expect(ofDay.length).to.be.within(50, mostEvents);
        },
      }));
});
