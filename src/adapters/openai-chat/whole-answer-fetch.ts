import type { Dispatcher } from 'undici';
import { WholeAnswer, wholeResponse } from './whole-answer.js';

/**
 * A `fetch` for the openai package that reads each answer whole, by undici's handlers. The one that Node brings makes
 * web streams of every answer, which take most of a small question's processor time.
 */
export function wholeAnswerFetch({ dispatcher }: { dispatcher: Dispatcher }): typeof fetch {
  return async (url, init = {}) => {
    const { method = 'GET', headers, body, signal } = init;
    if (typeof body !== 'string') throw new TypeError('the body of a chat request is a text');
    const { origin, pathname, search } = new URL(url instanceof Request ? url.url : url);
    const answer = await wholeAnswer({
      dispatcher,
      request: {
        ...{ origin, path: pathname + search, method: method as Dispatcher.HttpMethod, body },
        headers: Object.fromEntries(headers instanceof Headers ? headers : new Headers(headers)),
      },
      signal: signal ?? null,
    });
    return wholeResponse(answer);
  };
}

function wholeAnswer({
  dispatcher,
  request,
  signal,
}: {
  dispatcher: Dispatcher;
  request: Dispatcher.DispatchOptions;
  signal: AbortSignal | null;
}): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    let headers = new Map<string, string>();
    let cut: ((reason?: Error) => void) | null = null;
    const abort = (): void => {
      const reason = signal!.reason as Error;
      cut?.(reason);
      reject(reason);
    };
    const end = (): void => signal?.removeEventListener('abort', abort);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    dispatcher.dispatch(request, {
      onConnect: (abortRequest) => {
        cut = abortRequest;
        if (signal?.aborted) abort();
      },
      onHeaders: (code, raw) => {
        status = code;
        headers = headersOf(raw);
        return true;
      },
      onData: (chunk) => {
        chunks.push(chunk);
        return true;
      },
      onComplete: () => {
        end();
        const text = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');
        resolve(new WholeAnswer({ status, headers, text }));
      },
      onError: (error) => {
        end();
        reject(error);
      },
    });
  });
}

/** Names and values in turn, as undici reads them from the wire. */
function headersOf(raw: readonly Buffer[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toString('latin1').toLowerCase();
    const value = raw[at + 1]!.toString('latin1');
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
