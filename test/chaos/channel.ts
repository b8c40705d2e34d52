import type { FailureType } from '../../src/activities/ports.js';

/** What a worker asks of the world outside: a call of a port, or word of an activity that begins or ends. */
export interface Call {
  id: number;
  /** The activity that asks: its workflow's id and its name. */
  scope: string;
  /** As in `trainer.start`. */
  method: string;
  input: unknown;
}

export type Answered =
  | { kind: 'done'; result: unknown }
  | { kind: 'refused'; type: FailureType; message: string; retryAfterMilliseconds: number | null };
export type Answer = Answered & { id: number };

/** What a worker process is started with, as its only argument in JSON. */
export interface WorkerOrder {
  address: string;
  queuePrefix: string;
  /** Of the bundled workflows. */
  bundle: string;
}
