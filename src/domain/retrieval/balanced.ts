/** What balanced selection looks at; null where the source has no such column. */
export interface RatedText {
  id: string;
  text: string;
  /** 1..5 */
  rating: number;
  helpfulVotes: number | null;
  /** Milliseconds since 1970. */
  createdAt: number | null;
  verified: boolean | null;
  language: string | null;
}

export interface BalancedCounts {
  positive: number;
  negative: number;
  recent: number;
}

export interface BalancedSelection<Item extends RatedText> {
  positive: Item[];
  negative: Item[];
  recent: Item[];
}

export const defaultBalancedCounts: BalancedCounts = { positive: 5, negative: 5, recent: 5 };

/** A rating from here on is praise, and one up to the other is blame; three of five is neither. */
const positiveFrom = 4;
const negativeUpTo = 2;

/**
 * Selects what a summary should rest on: the most helpful praise, the most helpful blame and what was written last, each
 * text once, so that neither loud nor old voices decide alone. Verified buyers come first within praise and blame;
 * among equals the newer one, then the id, so that the same texts always give the same selection. What was written last
 * goes by time alone, or by id where there is no time.
 */
export function selectBalanced<Item extends RatedText>({
  items,
  counts = defaultBalancedCounts,
}: {
  items: readonly Item[];
  counts?: BalancedCounts;
}): BalancedSelection<Item> {
  const byHelpfulness = [...items].sort(
    (one, other) =>
      Number(other.verified === true) - Number(one.verified === true) ||
      (other.helpfulVotes ?? 0) - (one.helpfulVotes ?? 0) ||
      newestFirst(one, other),
  );
  const positive = byHelpfulness.filter(({ rating }) => rating >= positiveFrom).slice(0, counts.positive);
  const negative = byHelpfulness.filter(({ rating }) => rating <= negativeUpTo).slice(0, counts.negative);
  const taken = new Set<Item>([...positive, ...negative]);
  const recent = items
    .filter((item) => !taken.has(item))
    .sort(newestFirst)
    .slice(0, counts.recent);
  return { positive, negative, recent };
}

/** The same, for each language by itself; what has no language known stands under 'und' (BCP 47: undetermined). */
export function selectBalancedByLanguage<Item extends RatedText>({
  items,
  counts = defaultBalancedCounts,
}: {
  items: readonly Item[];
  counts?: BalancedCounts;
}): Map<string, BalancedSelection<Item>> {
  const languages = new Map<string, Item[]>();
  for (const item of items) {
    const language = item.language ?? 'und';
    const known = languages.get(language);
    if (known) known.push(item);
    else languages.set(language, [item]);
  }
  const sorted = [...languages].sort(([one], [other]) => (one < other ? -1 : 1));
  return new Map(sorted.map(([language, own]) => [language, selectBalanced({ items: own, counts })]));
}

function newestFirst(one: RatedText, other: RatedText): number {
  const difference = (other.createdAt ?? -Infinity) - (one.createdAt ?? -Infinity);
  // Two without a time differ by NaN, which counts as equal here.
  return difference || (one.id < other.id ? -1 : 1);
}
