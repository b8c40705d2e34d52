import { log, patched } from '@temporalio/workflow';
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
    if (decision !== 'refused' || state.removal || told.has(reason) || !patched('refusals-are-told')) return;
    told.add(reason);
    const cause = reason.replaceAll(/[^\w.]+/g, '-');
    await activitiesFor({ profile: 'briefCall', queue: 'orchestration', summary: 'tell people what was refused' })
      .sendNotification({
        key: `${model}/refused-${state.epoch}-${month(nowIso())}-${cause}`,
        ...{ severity: 'warning', model, releaseId: null },
        title: `${model}: a release was asked for and refused`,
        body: `${asked}: ${reason}. It is not kept: ask again with "understudy release ${model}" once that is mended`,
      })
      .catch((error: unknown) => log.error('nobody was told', { error: rootMessage(error) }));
  };
}
