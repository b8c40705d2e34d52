import {
  MlflowAlreadyExistsError,
  MlflowApiError,
  MlflowAuthenticationError,
  MlflowConflictError,
  MlflowError,
  MlflowNotFoundError,
  MlflowPermissionError,
  MlflowRateLimitError,
  MlflowTimeoutError,
} from 'mlflow-ts-client';
import { type FailureType, PortError } from '../../activities/ports.js';

/** Turns what the MLflow client throws into a `PortError`. */
export function registryFailure({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof PortError) return error;
  const message = `MLflow, ${what}: ${error instanceof Error ? error.message : String(error)}`;
  const retryAfter = error instanceof MlflowApiError ? (error.retryAfterMs ?? null) : null;
  return new PortError(typeOf(error), message, retryAfter, { cause: error });
}

function typeOf(error: unknown): FailureType {
  if (!(error instanceof MlflowError)) return 'Unavailable';
  if (error instanceof MlflowTimeoutError) return 'Timeout';
  if (error instanceof MlflowRateLimitError) return 'RateLimited';
  if (error instanceof MlflowNotFoundError) return 'NotFound';
  if (error instanceof MlflowAuthenticationError || error instanceof MlflowPermissionError) return 'Unauthorised';
  // Nobody restores a deleted experiment by asking again.
  if (error.code === 'EXPERIMENT_DELETED') return 'InvalidInput';
  if (error instanceof MlflowConflictError || error instanceof MlflowAlreadyExistsError) return 'Conflict';
  return error.retryable ? 'Unavailable' : 'InvalidInput';
}
