import { type Client, WorkflowFailedError, WorkflowNotFoundError, isGrpcServiceError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure, arrayFromPayloads } from '@temporalio/common';
import { PortError, type WorkflowOutcomes } from '../../activities/ports.js';
import { isNotFound } from '../temporal/is-not-found.js';

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

  async startOf({ workflowId }: { workflowId: string }): Promise<{ arguments: unknown[]; at: string } | null> {
    const { connection, options } = this.#client.workflow;
    try {
      const { history } = await connection.workflowService.getWorkflowExecutionHistory({
        ...{ namespace: options.namespace, execution: { workflowId }, maximumPageSize: 1 },
      });
      const [first] = history?.events ?? [];
      const started = first?.workflowExecutionStartedEventAttributes;
      if (!started) return null;
      const { payloadConverter, payloadCodecs } = options.loadedDataConverter;
      let payloads = started.input?.payloads ?? [];
      for (const codec of payloadCodecs) payloads = await codec.decode(payloads);
      const at = new Date(Number(first.eventTime?.seconds ?? 0) * 1000 + (first.eventTime?.nanos ?? 0) / 1e6);
      return { arguments: arrayFromPayloads(payloadConverter, payloads), at: at.toISOString() };
    } catch (error) {
      if (isNotFound(error)) return null;
      throw unavailable({ workflowId, error });
    }
  }
}

function unavailable({ workflowId, error }: { workflowId: string; error: unknown }): PortError {
  const message = error instanceof Error ? error.message : String(error);
  const detail = error instanceof Error && isGrpcServiceError(error.cause) ? `: ${error.cause.details}` : '';
  return new PortError('Unavailable', `Temporal, asked for ${workflowId}: ${message}${detail}`, null, { cause: error });
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
  throw unavailable({ workflowId, error });
}
