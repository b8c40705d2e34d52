import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { workflowIds } from '../../../src/contracts/names.js';
import {
  releaseMessages,
  rolloutMessages,
  type Abort,
  type Progress,
  type ReleaseInput,
} from '../../../src/contracts/release.js';
import type { Stage } from '../../../src/domain/release/kinds.js';
import type { KeptRelease } from '../../../src/domain/release/lifecycle-state.js';
import type { TrafficPlan } from '../../../src/domain/rollout/traffic-plan.js';
import { release } from '../../../src/workflows/release.js';
import type { rollout } from '../../../src/workflows/rollout.js';
import type { StageSet } from './stage.js';
import { ref } from './world.js';

/** The release before the one that is started. */
export const keptChampion = (model: string): KeptRelease => ({
  releaseId: `${model}-r1`,
  version: '1',
  base: 'base',
  target: {
    releaseId: `${model}-r1`,
    endpoint: 'http://127.0.0.1:2/v1',
    adapter: `${model}-r1`,
    promptDigest: null,
    indexVersion: null,
  },
  adapter: ref('champion'),
  specification: ref('spec'),
  promotedAt: '2026-01-01T00:00:00.000Z',
});

/** What a lifecycle would start the second release of `model` with; ann has requested it. */
export const releaseInput = ({ model }: { model: string }): ReleaseInput => ({
  releaseId: `${model}-r2`,
  model,
  kind: 'training',
  trigger: 'person',
  requestedBy: ['ann', 'Dora'],
  reasons: ['new tickets since March'],
  specification: ref('spec'),
  champion: keptChampion(model),
  epoch: 4,
});

export interface StartedRelease {
  input: ReleaseInput;
  handle: WorkflowHandle<typeof release>;
  rollout: WorkflowHandle<typeof rollout>;
  plan(): Promise<TrafficPlan>;
  /** Waits until the release, or its rollout, is in a stage. */
  reached(stage: Stage): Promise<Progress>;
  /** Waits until the rollout waits for people. */
  waiting(): Promise<Progress>;
}

/** Starts a release, but for a first one over a champion that serves everyone. Time is not skipped before somebody awaits its result. */
export async function startRelease({
  environment,
  set,
  first = false,
  reasons,
  kind = 'training',
  model = `m${randomUUID().slice(0, 8)}`,
  cancelled,
}: {
  environment: Pick<TestWorkflowEnvironment, 'client'>;
  set: Pick<StageSet, 'world' | 'orchestration'>;
  /** Whether it is the model's first, with no champion before it. */
  first?: boolean;
  /** Why it was asked for. */
  reasons?: string[];
  kind?: ReleaseInput['kind'];
  model?: string;
  /** A word to cancel it that comes with its start. */
  cancelled?: Abort;
}): Promise<StartedRelease> {
  const input = { ...releaseInput({ model }), kind, ...(reasons && { reasons }), ...(first ? { champion: null } : {}) };
  if (input.champion) {
    await set.world.router.write({
      model,
      owner: { workflowId: workflowIds.lifecycle(model), epoch: 2 },
      change: { champion: input.champion.target, reason: 'before' },
      expectedRevision: null,
    });
    set.world.served.add(input.champion.releaseId);
  }
  const { workflow } = environment.client;
  const options = {
    workflowId: workflowIds.release(input.releaseId),
    taskQueue: set.orchestration,
    args: [input] as [ReleaseInput],
  };
  const handle = cancelled
    ? await workflow.signalWithStart(release, {
        ...{ ...options, signal: releaseMessages.cancelSignal, signalArgs: [cancelled] },
      })
    : await workflow.start(release, options);
  const rolloutHandle = workflow.getHandle<typeof rollout>(workflowIds.rollout(input.releaseId));
  const ofRollout = () => rolloutHandle.query(rolloutMessages.progress).catch(() => null);
  return {
    input,
    handle,
    rollout: rolloutHandle,
    plan: async () => (await set.world.router.read({ model }))!,
    reached: (stage) =>
      waitFor(async () => {
        const both = [await handle.query(releaseMessages.progress), await ofRollout()];
        return both.find((one) => one?.stage === stage) ?? null;
      }),
    waiting: () =>
      waitFor(async () => {
        const progress = await ofRollout();
        return progress?.waiting?.evidenceDigest ? progress : null;
      }),
  };
}

/** The champion serves everyone, nothing of the challenger is left, and there is a record. */
export async function expectGivenBack(
  { input: { champion, releaseId }, plan }: StartedRelease,
  { world }: Pick<StageSet, 'world'>,
): Promise<void> {
  expect(await plan()).to.deep.include({ challenger: null, challengerShare: 0, mirrorShare: 0, holdback: 0 });
  expect((await plan()).champion.releaseId).to.equal(champion!.releaseId);
  expect([...world.served]).to.deep.equal([champion!.releaseId]);
  expect([...world.jobs.values()]).to.not.include('running');
  expect(world.aliases['champion'] ?? '1').to.equal('1');
  expect(world.closed.map((one) => one.input.releaseId)).to.deep.equal([releaseId]);
}

/** Asks again until there is an answer. */
export async function waitFor<T>(ask: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
