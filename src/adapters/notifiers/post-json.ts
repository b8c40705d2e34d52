import { httpFailure, networkFailure } from '../http-failure.js';

const timeoutMilliseconds = 10_000;

/**
 * Posts to a channel. Any 2xx counts as received; redirects are refused, because what is posted is meant for one
 * receiver. `what` stands in messages in place of the address, whose path is often its password.
 * @throws PortError for every other answer and for none.
 */
export async function postJson({
  url,
  what,
  body,
  headers = {},
  timeout = timeoutMilliseconds,
}: {
  url: string;
  what: string;
  body: string;
  headers?: Record<string, string>;
  /** In milliseconds. */
  timeout?: number;
}): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(timeout),
  }).catch((error: unknown) => {
    throw networkFailure({ what, error });
  });
  const detail = await answer.text().catch(() => '');
  if (!answer.ok) throw httpFailure({ what, status: answer.status, headers: answer.headers, detail });
}
