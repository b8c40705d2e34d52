import { randomUUID } from 'node:crypto';
import {
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';

const attempts = 5;
/** gRPC's status code. */
const deadlineExceeded = 4;

const isUnanswered = (error: unknown): boolean =>
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError &&
  isGrpcServiceError(error.cause) &&
  Number(error.cause.code) === deadlineExceeded;

/**
 * Sends an update again that a busy server did not take in time, which the SDK leaves to its callers. It goes out under
 * one id, so that it is carried out once however often it is sent.
 */
export const patientUpdates: WorkflowClientInterceptor = {
  startUpdate: async (input, next) => {
    const { options } = input;
    const sent = { ...input, options: { ...options, updateId: options.updateId ?? randomUUID() } };
    for (let attempt = 1; ; attempt += 1)
      try {
        return await next(sent);
      } catch (error) {
        if (!isUnanswered(error) || attempt === attempts) throw error;
      }
  },
};
