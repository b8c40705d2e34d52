import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  log,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { Removal } from '../domain/release/lifecycle-state.js';
import { nextEpoch } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import { pauseBefore } from './finish-return.js';
import type { Lifecycle } from './lifecycle-context.js';
import { rootMessage } from './root-message.js';

/**
 * The end of a model that a person has removed: nothing of it is served any more. Its plan, versions, records and files
 * stay, so that applying its spec again brings the champion back. What can't be done is tried again with pauses, and at
 * once where somebody asks again. Returns whether it is done; else the history is `full`.
 */
export async function retireModel({
  lifecycle,
  full,
}: {
  lifecycle: Lifecycle;
  full: () => boolean;
}): Promise<boolean> {
  for (;;) {
    const { left } = lifecycle.state.removal!;
    if (left) await condition(() => lifecycle.isRemovalDue || full(), pauseBefore(left));
    if (left && full() && !lifecycle.isRemovalDue) return false;
    lifecycle.isRemovalDue = false;
    if (await lifecycle.serialised(() => tryToRetire(lifecycle))) return true;
  }
}

async function tryToRetire(lifecycle: Lifecycle): Promise<boolean> {
  const { model } = lifecycle;
  const { by, reason, left } = lifecycle.state.removal!;
  if (!lifecycle.isRetired) {
    lifecycle.isRetired = true;
    lifecycle.state = { ...lifecycle.state, epoch: nextEpoch(lifecycle.state.epoch) };
  }
  const { champion, previous, unfinishedReturn, epoch } = lifecycle.state;
  const loaded = [champion?.releaseId, ...previous.map((one) => one.releaseId)];
  const retiring = activitiesFor({
    ...{ profile: 'quickCall', queue: 'orchestration', summary: `stop serving ${model}` },
    // Whatever else people ask for waits behind it.
    options: { scheduleToCloseTimeout: '2 minutes' },
  });
  try {
    await retiring.retireModel({
      ...{ model, by, reason },
      step: `${workflowInfo().workflowId}/${epoch}`,
      releases: [...new Set([...loaded, ...(unfinishedReturn?.withdrawn ?? [])].flatMap((one) => one ?? []))],
    });
  } catch (error) {
    // Lifecycles of 0.1.0 failed with it, and left what was served to nobody.
    if (isCancellation(error) || !patched('removals-are-tried-again')) throw error;
    const tries = left ? left.tries + 1 : 0;
    await keepLeft({ lifecycle, left: { ...causeOf(error), tries, told: left?.told ?? [] } });
    return false;
  }
  if (left)
    await tell({
      lifecycle,
      ...{ what: 'done', severity: 'info', title: `${model} is removed: what was left is done` },
      body: `done now, was: ${left.problem}`,
    });
  return true;
}

/** What sort of failure it is, and its words, which may be others each time. */
function causeOf(error: unknown): { cause: string; problem: string } {
  const failure = error instanceof ActivityFailure && error.cause ? error.cause : (error as Error);
  const cause = (failure instanceof ApplicationFailure && failure.type) || failure.name;
  return { cause, problem: rootMessage(error) };
}

async function keepLeft({
  lifecycle,
  left,
}: {
  lifecycle: Lifecycle;
  left: NonNullable<Removal['left']>;
}): Promise<void> {
  const { model, state } = lifecycle;
  const removal = state.removal!;
  lifecycle.state = { ...state, removal: { ...removal, left } };
  log.warn('not removed yet', { model, ...left });
  if (left.told.includes(left.cause)) return;
  const isTold = await tell({
    lifecycle,
    ...{ what: String(left.tries), severity: 'warning', title: `${model} is not removed yet` },
    body: `${removal.by} has removed it (${removal.reason}), but: ${left.problem}. It is tried again until it is done; "understudy remove ${model}" tries it at once`,
  });
  if (isTold)
    lifecycle.state = {
      ...lifecycle.state,
      removal: { ...lifecycle.state.removal!, left: { ...left, told: [...left.told, left.cause] } },
    };
}

/** Whether people were told. */
const tell = async ({
  lifecycle: { model, state },
  what,
  ...told
}: {
  lifecycle: Lifecycle;
  what: string;
  severity: 'info' | 'warning';
  title: string;
  body: string;
}): Promise<boolean> =>
  await activitiesFor({
    ...{ profile: 'briefCall', queue: 'orchestration', summary: `tell people of the removal of ${model}` },
  })
    .sendNotification({ key: `${model}/removal-${state.epoch}-${what}`, ...told, model, releaseId: null })
    .then(
      () => true,
      (error: unknown) => {
        log.error('nobody was told', { error: rootMessage(error) });
        return false;
      },
    );
