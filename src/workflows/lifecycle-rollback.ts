import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  log,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { Rollback } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { releaseMessages, rolloutMessages } from '../contracts/release.js';
import type { KeptRelease, LifecycleState } from '../domain/release/lifecycle-state.js';
import { afterRollback, rollbackTarget } from '../domain/release/rollback.js';
import type { RollbackTime } from '../domain/release/rollback-time.js';
import { nextEpoch } from '../domain/rollout/traffic-plan.js';
import { undoAll } from './compensation.js';
import { nowIso } from './progress.js';
import { measureRollback } from './rollback-time.js';
import { rootMessage } from './root-message.js';
import { allWithdrawals, allWithdrawn, unfinishedAfter } from './finish-return.js';
import { afterTraffic, restoreTraffic, serveAgain } from './take-back.js';
import { tellOfWithdrawal, withdrawalsOf } from './withdrawal.js';

/** The state of a lifecycle, for what changes it between awaits. */
export interface StateHolder {
  current: LifecycleState;
}

/** Ends a release wherever it is; one that has no rollout yet would train for hours and be fenced out at its end. */
async function stopRelease({ releaseId, by, reason }: { releaseId: string; by: string; reason: string }) {
  const told = { by, reason };
  const signals = [
    getExternalWorkflowHandle(workflowIds.rollout(releaseId)).signal(rolloutMessages.abort, told),
    getExternalWorkflowHandle(workflowIds.release(releaseId)).signal(releaseMessages.cancelSignal, told),
  ];
  for (const result of await Promise.allSettled(signals))
    if (result.status === 'rejected') log.info('nothing to stop', { error: rootMessage(result.reason) });
}

/** Where a rollback goes; a string says why nowhere. */
function targetOf(asked: { state: LifecycleState; to: string | null }): KeptRelease | string {
  const target = rollbackTarget(asked);
  const before = rollbackTarget({ ...asked, skipsWithdrawn: false });
  // Lifecycles of 0.1.0 went back to a release that users had been taken off.
  return target === before || patched('rollbacks-skip-withdrawn') ? target : before;
}

/**
 * A person's rollback: the plan first, then what must follow it. A target that is not loaded gets a moment to be, so
 * that users are not sent to nobody; one that can't ever be served is refused, and nothing has changed.
 * @throws ApplicationFailure `NothingToRollBackTo`, or why the target can't be served.
 */
export async function rollBack({
  model,
  message: { to, reason, by },
  state,
}: {
  model: string;
  message: Rollback;
  state: StateHolder;
}): Promise<{ champion: string; reason: string; time: RollbackTime | null }> {
  const target = targetOf({ state: state.current, to });
  if (typeof target === 'string') throw ApplicationFailure.nonRetryable(target, 'NothingToRollBackTo');
  const { running, champion } = state.current;
  const withdrawn = champion && champion.releaseId !== target.releaseId ? champion.releaseId : null;
  const told = `rollback by ${by}: ${reason}`;
  const askedAt = nowIso();
  if (withdrawn !== null) await serveAgain({ model, kept: target }).catch(unlessTemporary);

  state.current = { ...state.current, epoch: nextEpoch(state.current.epoch) };
  const owner = { workflowId: workflowInfo().workflowId, epoch: state.current.epoch };
  const step = `rollback/${owner.epoch}`;
  const about = withdrawn ?? running?.releaseId ?? target.releaseId;
  const cause = { actor: by, releaseId: about, evidenceDigest: null };
  const written = await restoreTraffic({ model, owner, champion: target, reason: told, cause });
  if (running) {
    await stopRelease({ releaseId: running.releaseId, by, reason });
    state.current = { ...state.current, running: { ...running, overtakenBy: { step, by, reason } } };
  }
  const at = nowIso();
  if (withdrawn !== null) state.current = afterRollback({ state: state.current, target, at });
  const own = withdrawalsOf({ releaseId: withdrawn, step, to: target.releaseId, by, reason, at });
  const [time] = await Promise.all([
    written &&
      measureRollback({
        ...{ model, releaseId: withdrawn ?? target.releaseId, rehearsal: false, evidenceAt: askedAt },
        ...{ revision: written.revision, planAt: written.at },
      }),
    ...own.map((withdrawal) => tellOfWithdrawal({ model, withdrawal })),
  ]);
  const before = state.current.unfinishedReturn;
  const retire = allWithdrawn([withdrawn, ...(before?.withdrawn ?? []).filter((one) => one !== target.releaseId)]);
  const withdrawals = allWithdrawals(before, own);
  const notUndone = await undoAll({
    compensations: afterTraffic({ model, champion: target, withdrawn: retire, withdrawals, step, reason: told, cause }),
    model,
    releaseId: withdrawn ?? target.releaseId,
    where: `rollback-${owner.epoch}`,
  });
  const unfinishedReturn = unfinishedAfter({ step, reason: told, cause, withdrawn: retire, withdrawals, notUndone });
  state.current = { ...state.current, unfinishedReturn };
  return { champion: target.releaseId, reason: [told, ...notUndone].join('; '), time };
}

/** Lets a failure pass that time may mend: the plan must not wait for it. */
function unlessTemporary(error: unknown): void {
  if (error instanceof ActivityFailure && error.retryState === 'NON_RETRYABLE_FAILURE')
    throw ApplicationFailure.nonRetryable(rootMessage(error), 'NotServed');
  log.warn('the plan does not wait for serving', { error: rootMessage(error) });
}
