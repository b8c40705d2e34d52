import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { rolloutMessages, type Decide } from '../../../src/contracts/release.js';
import { onStage, type StageSet } from './stage.js';
import { startRelease, type StartedRelease } from './started-release.js';
import type { Script } from './world.js';

export type WaitingRelease = StartedRelease & {
  set: StageSet;
  /** Of the evidence that the release asks about. */
  digest: string;
  decide: (message: Partial<Decide>) => Promise<unknown>;
};

/** Plays with a release that waits for its approval. */
export const whileReleaseWaits = ({
  environment,
  approval = {},
  script = {},
  play,
}: {
  environment: TestWorkflowEnvironment;
  approval?: Record<string, unknown>;
  script?: Script;
  play: (waiting: WaitingRelease) => Promise<void>;
}): Promise<void> =>
  onStage({
    environment,
    script: { rollout: { approval, canary: { steps: [{ share: '5%' }] } }, ...script },
    play: async (set) => {
      const started = await startRelease({ environment, set });
      const digest = (await started.waiting()).waiting!.evidenceDigest!;
      const decide = (message: Partial<Decide>) => decideOn(started, { evidenceDigest: digest, ...message });
      await play({ ...started, set, digest, decide });
    },
  });

/** Approves as bob, but for what `message` says. */
export const decideOn = (started: StartedRelease, message: Partial<Decide>): Promise<unknown> =>
  started.rollout.executeUpdate(rolloutMessages.decide, {
    args: [{ decision: 'approve', by: 'bob', evidenceDigest: 'none', reason: '', ...message }],
  });

/** Why an update was refused. Fails when it was accepted. */
export async function refusalOf(update: Promise<unknown>): Promise<string> {
  const answer = await update.then(
    () => null,
    (error: unknown) => error,
  );
  expect(answer).to.be.instanceOf(WorkflowUpdateFailedError);
  return (answer as WorkflowUpdateFailedError).cause!.message;
}
