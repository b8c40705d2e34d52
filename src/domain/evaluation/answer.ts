import { z } from 'zod';
import { variantSchema } from './behaviour/probe.js';

/** A document that retrieval found. */
export const retrievedDocumentSchema = z.object({ id: z.string(), text: z.string().optional() });
export type RetrievedDocument = z.infer<typeof retrievedDocumentSchema>;

/** What may be observed beside an answer's text; scorers that need what was not observed give no score. */
export const observationsSchema = z.object({
  /** What the answer was made from, best first. */
  documents: z.array(retrievedDocumentSchema).optional(),
  milliseconds: z.number().optional(),
  costUsd: z.number().optional(),
  /** The answer's language and how sure that is, 0..1. */
  answerLanguage: z.object({ language: z.string().nullable(), confidence: z.number() }).optional(),
  /** Cosine of the embeddings of answer and reference, -1..1. */
  cosineToReference: z.number().optional(),
  /** What the champion answered to the same question, and the cosine of both answers' embeddings. */
  championAnswer: z.string().optional(),
  cosineToChampion: z.number().optional(),
  /** What the same arm answered to changed forms of the question. */
  variants: z.array(variantSchema).optional(),
});
export type Observations = z.infer<typeof observationsSchema>;

/** What one arm answered to one golden case; `answer` null is unmeasured and `reason` says why. */
export const answerSchema = observationsSchema.extend({
  id: z.string(),
  answer: z.string().nullable(),
  reason: z.string().nullable(),
  /** Absent where nobody counted, as in a file of answers from elsewhere. */
  promptTokens: z.number().optional(),
  completionTokens: z.number().optional(),
  /** It was asked for in a format that the endpoint does not take. */
  unformatted: z.literal(true).optional(),
});
export type Answer = z.infer<typeof answerSchema>;

/** An answer to be scored, with as many observations as there are. */
export type GivenAnswer = Pick<Answer, 'id' | 'answer' | 'reason'> & Observations;
