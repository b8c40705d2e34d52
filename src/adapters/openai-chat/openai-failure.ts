import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { PortError } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';

/** Any error of the `openai` package as the one kind that ports throw. */
export function openAiFailure({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof PortError) return error;
  if (error instanceof APIConnectionTimeoutError || error instanceof APIUserAbortError)
    return new PortError('Timeout', `${what}: ${error.message}`, null, { cause: error });
  if (error instanceof APIConnectionError) return networkFailure({ what, error });
  if (error instanceof APIError && error.status !== undefined)
    return httpFailure({
      what,
      status: error.status as number,
      headers: (error.headers as Headers | undefined) ?? new Headers(),
      detail: error.message,
    });
  return new PortError('Unavailable', `${what}: ${error instanceof Error ? error.message : String(error)}`, null, {
    cause: error,
  });
}
