import type { Dispatcher } from 'undici';
import type { Cancellation } from './cancellation.js';
import { UpstreamError } from './upstream-error.js';

const largestReplyBytes = 8 * 1024 * 1024;

/**
 * Sends a request and gathers its whole reply, by undici's handlers and not by its streams: on the hottest path those
 * cost as much as everything else that is done with an answer.
 * @throws UpstreamError `timeout`, and `connection` when the caller hangs up or the connection breaks
 */
export function wholeReply(input: {
  connections: Dispatcher;
  request: Dispatcher.DispatchOptions;
  /** Whom is asked, for errors. */
  name: string;
  timeoutMilliseconds: number;
  cancellation: Cancellation;
}): Promise<{ status: number; text: string }> {
  const { connections, request, name, timeoutMilliseconds, cancellation } = input;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status = 0;
    let over = false;
    let abort: (reason?: Error) => void = () => undefined;
    // Of a caller that is gone already nothing is to be forgotten.
    let forget = (): void => undefined;
    const settle = (act: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      forget();
      act();
    };
    const fail = (failure: UpstreamError) => {
      settle(() => reject(failure));
      abort(failure);
    };
    const timer = setTimeout(
      () => fail(new UpstreamError('timeout', `${name}: no answer in ${timeoutMilliseconds} ms`)),
      timeoutMilliseconds,
    );
    forget = cancellation.onCancel(() => fail(new UpstreamError('connection', `${name}: the caller hung up`)));
    if (over) return;
    connections.dispatch(request, {
      onConnect: (cut) => {
        abort = cut;
        if (over) cut();
      },
      onHeaders: (code) => {
        status = code;
        return true;
      },
      onData: (chunk) => {
        bytes += chunk.length;
        if (bytes > largestReplyBytes)
          fail(new UpstreamError('unusable', `${name}: the reply is larger than ${largestReplyBytes} bytes`));
        else chunks.push(chunk);
        return true;
      },
      onComplete: () => settle(() => resolve({ status, text: textOf(chunks) })),
      onError: (error) =>
        settle(() => reject(new UpstreamError('connection', `${name}: ${error.message}`, null, { cause: error }))),
    });
  });
}

const textOf = (chunks: Buffer[]): string =>
  (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8');
