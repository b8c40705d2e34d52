import { ApplicationFailure } from '@temporalio/common';
import type { ReleaseResult } from '../contracts/release.js';
import { alive, cancellationSignal } from './heartbeat.js';
import type { Ports } from './ports.js';

const beatMilliseconds = 2000;

/** Lets the lifecycle await a release that an earlier run of it started. */
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
  };
}
