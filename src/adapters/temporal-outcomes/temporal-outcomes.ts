import { type Client, WorkflowFailedError, WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { PortError, type WorkflowOutcomes } from '../../activities/ports.js';

type Outcome = Awaited<ReturnType<WorkflowOutcomes['awaitOutcome']>>;

/** How workflows ended, asked of Temporal itself. Follows continue-as-new. */
export class TemporalOutcomes implements WorkflowOutcomes {
  readonly #client: Client;

  constructor({ client }: { client: Client }) {
    this.#client = client;
  }

  /** Rejects with the signal's reason once that aborts. */
  async awaitOutcome({ workflowId, signal }: { workflowId: string; signal: AbortSignal }): Promise<Outcome> {
    signal.throwIfAborted();
    try {
      const result: unknown = await this.#client.withAbortSignal(signal, () =>
        this.#client.workflow.getHandle(workflowId).result(),
      );
      return { kind: 'completed', result };
    } catch (error) {
      signal.throwIfAborted();
      return outcomeOf({ workflowId, error });
    }
  }
}

function outcomeOf({ workflowId, error }: { workflowId: string; error: unknown }): Outcome {
  if (error instanceof WorkflowNotFoundError) return { kind: 'notFound', reason: `${workflowId} is not known` };
  if (error instanceof WorkflowFailedError) {
    const { cause } = error;
    const reason = cause?.message || error.message;
    if (cause instanceof TerminatedFailure) return { kind: 'terminated', reason };
    if (cause instanceof CancelledFailure) return { kind: 'cancelled', reason };
    if (cause instanceof TimeoutFailure) return { kind: 'failed', reason: `timed out: ${reason}` };
    return { kind: 'failed', reason };
  }
  const message = error instanceof Error ? error.message : String(error);
  const detail = error instanceof Error && isGrpcServiceError(error.cause) ? `: ${error.cause.details}` : '';
  throw new PortError('Unavailable', `Temporal, asked for ${workflowId}: ${message}${detail}`, null, { cause: error });
}
