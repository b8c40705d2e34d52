import { ApplicationFailure } from '@temporalio/common';
import { workflowIds } from '../contracts/names.js';
import type { ReleaseInput, ReleaseResult } from '../contracts/release.js';
import { alive, cancellationSignal } from './heartbeat.js';
import type { Ports } from './ports.js';

const beatMilliseconds = 2000;

/** Lets the lifecycle await a release that an earlier run of it, or an earlier lifecycle, started. */
export function createOutcomeActivities({ outcomes }: Pick<Ports, 'outcomes'>) {
  return {
    async awaitRelease({ workflowId }: { workflowId: string }): Promise<ReleaseResult> {
      const outcome = await alive({
        everyMilliseconds: beatMilliseconds,
        details: () => ({ workflowId }),
        work: () => outcomes.awaitOutcome({ workflowId, signal: cancellationSignal() }),
      });
      if (outcome.kind === 'completed') return outcome.result as ReleaseResult;
      throw ApplicationFailure.nonRetryable(`${workflowId} ${outcome.kind}: ${outcome.reason}`, 'ReleaseLost');
    },

    /** What a release was started with, and when, whoever started it; null where Temporal keeps its history no more. */
    async readReleaseStart({
      releaseId,
    }: {
      releaseId: string;
    }): Promise<{ input: ReleaseInput; startedAt: string } | null> {
      const start = await outcomes.startOf({ workflowId: workflowIds.release(releaseId) });
      return start && { input: start.arguments[0] as ReleaseInput, startedAt: start.at };
    },
  };
}
