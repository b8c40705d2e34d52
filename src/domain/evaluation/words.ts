const articles = /(?<![\p{L}\p{N}])(?:a|an|the)(?![\p{L}\p{N}])/gu;
const punctuation = /[\p{P}\p{S}]/gu;
/** What separates words without being seen: between words of Thai, inside those of Persian. */
const unseenBlanks = /[\u200B\u200C]/gu;
/** What is left of an emoji without its sign, soft hyphens, marks of direction: no part of a word. */
const unseen = /[\p{Cf}\p{Me}\p{Variation_Selector}]/gu;
/** The same but for what parts `plainWords`. */
const unseenInWords = /[\u00AD\p{Me}\p{Variation_Selector}]/gu;
/** Scripts that write no spaces between words; there every character counts as one, whatever dictionary is at hand. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/**
 * Text as SQuAD's evaluation and FMEval's quasi-exact match compare it: lower case, without punctuation, English articles
 * and surplus blanks (Rajpurkar et al. 2016, official script), taken to all of Unicode: compatibility forms are unified,
 * and punctuation, symbols and what is not seen fall away in every script.
 */
export const normaliseAnswer = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(unseenBlanks, ' ')
    .replace(unseen, '')
    .replace(punctuation, '')
    .replace(articles, ' ')
    .trim()
    .replace(/\s+/gu, ' ');

/**
 * Whether two texts are the same after that. Where no word is left, other signs than ASCII's count as in the script, which
 * knows no others as punctuation: 👍 is neither 👎 nor nothing.
 */
export function sameAnswer({ one, other }: { one: string; other: string }): boolean {
  const [ours, theirs] = [one, other].map(normaliseAnswer);
  return ours === theirs && (ours !== '' || signsOf(one) === signsOf(other));
}

const signsOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(unseen, '')
    .replace(/[\0-\x7F\s]/gu, '');

/** The words of a text after that. */
export const answerWords = (text: string): string[] => splitWords(normaliseAnswer(text));

/** Runs of letters and digits in lower case, articles kept: what ROUGE compares (without stemming). */
export const plainWords = (text: string): string[] =>
  splitWords(
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' '),
  );

/**
 * The same without what is not seen. Search indexes and recorded decisions are made of `plainWords`, which therefore stay
 * as they are.
 */
export const seenWords = (text: string): string[] => plainWords(text.replace(unseenInWords, ''));

const splitWords = (text: string): string[] => text.replace(unspaced, ' $& ').split(/\s+/u).filter(Boolean);

/** How many words two lists share, each as often as the rarer side has it. */
export function sharedWords(one: readonly string[], other: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of one) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of other) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared += 1;
  }
  return shared;
}
