import { log, patched } from '@temporalio/workflow';
import type { Withdrawal } from '../domain/release/lifecycle-state.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/** What a rollback tells of; nothing where it withdrew no champion. */
export const withdrawalsOf = ({
  releaseId,
  ...rollback
}: Omit<Withdrawal, 'releaseId'> & { releaseId: string | null }): Withdrawal[] =>
  // Lifecycles of 0.1.0 kept it to themselves.
  releaseId !== null && patched('withdrawals-are-recorded') ? [{ releaseId, ...rollback }] : [];

/** Tells people that users were taken off a champion, by whom and why; nothing of the rollback waits for it. */
export async function tellOfWithdrawal({
  model,
  withdrawal: { step, releaseId, to, by, reason },
}: {
  model: string;
  withdrawal: Withdrawal;
}): Promise<void> {
  const { sendNotification } = activitiesFor({
    ...{ profile: 'briefCall', queue: 'orchestration', summary: 'tell people of the rollback' },
  });
  await sendNotification({
    key: `${releaseId}/withdrawn-${step}`,
    severity: 'warning',
    title: `${model}: users were taken off ${releaseId} and given to ${to}`,
    body: `rollback by ${by}: ${reason}`,
    model,
    releaseId,
  }).catch((error: unknown) => log.error('nobody was told', { error: rootMessage(error) }));
}
