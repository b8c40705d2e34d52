/** An answer that is no success: what the caller gets as status, `{error}` and headers. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly statusCode: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** 503: try again soon; nothing is wrong with the request. */
export const unavailable = (message: string): HttpError => new HttpError(503, message, { 'retry-after': '1' });
