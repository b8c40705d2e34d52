import OpenAI from 'openai';

/** A client of an OpenAI-compatible endpoint, quiet and without retries: Temporal retries. */
export const openAiClient = ({
  baseUrl,
  apiKey,
  timeoutMilliseconds,
  fetch,
}: {
  baseUrl: string;
  /** Null for endpoints that ask for none. */
  apiKey: string | null;
  /** Of one request. */
  timeoutMilliseconds: number;
  fetch?: typeof globalThis.fetch;
}): OpenAI =>
  new OpenAI({
    baseURL: baseUrl,
    // The library refuses to start without a key; where there is none, none is sent.
    apiKey: apiKey ?? 'none',
    defaultHeaders: apiKey === null ? { authorization: null } : {},
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: timeoutMilliseconds,
    logLevel: 'off',
    ...(fetch && { fetch }),
  });
