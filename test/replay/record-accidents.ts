import { ApplicationFailure } from '@temporalio/common';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { keptChampion, startRelease } from '../workflows/support/started-release.js';
import { ref } from '../workflows/support/world.js';
import { ended, type Story } from './story.js';

const told = { by: 'bob', reason: 'a test' };
let refusals = 1;

/**
 * What a model's lifecycle does when something around it is lost, and what people seldom ask of it: each story in a
 * history of its own.
 */
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
    },
  },
];
