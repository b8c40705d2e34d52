import { PortError } from '../../activities/ports.js';
import { failureTypeOf, networkFailure } from '../http-failure.js';

interface ApiError {
  status?: number;
  statusText?: string;
  data?: { status?: { error?: string } };
}

/** What Qdrant's client throws, as a `PortError`. */
export function qdrantFailure({ what, error }: { what: string; error: unknown }): PortError {
  const { status, statusText, data } = error as ApiError;
  if (typeof status === 'number' && status >= 400) {
    const said = data?.status?.error ?? statusText ?? '';
    return new PortError(failureTypeOf(status), `${what}: HTTP ${status}: ${said}`, null, { cause: error });
  }
  if (error instanceof Error && /timeout/i.test(`${error.name} ${error.message}`))
    return new PortError('Timeout', `${what}: ${error.message}`, null, { cause: error });
  return networkFailure({ what, error });
}
