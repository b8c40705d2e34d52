import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { hold } from '../workflows/support/hold.js';
import { startRelease, waitFor } from '../workflows/support/started-release.js';
import { ref, verdict } from '../workflows/support/world.js';
import { ended, type Begun, type Story } from './story.js';

const told = { by: 'bob', reason: 'a test' };
const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: null, keepReleases: 3, quietHours: null };
/** Of activities that fail once each, for a script's `fail`. */
function failOnce(...activities: string[]): (activity: string) => string | null {
  const left = new Set(activities);
  return (activity) => (left.delete(activity) ? `whoever answers ${activity} is away` : null);
}

const critical = { kind: 'drift', severity: 'critical' as const, category: null, evidence: '' };
const alert = ({ handle }: Begun): Promise<void> => handle.signal(lifecycleMessages.alert, critical);
const apply = ({ handle }: Begun, name: string) =>
  handle.executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: ref(name), by: 'ann' }] });
const queued =
  (count: number) =>
  ({ queue, running }: LifecycleState): boolean =>
    queue.length === count && !running;
const nothingLeft = ({ unfinishedReturn }: LifecycleState): boolean => unfinishedReturn === null;

/** Quiet hours that it is in the middle of. */
function quietNow(): { from: string; to: string; timezone: string } {
  const hour = (after: number): string => new Date(Date.now() + after * 3_600_000).toISOString().slice(11, 16);
  return { from: hour(-2), to: hour(2), timezone: 'UTC' };
}
/** Settings by the name of the spec that brings them. */
const specs = {
  cooling: { cooldownMilliseconds: 4000 },
  poor: { monthlyBudgetUsd: 5 },
  rich: { monthlyBudgetUsd: 500 },
  quiet: { quietHours: quietNow() },
} as const;

const lapses = new Map<string, number>();
/** Lapses three times: the last start waits for a moment first. */
const isLapsed = (what: string): boolean => {
  lapses.set(what, (lapses.get(what) ?? 0) + 1);
  return lapses.get(what)! <= 3;
};

/** Every other branch that a patch opens: test/replay/patches.test.ts names the patches that no history holds. */
export const rareBranches: Story[] = [
  {
    file: 'lifecycle-queue-held',
    activities: {
      readSpecification: async ({ specification: { uri, sha256 } }) => ({
        digest: sha256,
        settings: { ...settings, ...specs[uri.slice('store://'.length) as keyof typeof specs] },
      }),
    },
    play: async ({ begin, script, model, set }) => {
      const begun = await begin();
      const { handle, request, until } = begun;
      await request();
      await until(ended(1));
      await apply(begun, 'cooling');
      await alert(begun);
      await until(queued(1));
      await until(ended(2));
      await apply(begun, 'poor');
      const training = hold({ activity: 'smokeTest' });
      script.fail = training.fail;
      await request();
      await training.reached;
      await request({ requestedBy: 'bob' });
      training.letGo();
      await until(ended(3));
      // Refused, of which people are told once.
      await alert(begun);
      await waitFor(async () => (set.world.names().includes('sendNotification') ? true : null));
      await waitFor(async () => ((await handle.describe()).raw.pendingActivities?.length ? null : true));
      await alert(begun);
      // What was asked for before waits for the money.
      await until(queued(1));
      await apply(begun, 'rich');
      await until(ended(4));
      await apply(begun, 'quiet');
      await alert(begun);
      await until(queued(1));
      await request({ requestedBy: 'bob' });
      await until(ended(5));
      const last = await handle.query(lifecycleMessages.describe);
      if (last.champion?.releaseId !== `${model}-r5`) throw new Error(`${model} ended otherwise than it was told`);
    },
  },
  {
    file: 'lifecycle-overtaken',
    play: async ({ begin, script }) => {
      const { handle, request, until } = await begin();
      await request();
      await until(ended(1));
      // The second stays, and the first takes a slot until the lifecycle has retired it.
      script.fail = failOnce('retireRelease');
      await request();
      await until(ended(2));
      await request();
      await until(ended(3));
      script.fail = failOnce('moveAliases');
      await handle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, ...told }] });
      // What it has left is tried again a minute later.
      await until(nothingLeft);
      const recording = hold({ activity: 'closeRelease' });
      script.fail = recording.fail;
      await request();
      await recording.reached;
      await handle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, ...told }] });
      recording.letGo();
      await until(ended(4));
    },
  },
  {
    file: 'lifecycle-asked-again',
    holding: { activity: 'smokeTest' },
    script: {
      candidate: (version) =>
        version === '1'
          ? {
              by: 'ann',
              candidate: {
                ...{ releaseId: 'r1', version, adapter: ref('adapter'), indexVersion: null },
                specification: ref('spec'),
              },
            }
          : { by: 'ann', problem: `no release registered version ${version}` },
    },
    play: async ({ environment, model, set, begin, held, script }) => {
      const fails = failOnce('awaitRelease', 'answerPromotion');
      script.fail = (activity) => fails(activity) ?? held.fail(activity);
      const { handle, state, until } = await begin();
      const ask = ({ executeUpdate }: Pick<typeof handle, 'executeUpdate'>, updateId: string) =>
        executeUpdate(lifecycleMessages.requestRollout, {
          ...{ args: [{ version: '1', reason: 'as good', requestedBy: 'ann' }], updateId },
        });
      const answer = await ask(handle, 'asked');
      await held.reached;
      const now = await state();
      // What a lifecycle whose history is full begins the next one with.
      await handle.terminate('the history is full');
      const { workflow } = environment.client;
      await workflow.start(modelLifecycle, {
        workflowId: workflowIds.lifecycle(model),
        taskQueue: set.orchestration,
        args: [{ model, specification: null, state: now, answered: [{ id: 'requestRollout/asked', answer }] }],
      });
      const next = workflow.getHandle<typeof modelLifecycle>(workflowIds.lifecycle(model));
      await ask(next, 'asked');
      await ask(next, 'asked once more');
      for (const tried of [1, 2]) {
        await next.signal(lifecycleMessages.promotionAsked, { version: '7' });
        await until(({ unansweredPromotion: left }) => (left === null) === (tried === 2));
      }
      held.letGo();
      await waitFor(async () => (ended(1)(await next.query(lifecycleMessages.describe)) ? true : null));
    },
  },
  {
    file: 'lifecycle-asked-while-removed',
    play: async ({ begin, script }) => {
      script.fail = failOnce('retireModel');
      const { handle, request, until } = await begin();
      await request();
      await until(ended(1));
      const remove = { ...told, endRelease: false };
      await handle.executeUpdate(lifecycleMessages.remove, { args: [remove] });
      await until(({ removal }) => (removal?.left ?? null) !== null);
      await handle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, ...told }] }).catch(() => undefined);
      await handle.executeUpdate(lifecycleMessages.remove, { args: [remove] });
      await handle.result();
    },
  },
  {
    file: 'lifecycle-spec-refused',
    play: async ({ begin, script }) => {
      script.fail = failOnce('readSpecification');
      const begun = await begin();
      await begun.until(() => true);
      await apply(begun, 'other').catch(() => undefined);
      await begun.handle.result();
    },
  },
  {
    file: 'rollout-lapsed',
    script: {
      rollout: {
        approval: { automatic: true },
        canary: { steps: [{ share: '5%', duration: 'PT1S', maximum: 'PT1M' }] },
        bake: { duration: 'PT1S', maximum: 'PT1M' },
      },
      step: () => (isLapsed('step') ? { verdict: 'inconclusive', reason: 'too few keys', leaseLapsed: true } : {}),
      bake: () =>
        isLapsed('bake') ? { ...verdict('inconclusive', 'the lease lapsed'), gate: 'lease' } : verdict('pass'),
    },
    play: async ({ environment, model, set, save }) => {
      const { handle, input } = await startRelease({ environment, set, model });
      await handle.result();
      await save({ workflowId: workflowIds.rollout(input.releaseId), file: 'rollout-lapsed.json' });
    },
  },
  {
    file: 'lifecycle-rolled-back-twice',
    play: async ({ begin, script }) => {
      const { handle, request, until } = await begin();
      for (const count of [1, 2]) {
        await request();
        await until(ended(count));
      }
      const rollBack = () => handle.executeUpdate(lifecycleMessages.rollback, { args: [{ to: null, ...told }] });
      script.fail = failOnce('recordWithdrawal');
      await rollBack();
      // There is nothing left that users were not taken off.
      await rollBack().catch(() => undefined);
      await until(nothingLeft);
    },
  },
  {
    file: 'lifecycle-first-lost',
    holding: { activity: 'assessBake' },
    play: async ({ environment, model, begin, held, script }) => {
      const fails = failOnce('endLostRelease');
      script.fail = (activity) => fails(activity) ?? held.fail(activity);
      const { request, until } = await begin();
      await request();
      await held.reached;
      await environment.client.workflow.getHandle(workflowIds.rollout(`${model}-r1`)).terminate('a test');
      held.letGo();
      await until(ended(1));
    },
  },
  {
    file: 'renewed-lifecycle',
    play: async ({ begin, environment, save }) => {
      const { handle, request, until } = await begin();
      await request();
      await until(ended(1));
      const { runId } = await handle.describe();
      await handle.signal(lifecycleMessages.renew);
      const next = environment.client.workflow.getHandle(handle.workflowId);
      await waitFor(async () => ((await next.describe()).runId === runId ? null : true));
      await save({ workflowId: handle.workflowId, runId, file: 'renewed-lifecycle.json' });
    },
  },
];
