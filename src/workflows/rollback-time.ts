import { CancellationScope, log, patched } from '@temporalio/workflow';
import type { MeasureRollbackInput } from '../activities/rollback-time.js';
import type { RolloutInput } from '../contracts/release.js';
import type { WatchResult } from '../contracts/watch.js';
import type { RollbackTime } from '../domain/release/rollback-time.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/** How long the rollback of a guard's trip took, from the evidence on. */
export const measureTrip = ({
  input: { model, releaseId },
  trip: { revision, evidenceAt, rolledBackAt },
}: {
  input: Pick<RolloutInput, 'model' | 'releaseId'>;
  trip: Extract<WatchResult, { kind: 'tripped' }>;
}): Promise<RollbackTime | null> =>
  measureRollback({
    model,
    releaseId,
    revision,
    rehearsal: false,
    evidenceAt: evidenceAt ?? rolledBackAt,
    planAt: rolledBackAt,
  });

/**
 * How long a rollback took at the gateways; null in what 0.1.0 began, and where it could not be measured, which changes
 * nothing about the rollback.
 */
export async function measureRollback(input: MeasureRollbackInput): Promise<RollbackTime | null> {
  if (!patched('rollback-time')) return null;
  const { measureRollback: measure } = activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: 'how long the gateways took',
  });
  return await CancellationScope.nonCancellable(() => measure(input)).catch((error: unknown) => {
    log.error('the rollback was not timed', { error: rootMessage(error) });
    return null;
  });
}
