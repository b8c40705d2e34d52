/**
 * Every error this package throws, as one hierarchy. The one exception: a call ended by the caller's own abort signal
 * throws that signal's reason, as `fetch` does, so that frameworks recognise their own cancellation.
 */
export abstract class MlflowError extends Error {
  /** A stable word for the kind of error: MLflow's own code where the server gave one. */
  readonly code: string;
  /** Whether the same call may succeed later without any change. Says nothing about whether repeating it is safe. */
  readonly retryable: boolean;

  constructor(details: { message: string; code: string; retryable: boolean; cause?: unknown }) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.retryable = details.retryable;
  }
}

/** An argument or a client option that could never work; found before anything is sent. */
export class MlflowArgumentError extends MlflowError {
  constructor(message: string) {
    super({ message, code: 'INVALID_ARGUMENT', retryable: false });
  }
}

/** No answer: the connection was refused, reset, or broke off in the middle of an answer. */
export class MlflowConnectionError extends MlflowError {
  /** True when the request certainly never reached the server, so that repeating even a creation is safe. */
  readonly neverSent: boolean;

  constructor(details: { message: string; neverSent: boolean; cause?: unknown }) {
    super({ ...details, code: 'CONNECTION_FAILED', retryable: true });
    this.neverSent = details.neverSent;
  }
}

/** No progress within the time limit. The server may still have done the work. */
export class MlflowTimeoutError extends MlflowError {
  readonly timeoutMs: number;

  constructor(details: { message: string; timeoutMs: number }) {
    super({ message: details.message, code: 'TIMEOUT', retryable: true });
    this.timeoutMs = details.timeoutMs;
  }
}

/** The server answered with success, but not with what MLflow's REST API promises. */
export class MlflowResponseError extends MlflowError {
  constructor(details: { message: string; cause?: unknown }) {
    super({ ...details, code: 'UNEXPECTED_RESPONSE', retryable: false });
  }
}

export interface ApiErrorDetails {
  message: string;
  code: string;
  status: number;
  method: string;
  path: string;
  retryAfterMs?: number | undefined;
}

/** The server refused or failed. Subclasses name the reason; `code` is MLflow's `error_code`. */
export class MlflowApiError extends MlflowError {
  readonly status: number;
  readonly method: string;
  /** The path of the call, without its query. */
  readonly path: string;
  /** How long the server asks to wait, in milliseconds, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(details: ApiErrorDetails) {
    const retryable = [408, 429, 500, 502, 503, 504].includes(details.status);
    super({ message: details.message, code: details.code, retryable });
    this.status = details.status;
    this.method = details.method;
    this.path = details.path;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** `RESOURCE_DOES_NOT_EXIST`, `NOT_FOUND`, or an endpoint this server does not have. */
export class MlflowNotFoundError extends MlflowApiError {}
/** `RESOURCE_ALREADY_EXISTS` (MLflow answers 400) or `ALREADY_EXISTS` (409). */
export class MlflowAlreadyExistsError extends MlflowApiError {}
/** `INVALID_PARAMETER_VALUE`, `BAD_REQUEST` and other refusals of the request itself. */
export class MlflowInvalidParameterError extends MlflowApiError {}
/** 401: no, or wrong, credentials. */
export class MlflowAuthenticationError extends MlflowApiError {}
/** 403: known, but not allowed; also a host name that the server's `--allowed-hosts` lacks. */
export class MlflowPermissionError extends MlflowApiError {}
/** `ABORTED`, `RESOURCE_CONFLICT`: someone else changed the same thing. */
export class MlflowConflictError extends MlflowApiError {}
/** 429: too many requests, or a quota is used up. */
export class MlflowRateLimitError extends MlflowApiError {}
/** 502, 503, 504: the server or a proxy before it can't answer just now. */
export class MlflowUnavailableError extends MlflowApiError {}
/** 500 and every other failure on the server's side. */
export class MlflowServerError extends MlflowApiError {}

type ApiErrorClass = new (details: ApiErrorDetails) => MlflowApiError;

const byCode: Readonly<Record<string, ApiErrorClass>> = {
  RESOURCE_DOES_NOT_EXIST: MlflowNotFoundError,
  NOT_FOUND: MlflowNotFoundError,
  ENDPOINT_NOT_FOUND: MlflowNotFoundError,
  RESOURCE_ALREADY_EXISTS: MlflowAlreadyExistsError,
  ALREADY_EXISTS: MlflowAlreadyExistsError,
  INVALID_PARAMETER_VALUE: MlflowInvalidParameterError,
  BAD_REQUEST: MlflowInvalidParameterError,
  CUSTOMER_UNAUTHORIZED: MlflowAuthenticationError,
  UNAUTHENTICATED: MlflowAuthenticationError,
  PERMISSION_DENIED: MlflowPermissionError,
  ABORTED: MlflowConflictError,
  RESOURCE_CONFLICT: MlflowConflictError,
  REQUEST_LIMIT_EXCEEDED: MlflowRateLimitError,
  RESOURCE_EXHAUSTED: MlflowRateLimitError,
  TEMPORARILY_UNAVAILABLE: MlflowUnavailableError,
  DEADLINE_EXCEEDED: MlflowUnavailableError,
  INTERNAL_ERROR: MlflowServerError,
};

function classByStatus(status: number): ApiErrorClass {
  if (status === 401) return MlflowAuthenticationError;
  if (status === 403) return MlflowPermissionError;
  if (status === 404) return MlflowNotFoundError;
  if (status === 409) return MlflowConflictError;
  if (status === 429) return MlflowRateLimitError;
  if (status === 502 || status === 503 || status === 504) return MlflowUnavailableError;
  if (status >= 500) return MlflowServerError;
  if (status >= 400) return MlflowInvalidParameterError;
  return MlflowApiError;
}

/** Builds the error of the class that MLflow's code, or else the HTTP status, calls for. */
export function createApiError(details: ApiErrorDetails): MlflowApiError {
  const known = Object.hasOwn(byCode, details.code) ? byCode[details.code] : undefined;
  return new (known ?? classByStatus(details.status))(details);
}
