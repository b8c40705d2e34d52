import { z } from 'zod';
import { readReply } from '../evaluation/judge/read-reply.js';

const longestPoint = 200;
export const mostPoints = 8;
const longestSummary = 2000;

const points = z.array(z.string().trim().min(1).max(longestPoint)).max(mostPoints);

/** The number of a review, also as a text or in the brackets that the question has it in. */
const label = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\s*\[?\s*\d{1,6}\s*\]?\s*$/)
    .transform((text) => Number(text.replace(/\D/g, ''))),
]);

/** What a model answers for one item; `sources` are labels of the reviews it was shown. */
export const summaryReplySchema = z.object({
  pros: points,
  cons: points,
  summary: z.string().trim().min(1).max(longestSummary),
  sources: z.array(label).min(1),
});
export type SummaryReply = z.infer<typeof summaryReplySchema>;

export const summaryFormat =
  '{"pros": ["..."], "cons": ["..."], "summary": "...", "sources": [1, 2]}, where sources are numbers of the reviews above';

/** The same sources, each once and in order. */
const inOrder = (reply: SummaryReply): SummaryReply => ({
  ...reply,
  sources: [...new Set(reply.sources)].sort((one, other) => one - other),
});

/**
 * Reads a model's reply. The object may stand in prose or in a code fence; nothing that is missing is made up, and a
 * source that was not shown makes the whole reply unusable: what it says may stand on nothing.
 */
export function readSummary({
  reply,
  reviews,
}: {
  reply: string;
  /** How many reviews the model was shown. */
  reviews: number;
}): { summary: SummaryReply; problem: null } | { summary: null; problem: string } {
  const read = readReply<SummaryReply>({
    call: {
      schema: summaryReplySchema,
      problemOf: ({ sources }) => {
        const invented = sources.filter((source) => source < 1 || source > reviews);
        return invented.length === 0
          ? null
          : `sources: ${invented.join(', ')} is no review that was shown; expected numbers from 1 to ${reviews}`;
      },
    },
    text: reply,
  });
  return read.ok ? { summary: inOrder(read.value), problem: null } : { summary: null, problem: read.message };
}

/** What is added to the question when it is asked once more after a reply that is no summary. */
export const repairQuestion = ({ problem }: { problem: string }): string =>
  `An answer before was not usable (${problem}). Answer with one JSON object and nothing else: ${summaryFormat}.`;
