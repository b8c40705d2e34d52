import { refusal } from '../../evaluation/refusal.js';
import { wordOverlap } from '../../evaluation/word-overlap.js';
import { plainWords } from '../../evaluation/words.js';
import type { AnswerFacts, ShadowRow } from './shadow-row.js';

interface Answered {
  answer: string;
  latencyMs: number | null;
  promptTokens: number;
  completionTokens: number;
}
interface Unanswered {
  error: { kind: string; message: string };
  latencyMs: number;
}

/** A request of a user with what both releases made of it, as the gateways store it. */
export interface ObservedPair {
  id: string;
  at: string;
  bucket: number;
  request: { query: string };
  champion: Answered;
  challenger: Answered | Unanswered;
}

function factsOf(arm: Answered | Unanswered, question: string): AnswerFacts {
  if ('error' in arm)
    return {
      error: arm.error.kind,
      empty: false,
      refused: false,
      words: 0,
      promptTokens: 0,
      completionTokens: 0,
      latencyMs: arm.latencyMs,
    };
  const { answer, latencyMs, promptTokens, completionTokens } = arm;
  return {
    error: null,
    empty: answer.trim() === '',
    refused: refusal.score({ case: { input: question, reference: '' }, answer }).score === 1,
    words: plainWords(answer).length,
    latencyMs,
    promptTokens,
    completionTokens,
  };
}

/** What a pair shows without a judge. `counted` says that its sticky key was not seen before. */
export function observePair({ pair, counted }: { pair: ObservedPair; counted: boolean }): ShadowRow {
  const { id, at, bucket, request, champion, challenger } = pair;
  return {
    id,
    at,
    bucket,
    counted,
    champion: factsOf(champion, request.query),
    challenger: factsOf(challenger, request.query),
    similarity:
      'error' in challenger ? null : wordOverlap({ answer: challenger.answer, reference: champion.answer }).f1,
    preference: null,
    preferenceReason: null,
  };
}
