import { z } from 'zod';
import { normaliseAnswer, plainWords } from './words.js';
import { wordOverlap } from './word-overlap.js';

/** The baseline a model has to beat: plain data, so that it can be stored beside the scores it made. */
export const keywordBaselineSchema = z.object({
  categories: z.array(z.object({ category: z.string(), answer: z.string(), words: z.record(z.string(), z.number()) })),
});
export type KeywordBaseline = z.infer<typeof keywordBaselineSchema>;

const sampled = 100;
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The answer most often given, or, where none repeats, the one that shares most with the others. */
function usualAnswer(answers: readonly string[]): string {
  const groups = new Map<string, { text: string; count: number }>();
  for (const text of [...answers].sort(byCodeUnits)) {
    const group = groups.get(normaliseAnswer(text)) ?? { text, count: 0 };
    group.count += 1;
    groups.set(normaliseAnswer(text), group);
  }
  const candidates = [...groups.values()];
  const step = Math.max(1, Math.floor(candidates.length / sampled));
  const peers = candidates.filter((_, index) => index % step === 0).slice(0, sampled);
  const likeness = ({ text }: { text: string }): number =>
    peers.reduce((sum, peer) => sum + peer.count * wordOverlap({ answer: text, reference: peer.text }).f1, 0);
  const most = Math.max(...candidates.map((one) => one.count));
  const finalists = most > 1 ? candidates.filter((one) => one.count === most) : peers;
  return finalists
    .map((one) => ({ text: one.text, value: likeness(one) }))
    .reduce((best, one) => (one.value > best.value ? one : best)).text;
}

/**
 * Learns the usual answer of each category and which words speak for it: a word weighs the log of how much likelier it is
 * in the category than outside (add-one smoothing, as in naive Bayes). The order of the rows changes nothing.
 * @throws RangeError without rows.
 */
export function learnKeywordBaseline({
  rows,
}: {
  rows: readonly { query: string; category: string; answer: string }[];
}): KeywordBaseline {
  if (rows.length === 0) throw new RangeError('keyword baseline: expected at least one row {query, category, answer}');
  const queries = rows.map((row) => ({ ...row, words: new Set(plainWords(row.query)) }));
  const everywhere = new Map<string, number>();
  for (const { words } of queries) for (const word of words) everywhere.set(word, (everywhere.get(word) ?? 0) + 1);
  const categories = [...new Set(rows.map((row) => row.category))].sort(byCodeUnits).map((category) => {
    const own = queries.filter((row) => row.category === category);
    const outside = queries.length - own.length;
    const counts = new Map<string, number>();
    for (const { words } of own) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const weigh = (inside: number, out: number): number =>
      Math.log((inside + 1) / (own.length + 2)) - Math.log((out + 1) / (outside + 2));
    // Only what speaks for a category: a word that is rare in it would else count less than one it has never seen.
    const words = [...counts]
      .sort(([a], [b]) => byCodeUnits(a, b))
      .map(([word, inside]) => [word, weigh(inside, everywhere.get(word)! - inside)] as const)
      .filter(([, weight]) => weight > 0);
    return {
      category,
      answer: usualAnswer(own.map((row) => row.answer)),
      words: Object.fromEntries(words),
    };
  });
  return { categories };
}

const scoresOf = ({ baseline, query }: { baseline: KeywordBaseline; query: string }) => {
  const words = [...new Set(plainWords(query))];
  return baseline.categories.map((one) => ({
    ...one,
    score: words.reduce((sum, word) => sum + (Object.hasOwn(one.words, word) ? one.words[word]! : 0), 0),
  }));
};

/** The category whose keywords match the query best; null where none of its words speaks for any. */
export function categoryByKeywords(input: { baseline: KeywordBaseline; query: string }): string | null {
  const best = scoresOf(input).reduce((found, one) => (one.score > found.score ? one : found));
  return best.score > 0 ? best.category : null;
}

/** The usual answer of the category whose keywords match the query best; ties go to the first category by name. */
export function answerByKeywords(input: { baseline: KeywordBaseline; query: string }): {
  category: string;
  answer: string;
} {
  const { category, answer } = scoresOf(input).reduce((best, one) => (one.score > best.score ? one : best));
  return { category, answer };
}
