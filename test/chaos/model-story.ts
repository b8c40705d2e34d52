import { WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { releaseMessages, rolloutMessages } from '../../src/contracts/release.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import type { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import type { Deed, ReleasePlan } from './release-plan.js';
import { workflowTaskMilliseconds } from './worker/short-timeouts.js';
import type { Moment } from './world/world.js';

const pollMilliseconds = 1500;
/** Far more than a release takes on a machine that has nothing else to do. */
const longestMilliseconds = 20 * 60_000;
const patienceMilliseconds = 5 * 60_000;
/** A call that a restart of Temporal swallowed would never be answered. */
const callMilliseconds = 20_000;

/** What became of one release, as the people around it saw it. */
export interface SeenRelease {
  releaseId: string;
  model: string;
  deed: Deed | null;
  /** Whether what was planned against it came about. */
  done: boolean;
  /** When its workflow was terminated; null where it was not. */
  terminatedAt: number | null;
  ended: boolean;
}

export interface ModelStory {
  readonly seen: readonly SeenRelease[];
  /** Plays so many releases, one after the other; begins no other once `enough` has aborted. */
  play(input: { releases: number; enough: AbortSignal }): Promise<void>;
  /** Hears of every activity of the model. */
  onMoment(moment: Moment): void;
  describe(): Promise<LifecycleState>;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again while Temporal or the workers are away; null where there is no such workflow, or it is over. */
async function askAgain<Result>(ask: () => Promise<Result>): Promise<Result | null> {
  const deadline = Date.now() + patienceMilliseconds;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      if (Date.now() > deadline) throw error;
      await pause(500);
    }
  }
}

/** The people and accidents around one model: asks for releases, answers questions, and does what each plan says. */
export function createModelStory({
  client,
  model,
  planOf,
  taskQueue,
  specification,
}: {
  client: Client;
  model: string;
  planOf: (releaseId: string) => ReleasePlan;
  taskQueue: string;
  specification: ArtifactRef;
}): ModelStory {
  const seen: SeenRelease[] = [];
  const { workflow } = client;
  const inTime = <Result>(ask: () => Promise<Result>): Promise<Result> =>
    client.withDeadline(Date.now() + callMilliseconds, ask);
  const patiently = <Result>(ask: () => Promise<Result>): Promise<Result | null> => askAgain(() => inTime(ask));
  const lifecycle: WorkflowHandle<typeof modelLifecycle> = workflow.getHandle(workflowIds.lifecycle(model));
  let current: SeenRelease | null = null;
  let begun = false;

  const start = () =>
    patiently(() =>
      workflow.start('modelLifecycle', {
        workflowId: workflowIds.lifecycle(model),
        taskQueue,
        workflowTaskTimeout: workflowTaskMilliseconds,
        workflowIdConflictPolicy: 'USE_EXISTING',
        args: [{ model, specification, state: null }],
      }),
    );

  async function act(one: SeenRelease, deed: Deed): Promise<void> {
    const { releaseId } = one;
    const told = { by: 'bob', reason: 'chaos' };
    const handle = (id: keyof typeof workflowIds) => workflow.getHandle(workflowIds[id](releaseId));
    const how: Record<Deed, () => Promise<unknown>> = {
      refuse: () => Promise.resolve(),
      abort: () => handle('rollout').signal(rolloutMessages.abort, told),
      cancel: () =>
        handle('release').executeUpdate(releaseMessages.cancel, { args: [told], updateId: `cancel-${releaseId}` }),
      cancelWorkflow: () => handle('release').cancel(),
      cancelRollout: () => handle('rollout').cancel(),
      terminateRelease: async () => {
        await handle('release').terminate('chaos');
        one.terminatedAt = Date.now();
      },
      terminateRollout: () => handle('rollout').terminate('chaos'),
      terminateEvaluation: () => handle('evaluation').terminate('chaos'),
      rollback: () =>
        lifecycle.executeUpdate(lifecycleMessages.rollback, {
          args: [{ to: null, ...told }],
          updateId: `rollback-${releaseId}`,
        }),
      loseLifecycle: async () => {
        await lifecycle.terminate('chaos');
        await start();
      },
      cancelLifecycle: () => lifecycle.cancel(),
    };
    one.done = true;
    await patiently(how[deed]).catch(() => null);
  }

  async function answerQuestion(one: SeenRelease): Promise<void> {
    const rollout = workflow.getHandle(workflowIds.rollout(one.releaseId));
    const progress = await inTime(() => rollout.query(rolloutMessages.progress)).catch(() => null);
    const digest = progress?.waiting?.evidenceDigest;
    if (!digest) return;
    const { deed } = planOf(one.releaseId);
    const refused = deed?.what === 'refuse';
    one.done ||= refused;
    const decision = refused ? 'reject' : 'approve';
    await inTime(() =>
      rollout.executeUpdate(rolloutMessages.decide, {
        args: [{ decision, by: 'bob', evidenceDigest: digest, reason: 'read the report' }],
      }),
    ).catch(() => null);
  }

  async function hasEnded(one: SeenRelease): Promise<boolean> {
    const state = await patiently(() => lifecycle.query(lifecycleMessages.describe));
    if (state?.ended.some(({ releaseId }) => releaseId === one.releaseId)) return true;
    if (one.deed !== 'loseLifecycle' || !one.done || state?.running) return false;
    // The lifecycle that came after does not wait for it.
    const status = await patiently(() => workflow.getHandle(workflowIds.release(one.releaseId)).describe());
    return status === null || status.status.name !== 'RUNNING';
  }

  async function request(number: number): Promise<SeenRelease> {
    const expected = `${model}-r${number}`;
    const { kind, deed } = planOf(expected);
    for (let attempt = 1; ; attempt += 1) {
      const answer = await patiently(() =>
        lifecycle.executeUpdate(lifecycleMessages.requestRelease, {
          args: [{ kind: attempt === 1 ? kind : 'training', reason: 'chaos', requestedBy: 'ann', priority: 'normal' }],
          updateId: `request-${number}-${attempt}`,
        }),
      );
      const { releaseId } = answer ?? { releaseId: null };
      if (releaseId === null) continue;
      return { releaseId, model, deed: deed?.what ?? null, done: false, terminatedAt: null, ended: false };
    }
  }

  return {
    seen,
    describe: async () => (await patiently(() => lifecycle.query(lifecycleMessages.describe)))!,
    onMoment: ({ workflowId, activity, when }) => {
      const one = current;
      if (when !== 'before' || begun || !one || !workflowId.endsWith(`:${one.releaseId}`)) return;
      const { deed } = planOf(one.releaseId);
      if (deed?.at !== activity || deed.what === 'refuse') return;
      begun = true;
      setTimeout(() => void act(one, deed.what), deed.afterMilliseconds);
    },
    play: async ({ releases, enough }) => {
      await start();
      for (let number = 1; number <= releases && !enough.aborted; number += 1) {
        begun = false;
        const one = await request(number);
        current = one;
        seen.push(one);
        const deadline = Date.now() + longestMilliseconds;
        while (!one.ended && Date.now() < deadline) {
          await pause(pollMilliseconds);
          one.ended = await hasEnded(one);
          if (!one.ended) await answerQuestion(one);
        }
        if (!one.ended) return;
      }
    },
  };
}
