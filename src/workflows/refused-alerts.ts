import { CancellationScope, log, patched } from '@temporalio/workflow';
import type { RequestReleaseResult } from '../contracts/lifecycle.js';
import { month } from '../domain/release/monthly-budget.js';
import { activitiesFor } from './activity-options.js';
import type { Lifecycle } from './lifecycle-context.js';
import { nowIso } from './progress.js';
import { rootMessage } from './root-message.js';

/** What an alert or the Schedule has asked for, and what came of it. */
export interface AlertAnswer {
  asked: string;
  answer: RequestReleaseResult;
}

/**
 * Alerts and the Schedule are signals, so that no answer goes back: people are told of a refusal, once of each reason.
 * Who removes a model knows that it takes no more releases.
 */
export function createRefusalTeller({ lifecycle }: { lifecycle: Lifecycle }) {
  const told = new Set<string>();
  return async ({ asked, answer: { decision, reason } }: AlertAnswer): Promise<void> => {
    const { model, state } = lifecycle;
    const cause = reason.replaceAll(/[^\w.]+/g, '-');
    const key = `${model}/refused-${state.epoch}-${month(nowIso())}-${cause}`;
    if (decision !== 'refused' || state.removal || told.has(key) || !patched('refusals-are-told')) return;
    told.add(key);
    const telling = activitiesFor({
      ...{ profile: 'briefCall', queue: 'orchestration', summary: 'tell people what was refused' },
    });
    // To be cancelled does nothing to a lifecycle.
    await CancellationScope.nonCancellable(() =>
      telling.sendNotification({
        ...{ key, severity: 'warning', model, releaseId: null },
        title: `${model}: a release was asked for and refused`,
        body: `${asked}: ${reason}. It is not kept: ask again with "understudy release ${model}" once that is mended`,
      }),
    ).catch((error: unknown) => {
      told.delete(key);
      log.error('nobody was told', { error: rootMessage(error) });
    });
  };
}
