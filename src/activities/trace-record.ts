/** One question with its answer, as people look at it in the tracking server. */
export interface TraceRecord {
  key: string;
  name: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  inputs: Record<string, string>;
  outputs: Record<string, string>;
  attributes: Record<string, string | number>;
  /** Why there is no answer. */
  failure: string | null;
}
