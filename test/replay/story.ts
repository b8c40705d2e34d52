import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../src/activities/index.js';
import { createOutcomeActivities } from '../../src/activities/outcomes.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { hold } from '../workflows/support/hold.js';
import { startLifecycle } from '../workflows/support/lifecycle.js';
import { onStage, type StageSet } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';
import type { Script } from '../workflows/support/world.js';
import { saveHistory } from './history-file.js';

const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};

export interface Told {
  environment: TestWorkflowEnvironment;
  model: string;
  set: StageSet;
  script: Script;
  held: ReturnType<typeof hold>;
  begin(): Promise<Begun>;
  /** Writes the history of one run of a workflow, the latest where none is named. */
  save(input: { workflowId: string; runId?: string; file: string }): Promise<void>;
}
export interface Begun extends Awaited<ReturnType<typeof startLifecycle>> {
  until(holds: (now: LifecycleState) => boolean): Promise<LifecycleState>;
}

/** Something that a model of its own goes through, named after the history that it leaves. */
export interface Story {
  /** Where it begins with `lifecycle`, the history of the model's lifecycle is written into it at the end. */
  file: string;
  holding?: Parameters<typeof hold>[0];
  script?: Script;
  activities?: Partial<Activities>;
  play: (told: Told) => Promise<void>;
}

export const ended =
  (count: number) =>
  (now: LifecycleState): boolean =>
    now.ended.length >= count && !now.running;

/** Plays each story with a model of its own, and writes the histories that it leaves into `folder`. */
export async function recordStories({
  environment,
  folder,
  stories,
}: {
  environment: TestWorkflowEnvironment;
  folder: string;
  stories: readonly Story[];
}): Promise<void> {
  const { workflow: client } = environment.client;
  const outcomes = createOutcomeActivities({ outcomes: new TemporalOutcomes({ client: environment.client }) });
  for (const { file, holding, script: more, activities, play } of stories) {
    const held = hold(holding ?? { activity: 'none' });
    const script: Script = { rollout, fail: held.fail, ...more };
    await onStage({
      environment,
      script,
      activities: {
        ...outcomes,
        awaitRelease: async (input) => {
          const failure = await script.fail?.('awaitRelease', input);
          if (failure) throw ApplicationFailure.nonRetryable(failure, 'Scripted');
          return await outcomes.awaitRelease(input);
        },
        ...activities,
      },
      play: async (set) => {
        const model = file.replaceAll('-', '');
        const lifecycle = client.getHandle(workflowIds.lifecycle(model));
        const begin = async (): Promise<Begun> => {
          const begun = await startLifecycle({ environment, orchestration: set.orchestration, model });
          const until = (holds: (now: LifecycleState) => boolean) =>
            waitFor(async () => {
              const now = await begun.state().catch(() => null);
              return now && holds(now) ? now : null;
            });
          return { ...begun, until };
        };
        const save: Told['save'] = (one) => saveHistory({ client, folder, ...one });
        await play({ environment, model, set, script, held, begin, save });
        if (file.startsWith('lifecycle')) await save({ workflowId: lifecycle.workflowId, file: `${file}.json` });
        await lifecycle.terminate('the story is over').catch(() => undefined);
        process.stdout.write(`${file}\n`);
      },
    });
  }
}
