import { setTimeout as wait } from 'node:timers/promises';
import { QueryNotRegisteredError, QueryRejectedError, type WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { endedField, unsettled } from '../contracts/unsettled.js';

const attempts = 5;
const pauseMilliseconds = 200;
const { QUERY_REJECT_CONDITION_NOT_OPEN: ifEnded, QUERY_REJECT_CONDITION_NONE: never } =
  proto.temporal.api.enums.v1.QueryRejectCondition;

const isUnsettled = (error: unknown): boolean =>
  error instanceof QueryNotRegisteredError && error.message.includes(unsettled);

/**
 * Asks again where a workflow may have had news that no task of it had taken; the server has the next query wait for
 * that task. One that somebody has ended gets no task any more: it is told that it has ended, and answers as it stands.
 */
export function createPatientQueries({
  pause = () => wait(pauseMilliseconds),
}: {
  /** Until it is asked again. */
  pause?: () => Promise<unknown>;
} = {}): WorkflowClientInterceptor {
  return {
    query: async (input, next) => {
      const isOurs = (input.queryRejectCondition ?? never) <= never;
      let sent = input;
      for (let attempt = 1; ; attempt += 1)
        try {
          return await next(sent);
        } catch (error) {
          if (attempt === attempts) throw error;
          if (isUnsettled(error)) {
            if (isOurs) sent = { ...sent, queryRejectCondition: ifEnded };
            await pause();
          } else if (isOurs && error instanceof QueryRejectedError)
            sent = { ...input, headers: { ...input.headers, [endedField]: defaultPayloadConverter.toPayload(true) } };
          else throw error;
        }
    },
  };
}

export const patientQueries = createPatientQueries();
