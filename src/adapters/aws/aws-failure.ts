import { type FailureType, PortError } from '../../activities/ports.js';
import { failureTypeOf } from '../http-failure.js';

interface Known {
  type: FailureType;
  /** What a person does about it; left out where the message of AWS says it all. */
  mend?: string;
}

const credentials: Known = {
  type: 'Unauthorised',
  mend: 'give the process a role (IRSA, Pod Identity, an instance profile) or log in again',
};
const region: Known = { type: 'InvalidInput', mend: 'set AWS_REGION to the region it lies in' };
const throttled: Known = { type: 'RateLimited' };
const slow: Known = { type: 'Timeout' };
const away: Known = { type: 'Unavailable' };

/** Names that AWS's services give, or that its SDK gives without asking a service. */
const knownByName: Readonly<Record<string, Known>> = {
  CredentialsProviderError: credentials,
  TokenProviderError: credentials,
  ExpiredToken: credentials,
  ExpiredTokenException: credentials,
  InvalidAccessKeyId: credentials,
  UnrecognizedClientException: credentials,
  InvalidClientTokenId: credentials,
  // versitygw's word for InvalidAccessKeyId.
  XAdminUserNotFound: credentials,
  PermanentRedirect: region,
  AuthorizationHeaderMalformed: region,
  IllegalLocationConstraintException: region,
  AccessDenied: { type: 'Unauthorised', mend: 'allow this action to the role that the process runs under' },
  AccessDeniedException: { type: 'Unauthorised', mend: 'allow this action to the role that the process runs under' },
  'KMS.DisabledException': { type: 'Unauthorised', mend: 'enable the key, or name another' },
  'KMS.NotFoundException': { type: 'NotFound', mend: 'name a key that exists in this region' },
  KMSAccessDeniedException: { type: 'Unauthorised', mend: 'allow the role to use the key' },
  NoSuchBucket: { type: 'NotFound', mend: 'create the bucket, or name one that exists' },
  NoSuchKey: { type: 'NotFound' },
  NotFound: { type: 'NotFound' },
  ConditionalRequestConflict: { type: 'Conflict' },
  OperationAborted: { type: 'Conflict' },
  BadDigest: { type: 'DigestMismatch' },
  XAmzContentChecksumMismatch: { type: 'DigestMismatch' },
  SlowDown: throttled,
  Throttling: throttled,
  ThrottlingException: throttled,
  ThrottledException: throttled,
  RequestLimitExceeded: throttled,
  TooManyRequestsException: throttled,
  RequestTimeout: slow,
  TimeoutError: slow,
  // Bedrock's own: an imported model that is loaded again answers so for minutes; a model that failed may do better.
  ModelNotReadyException: throttled,
  ServiceQuotaExceededException: throttled,
  ModelTimeoutException: slow,
  ModelErrorException: away,
  ModelStreamErrorException: away,
};

/** The status and the name of what an AWS client threw; nulls for anything else. */
export function awsErrorOf(error: unknown): { name: string; status: number | null } {
  if (!(error instanceof Error)) return { name: '', status: null };
  const metadata = '$metadata' in error ? (error.$metadata as { httpStatusCode?: number } | undefined) : undefined;
  return { name: error.name, status: metadata?.httpStatusCode ?? null };
}

/**
 * The `PortError` of what an AWS client threw. What got no answer at all is `Unavailable`, so Temporal tries again;
 * `retry-after` of an answer goes with it.
 */
export function awsFailure({ what, error }: { what: string; error: unknown }): PortError {
  if (error instanceof PortError) return error;
  const { name, status } = awsErrorOf(error);
  const known = Object.hasOwn(knownByName, name) ? knownByName[name] : undefined;
  const type = known?.type ?? (status === null ? 'Unavailable' : failureTypeOf(status));
  const said = error instanceof Error ? `${name}: ${error.message}` : String(error);
  const mend = known?.mend === undefined ? '' : `; ${known.mend}`;
  return new PortError(type, `${what}: ${said}${mend}`, retryAfterMilliseconds(error), { cause: error });
}

function retryAfterMilliseconds(error: unknown): number | null {
  if (!(error instanceof Error) || !('$response' in error)) return null;
  const response = error.$response as { headers?: Record<string, string> } | undefined;
  const seconds = Number(response?.headers?.['retry-after'] ?? NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
