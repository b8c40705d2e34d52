import type { Dispatcher } from 'undici';

/** The headers of an answer of undici's as fetch has them. */
export const plainHeaders = (headers: Dispatcher.ResponseData['headers']): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
