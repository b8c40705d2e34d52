import { ActivityCancellationType, CancellationScope, isCancellation, log, patched, sleep } from '@temporalio/workflow';
import type { RolloutInput } from '../contracts/release.js';
import type { WatchResult } from '../contracts/watch.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';

const hourMilliseconds = 3_600_000;
/** Each slice is six events of a history that lasts weeks; a lost worker is noticed by its heartbeats. */
const sliceMilliseconds = 12 * hourMilliseconds;
/** Until a plan that has moved is looked at again, and the slices of what began before they were longer. */
const shortSliceMilliseconds = 2 * hourMilliseconds;

export interface GuardWatch {
  /** The first revision that sent users to the challenger; null while there was none. */
  readonly fromRevision: number | null;
  readonly trip: Extract<WatchResult, { kind: 'tripped' }> | null;
  /** Begins with the first revision that sends users to the challenger; later calls change nothing. */
  start(fromRevision: number): void;
  stop(): void;
}

/**
 * Owns the one watcher of a rollout, from the first share above 0 to the end of the bake, so that it outlives steps and
 * waiting for people. The watcher writes the rollback itself; here its word ends the story.
 */
export function watchGuards({ input, onTrip }: { input: RolloutInput; onTrip: () => void }): GuardWatch {
  const scope = new CancellationScope();
  let watchedFrom: number | null = null;
  let trip: GuardWatch['trip'] = null;

  async function watchSlices(fromRevision: number): Promise<void> {
    const slice = patched('long-watches') ? sliceMilliseconds : shortSliceMilliseconds;
    const { watchGuards: watchSlice } = activitiesFor({
      profile: 'longPoll',
      queue: 'watch',
      summary: `watch the guards of ${input.releaseId} and renew the lease`,
      options: { cancellationType: ActivityCancellationType.TRY_CANCEL, startToCloseTimeout: slice * 1.1 },
    });
    for (;;) {
      const begun = Date.now();
      const result = await watchSlice({
        releaseId: input.releaseId,
        model: input.model,
        owner: input.owner,
        fromRevision,
        guards: input.rollout.canary.guards,
        alpha: input.rollout.canary.alpha,
        errorLimit: input.rollout.slo.errorRate.limit,
        errorWindowMilliseconds: milliseconds(input.rollout.slo.errorRate.window),
        leaseMilliseconds: milliseconds(input.rollout.lease),
        badAnswers: input.rollout.canary.badAnswers ?? null,
        ...(input.specification && { specification: input.specification }),
        sliceMilliseconds: slice,
      });
      if (result.kind === 'tripped') {
        trip = result;
        onTrip();
        return;
      }
      const moved = result.kind === 'moved';
      if (moved) log.warn('the watched plan has moved', { reason: result.reason });
      const left = Math.min(slice - (Date.now() - begun), moved ? shortSliceMilliseconds : slice);
      if (left > 0) await sleep(left, { summary: 'the watcher ended early without a verdict' });
    }
  }

  return {
    get fromRevision() {
      return watchedFrom;
    },
    get trip() {
      return trip;
    },
    start: (fromRevision) => {
      if (watchedFrom !== null) return;
      watchedFrom = fromRevision;
      void CancellationScope.nonCancellable(() => scope.run(() => watchSlices(fromRevision))).catch(
        (error: unknown) => {
          if (!isCancellation(error)) log.error('the watcher ended', { error: String(error) });
        },
      );
    },
    // A scope that never ran has nobody to take its cancellation, which would fail the workflow task.
    stop: () => {
      if (watchedFrom !== null) scope.cancel();
    },
  };
}
