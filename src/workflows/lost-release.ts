import { ActivityFailure, ApplicationFailure, condition, log, patched, workflowInfo } from '@temporalio/workflow';
import type { LostRelease, LostReleaseInput } from '../contracts/lost-release.js';
import { activitiesFor } from './activity-options.js';
import { rootMessage } from './root-message.js';

/** Whether `awaitRelease` has failed because there is no result, and not because nobody could be asked. */
export const isLost = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === 'ReleaseLost';

const unknown: LostRelease = {
  ...{ outcome: 'failed', stage: 'ended', reasons: [], withdrawnAt: null, costUsd: 0, kept: null },
};

const longestPauseMilliseconds = 5 * 60_000;

type Lost = Omit<LostReleaseInput, 'workflowId'>;

/**
 * Cleans up after a first release that was lost. Nobody else knows whether it serves everyone by now, so that it is tried
 * until that is known, or the model is removed; people are told where it is not known at once. Null once `full`.
 */
export async function endLostFirst({
  lost,
  full,
  isRemoved,
}: {
  lost: Lost;
  full: () => boolean;
  isRemoved: () => boolean;
}): Promise<LostRelease | null> {
  const { releaseId, model } = lost.input;
  const briefly = (summary: string) => activitiesFor({ profile: 'briefCall', queue: 'orchestration', summary });
  for (let tries = 0; ; tries += 1) {
    try {
      return await briefly(`clean up after ${releaseId}`).endLostRelease({ ...lost, ...owner() });
    } catch (error) {
      const problem = rootMessage(error);
      log.error('nobody cleaned up after a lost release', { error: problem });
      if (tries === 0)
        await briefly('tell people that a lost release is not cleaned up')
          .sendNotification({
            ...{ key: `${releaseId}/lost-first`, severity: 'critical', model, releaseId },
            title: `${releaseId} was lost, and may serve everyone`,
            body: `${lost.reason}. Whether it is the first champion can't be found out yet: ${problem}. It is tried until it is known; until then ${model} begins no other release`,
          })
          .catch((failure: unknown) => log.error('nobody was told', { error: rootMessage(failure) }));
      await condition(() => full() || isRemoved(), Math.min(5000 * 2 ** tries, longestPauseMilliseconds));
      if (isRemoved()) return { ...unknown, reasons: [lost.reason, `not undone: ${problem}`] };
      if (full()) return null;
    }
  }
}

const owner = () => ({ workflowId: workflowInfo().workflowId });

/**
 * Cleans up after a release of which nobody knows how it ended, once its traffic was given back: nobody else stops what
 * it has begun. What fails here is left to the orphan sweep, and said in the reasons.
 * @param known what the release itself says, where it has a result.
 */
export async function endLostRelease(lost: Lost, known: LostRelease = unknown): Promise<LostRelease> {
  const { reason } = lost;
  // Lifecycles of 0.1.0 gave nothing back but the traffic.
  if (!patched('end-lost-release')) return { ...known, reasons: [...known.reasons, reason] };
  const cleaning = activitiesFor({
    // Where there was no champion, nobody else knows whether this one serves by now.
    profile: lost.input.champion ? 'briefCall' : 'quickCall',
    queue: 'orchestration',
    summary: `clean up after ${lost.input.releaseId}`,
  });
  try {
    return await cleaning.endLostRelease({ ...lost, ...owner() });
  } catch (error) {
    log.error('nobody cleaned up after a lost release', { error: rootMessage(error) });
    return { ...known, reasons: [...known.reasons, reason, `not undone: ${rootMessage(error)}`] };
  }
}
