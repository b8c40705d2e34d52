import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import type { PaceLimits } from '../../domain/evaluation/judge/pace.js';
import type { ChatModel } from '../ports.js';

/** Results that need not be made again, by the digest of everything they depend on. */
export interface ResultCache {
  /** Null when nothing was stored, or what was stored can't be read. */
  get(input: { key: string }): Promise<string | null>;
  /** Once this is done, a killed process has lost nothing; a key keeps its first value. */
  put(input: { key: string; value: string }): Promise<void>;
}

/** A model that judges answers, with what it is asked and how fast. */
export interface Judge {
  /** Ends in /v1. */
  endpoint: string;
  chat: ChatModel;
  /** By metric. */
  rubrics: Readonly<Record<string, Rubric>>;
  results: ResultCache;
  /** This worker's share of what the endpoint allows; calls at once may be more where the judge holds them back itself. */
  limits: PaceLimits;
}
