import type { MlflowClient } from '../../src/client.js';

/** What a suite against the real server gets; a function, because the server starts only when the tests run. */
export type Context = () => { client: MlflowClient; directory: string };

let made = 0;

/** A name that no other test uses. */
export function uniqueName(stem: string): string {
  made += 1;
  return `${stem}-${made}`;
}
