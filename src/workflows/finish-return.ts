import { log, patched } from '@temporalio/workflow';
import {
  mostWithdrawals,
  type KeptRelease,
  type UnfinishedReturn,
  type Withdrawal,
} from '../domain/release/lifecycle-state.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';
import { afterTraffic } from './take-back.js';

const firstPauseMilliseconds = 60_000;
const longestPauseMilliseconds = 30 * 60_000;

/** How long to wait before the next try; doubles with each. */
export const pauseBefore = ({ tries }: Pick<UnfinishedReturn, 'tries'>): number =>
  Math.min(firstPauseMilliseconds * 2 ** tries, longestPauseMilliseconds);

/** What the return of a champion has left to do; null where nothing is left. */
export const unfinishedAfter = (left: Omit<UnfinishedReturn, 'tries'>): UnfinishedReturn | null =>
  // Lifecycles whose histories are older went on without.
  left.notUndone.length > 0 && patched('finish-return') ? { ...left, tries: 0 } : null;

/**
 * What was withdrawn and may take a slot still, each once. Lifecycles whose histories are older remembered only the
 * first of them.
 */
export function allWithdrawn(releases: readonly (string | null)[]): string[] {
  const each = [...new Set(releases.filter((one) => one !== null))];
  return each.length < 2 || patched('remember-all-withdrawn') ? each : each.slice(0, 1);
}

/** The withdrawals that no record may tell of yet: those that an earlier return has left, and this one's. */
export const allWithdrawals = (before: UnfinishedReturn | null, own: readonly Withdrawal[] = []): Withdrawal[] =>
  [...(before?.withdrawals ?? []), ...own].slice(-mostWithdrawals);

/**
 * What a promotion leaves to do: whatever served before it and may take a slot still is retired a minute later, and
 * withdrawals before it are recorded. Null in lifecycles whose histories are older.
 */
export function retiredLater({
  promoted,
  unretired,
  withdrawals,
}: {
  promoted: string;
  unretired: readonly string[];
  withdrawals: Withdrawal[];
}): UnfinishedReturn | null {
  const withdrawn = [...new Set(unretired)];
  if (withdrawn.length + withdrawals.length === 0 || !patched('retire-after-promotion')) return null;
  const reason = `${promoted} was promoted`;
  return { step: `${promoted}/promoted`, reason, withdrawn, withdrawals, notUndone: [], tries: 0 };
}

/**
 * A return that left nothing is gone through again a minute later: a step of a release that was terminated may still
 * have been under way, and land after it. Null in lifecycles whose histories are older.
 */
export const confirmedLater = (left: Omit<UnfinishedReturn, 'tries'>): UnfinishedReturn | null =>
  patched('confirm-return') ? { ...left, tries: 0 } : null;

/**
 * Tries everything that follows a champion's return once more: each step does nothing where it was done. People were
 * told what was left, so they are told when it is done. Returns what is left now.
 */
export async function finishReturn({
  model,
  champion,
  left,
}: {
  model: string;
  champion: KeptRelease;
  left: UnfinishedReturn;
}): Promise<UnfinishedReturn | null> {
  const { step, reason, withdrawn, withdrawals = [], cause = null } = left;
  const rest = afterTraffic({ model, champion, withdrawn, withdrawals, step, reason, cause, profile: 'singleTry' });
  const failed = await rest.run();
  if (failed.length > 0)
    return {
      ...left,
      notUndone: failed.map((one) => `not undone: ${one.name}: ${one.reason}`),
      tries: left.tries + 1,
    };
  if (left.notUndone.length === 0) return null;
  const { sendNotification } = activitiesFor({
    profile: 'briefCall',
    queue: 'orchestration',
    summary: 'tell people that everything is undone',
  });
  await sendNotification({
    key: `${champion.releaseId}/undone-${step}`,
    severity: 'info',
    title: `${champion.releaseId}: what was left to undo is done`,
    body: left.notUndone.map((one) => `done now, was ${one}`).join('\n'),
    model,
    releaseId: champion.releaseId,
  }).catch((error: unknown) => log.error('nobody was told', { error: rootMessage(error) }));
  return null;
}
