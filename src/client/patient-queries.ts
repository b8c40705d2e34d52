import { setTimeout as wait } from 'node:timers/promises';
import { QueryNotRegisteredError, type WorkflowClientInterceptor } from '@temporalio/client';
import { unsettled } from '../contracts/unsettled.js';

const attempts = 5;
const pauseMilliseconds = 200;

const isUnsettled = (error: unknown): boolean =>
  error instanceof QueryNotRegisteredError && error.message.includes(unsettled);

/** Asks again where a workflow had news that no task of it had taken; the server has the next query wait for that task. */
export function createPatientQueries({
  pause = () => wait(pauseMilliseconds),
}: {
  /** Until it is asked again. */
  pause?: () => Promise<unknown>;
} = {}): WorkflowClientInterceptor {
  return {
    query: async (input, next) => {
      for (let attempt = 1; ; attempt += 1)
        try {
          return await next(input);
        } catch (error) {
          if (!isUnsettled(error) || attempt === attempts) throw error;
          await pause();
        }
    },
  };
}

export const patientQueries = createPatientQueries();
