export type FailureKind = 'status' | 'timeout' | 'connection' | 'unusable' | 'broken';

/** The release did not answer: what the arm is counted for, unless `callerStatus` says that the request was at fault. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly callerStatus: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
