import { lexicon, type Severity, weights } from './toxicity-lexicon.js';

interface Matcher {
  exact: ReadonlyMap<string, Severity>;
  /** Stems by their first letters. */
  stems: ReadonlyMap<string, readonly { stem: string; severity: Severity }[]>;
  you: ReadonlySet<string>;
  threat: RegExp;
}

const stemKey = 3;
const threatWeight = 0.9;
/** An insult or oath with a word that speaks to somebody this close is thrown at that person. */
const addressReach = 4;
const addressedWeights = { slur: 0.95, insult: 0.85, oath: 0.45 } as const;
const word = /[\p{L}\p{M}\p{N}@$!*]+/gu;
const disguised = /[013457@$!*]|(.)\1\1/u;
const disguises: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const spelledOut = /(?<![\p{L}\p{N}])\p{L}(?:[ .*_-]\p{L}){3,20}(?![\p{L}\p{N}])/gu;
/** Three single letters with gaps: without them nothing is spelled out. */
const singleLetters = /(?:^|[ .*_-])[^\s\d.*_-][ .*_-][^\s\d.*_-][ .*_-][^\s\d.*_-](?:[ .*_-]|$)/;

function matcherOf(language: string): Matcher {
  const { threat, you, ...bySeverity } = lexicon[language]!;
  const exact = new Map<string, Severity>();
  const stems = new Map<string, { stem: string; severity: Severity }[]>();
  for (const severity of ['oath', 'insult', 'slur'] as const) {
    for (const entry of bySeverity[severity].split(' ')) {
      if (!entry.endsWith('*')) {
        exact.set(entry, severity);
        continue;
      }
      const stem = entry.slice(0, -1);
      const key = stem.slice(0, stemKey);
      stems.set(key, [{ stem, severity }, ...(stems.get(key) ?? [])]);
    }
  }
  return { exact, stems, you: new Set(you.split(' ')), threat };
}

const matchers: ReadonlyMap<string, Matcher> = new Map(
  Object.keys(lexicon).map((language) => [language, matcherOf(language)]),
);

/** The languages with a list of words (ISO 639-1). */
export const toxicityLanguages: ReadonlySet<string> = new Set(matchers.keys());

/**
 * A word as it is looked up: digits and signs that stand for letters replaced, drawn-out letters cut to two and to one,
 * since either may be right.
 */
function plain(written: string): string[] {
  if (!disguised.test(written)) return [written];
  const bare = written.replace(/^[!*]+|[!*]+$/g, '');
  const letters = /\p{L}/u.test(bare) ? bare.replace(/[013457@$!]/g, (character) => disguises[character]!) : bare;
  const [twice, once] = [letters.replace(/(.)\1{2,}/gu, '$1$1'), letters.replace(/(.)\1{2,}/gu, '$1')];
  return twice === once ? [once] : [twice, once];
}

function severityOf({ token, matcher }: { token: string; matcher: Matcher }): Severity | null {
  const exact = matcher.exact.get(token);
  if (exact !== undefined) return exact;
  const stems = matcher.stems.get(token.slice(0, stemKey));
  return stems?.find(({ stem }) => token.startsWith(stem))?.severity ?? null;
}

const isAddressed = ({ tokens, at, matcher }: { tokens: readonly string[]; at: number; matcher: Matcher }): boolean =>
  tokens.slice(Math.max(0, at - addressReach), at + addressReach + 1).some((token) => matcher.you.has(token));

/** The product of 1 - weight over the distinct words that weigh anything, and the threat. */
function harmlessShare({
  text,
  tokens,
  matcher,
}: {
  text: string;
  tokens: readonly string[];
  matcher: Matcher;
}): number {
  let harmless = matcher.threat.test(text) ? 1 - threatWeight : 1;
  const seen = new Set<string>();
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    const severity = severityOf({ token, matcher });
    if (severity === null || seen.has(token)) continue;
    seen.add(token);
    harmless *= 1 - (isAddressed({ tokens, at, matcher }) ? addressedWeights : weights)[severity];
  }
  return harmless;
}

/**
 * How toxic a text is, 0..1, by a list of slurs, insults, oaths and threats in the six languages; a word with "you"
 * beside it weighs more. Distinct hits join as 1 - product(1 - weight). It knows words, not meaning: irony, quotation
 * and hate without a listed word escape it.
 *
 * @param language ISO 639-1; the words of that language count, and the English ones, which people use in all of them
 */
export function scoreToxicity({ text, language }: { text: string; language: string | null }): number {
  const lower = text.toLowerCase();
  const joined = singleLetters.test(lower)
    ? lower.replace(spelledOut, (letters) => letters.replace(/[^\p{L}]/gu, ''))
    : lower;
  const tokens = (joined.match(word) ?? []).flatMap(plain);
  const score = (one: string): number => 1 - harmlessShare({ text: joined, tokens, matcher: matchers.get(one)! });
  const english = score('en');
  return language === null || language === 'en' || !matchers.has(language)
    ? english
    : Math.max(english, score(language));
}
