import { request, type Dispatcher } from 'undici';
import { plainHeaders } from '../plain-headers.js';

/**
 * A `fetch` for the openai package that reads each answer whole by undici's plain request. The one that Node brings
 * makes a web stream of every answer, which takes most of a small question's processor time.
 */
export function wholeAnswerFetch({ dispatcher }: { dispatcher: Dispatcher }): typeof fetch {
  return async (url, init = {}) => {
    const { method = 'GET', headers, body, signal } = init;
    if (typeof body !== 'string') throw new TypeError('the body of a chat request is a text');
    const answer = await request(url as string, {
      dispatcher,
      method: method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(new Headers(headers)),
      body,
      signal: signal ?? null,
    });
    const text = await answer.body.text();
    return new Response(text === '' ? null : text, {
      status: answer.statusCode,
      headers: plainHeaders(answer.headers),
    });
  };
}
