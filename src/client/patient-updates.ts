import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import {
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';

const attempts = 5;
const pauseMilliseconds = 2000;
/** gRPC's status codes. */
const deadlineExceeded = 4;
const failedPrecondition = 9;

const codeOf = (error: unknown): number | null =>
  error instanceof Error && isGrpcServiceError(error.cause) ? Number(error.cause.code) : null;

const isUnanswered = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError && codeOf(error) === deadlineExceeded;

/** A worker that was too busy for a workflow's task a few times; the server then takes no update until it has done one. */
const isOverdue = (error: unknown): boolean =>
  codeOf(error) === failedPrecondition && /workflow task in failed state/i.test(String((error as Error).cause));

/**
 * Sends an update again that a busy server or worker did not take in time, which the SDK leaves to its callers. It goes
 * out under one id, so that it is carried out once however often it is sent.
 */
export function createPatientUpdates({
  pause = () => wait(pauseMilliseconds),
}: {
  /** Until an update is sent again that waits for a workflow's task. */
  pause?: () => Promise<unknown>;
} = {}): WorkflowClientInterceptor {
  return {
    startUpdate: async (input, next) => {
      const { options } = input;
      const sent = { ...input, options: { ...options, updateId: options.updateId ?? randomUUID() } };
      for (let attempt = 1; ; attempt += 1)
        try {
          return await next(sent);
        } catch (error) {
          const overdue = isOverdue(error);
          if ((!overdue && !isUnanswered(error)) || attempt === attempts) throw error;
          if (overdue) await pause();
        }
    },
  };
}

export const patientUpdates = createPatientUpdates();
