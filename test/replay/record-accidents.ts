import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../src/activities/index.js';
import { createOutcomeActivities } from '../../src/activities/outcomes.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { hold } from '../workflows/support/hold.js';
import { startLifecycle } from '../workflows/support/lifecycle.js';
import { onStage, type StageSet } from '../workflows/support/stage.js';
import { keptChampion, startRelease, waitFor } from '../workflows/support/started-release.js';
import { ref, type Script } from '../workflows/support/world.js';
import { saveHistory } from './history-file.js';

/*
 * What a model's lifecycle does when something around it is lost, and what people seldom ask of it: each story in a
 * history of its own.
 */
const told = { by: 'bob', reason: 'a test' };
const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: 'PT0S' }] },
  bake: { duration: 'PT0S' },
};

interface Told {
  environment: TestWorkflowEnvironment;
  model: string;
  set: StageSet;
  script: Script;
  held: ReturnType<typeof hold>;
  begin(): Promise<Begun>;
  /** Writes the history of the latest run of a workflow. */
  save(input: { workflowId: string; file: string }): Promise<void>;
}
interface Begun extends Awaited<ReturnType<typeof startLifecycle>> {
  until(holds: (now: LifecycleState) => boolean): Promise<LifecycleState>;
}
interface Story {
  file: string;
  holding?: Parameters<typeof hold>[0];
  script?: Script;
  activities?: Partial<Activities>;
  play: (told: Told) => Promise<Begun>;
}

const ended =
  (count: number) =>
  (now: LifecycleState): boolean =>
    now.ended.length >= count && !now.running;
let refusals = 1;

export const accidents: Story[] = [
  {
    file: 'lifecycle-attached',
    holding: { activity: 'smokeTest' },
    play: async ({ begin, held }) => {
      const begun = await begin();
      const { handle, request, until } = begun;
      const { runId } = await handle.describe();
      await request();
      await held.reached;
      const alert = { kind: 'drift', severity: 'info' as const, category: null, evidence: '' };
      while ((await handle.describe()).runId === runId)
        await Promise.all(Array.from({ length: 50 }, () => handle.signal(lifecycleMessages.alert, alert)));
      await handle.executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: ref('other'), by: 'ann' }] });
      held.letGo();
      await until(ended(1));
      return begun;
    },
  },
  {
    file: 'lifecycle-lost-release',
    holding: { activity: 'assessStep' },
    play: async ({ environment, model, begin, held }) => {
      const begun = await begin();
      const { request, until } = begun;
      await request();
      await until(ended(1));
      await request();
      await held.reached;
      await environment.client.workflow.getHandle(workflowIds.release(`${model}-r2`)).terminate('a test');
      await until(ended(2));
      held.letGo();
      return begun;
    },
  },
  {
    file: 'lifecycle-first-champion-lost',
    holding: { activity: 'writePlan' },
    play: async ({ environment, model, begin, held, save }) => {
      const begun = await begin();
      await begun.request();
      await held.reached;
      const releaseId = `${model}-r1`;
      await environment.client.workflow.getHandle(workflowIds.rollout(releaseId)).terminate('a test');
      // Has begun before the rollout was lost, and lands after its release has ended.
      setTimeout(held.letGo, 500);
      await begun.until(ended(1));
      await save({ workflowId: workflowIds.release(releaseId), file: 'release-lost-rollout.json' });
      return begun;
    },
  },
  {
    file: 'lifecycle-opened-again',
    play: async ({ environment, model, set, script, begin }) => {
      const running = await startRelease({ environment, set, model });
      const { champion, releaseId } = running.input;
      await running.handle.terminate('all of the model was ended');
      set.world.served.add(`${model}-r0`);
      script.remains = {
        ...{ releaseCount: 2, epoch: 10, champion, previous: [keptChampion(`${model}-former`)], ended: [] },
        ...{ unfinished: releaseId, spentUsd: { month: '2026-01', usd: 7 } },
      };
      const begun = await begin();
      await begun.request();
      return begun;
    },
  },
  {
    file: 'lifecycle-removed-late',
    activities: {
      retireModel: async () => {
        if ((refusals -= 1) >= 0) throw ApplicationFailure.nonRetryable('the platform is away', 'Unauthorised');
      },
    },
    play: async ({ begin }) => {
      const begun = await begin();
      const { handle, request, until } = begun;
      await request();
      await until(ended(1));
      await handle.executeUpdate(lifecycleMessages.remove, { args: [{ ...told, endRelease: false }] });
      await handle.result();
      return begun;
    },
  },
  {
    file: 'evaluation-judged',
    activities: {
      openEvaluation: async () => ({
        looks: { plan: ref('looks'), count: 2 },
        probes: { challenger: ref('probes'), champion: null },
      }),
      planEvaluation: async () => ({ attempt: 1, refusal: null, warnings: [], judged: true }),
    },
    play: async ({ model, begin, save }) => {
      const begun = await begin();
      await begun.request();
      await begun.until(ended(1));
      await save({ workflowId: workflowIds.evaluation(`${model}-r1`), file: 'evaluation-judged.json' });
      return begun;
    },
  },
];

/** Plays each story with a model of its own, and writes what its lifecycle has in its history into `folder`. */
export async function recordAccidents({
  environment,
  folder,
}: {
  environment: TestWorkflowEnvironment;
  folder: string;
}): Promise<void> {
  const { workflow: client } = environment.client;
  const outcomes = createOutcomeActivities({ outcomes: new TemporalOutcomes({ client: environment.client }) });
  for (const { file, holding, script: more, activities, play } of accidents) {
    const held = hold(holding ?? { activity: 'none' });
    const script: Script = { rollout, fail: held.fail, ...more };
    await onStage({
      environment,
      script,
      activities: { ...outcomes, ...activities },
      play: async (set) => {
        const model = file.replaceAll('-', '');
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
        const begun = await play({ environment, model, set, script, held, begin, save });
        if (file.startsWith('lifecycle'))
          await save({ workflowId: workflowIds.lifecycle(model), file: `${file}.json` });
        await begun.terminate();
        process.stdout.write(`${file}\n`);
      },
    });
  }
}
