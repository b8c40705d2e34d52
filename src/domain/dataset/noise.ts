import { withBlankPlaceholders } from './redaction/placeholders.js';
import { spamSigns } from './spam-signs.js';
import { readWords } from './words.js';

export interface Noise {
  reason: 'tooShort' | 'repeatedCharacters' | 'spam';
  detail: string;
}

const longestRun = 12;
const longRun = /(\p{L}|\p{N}|[!?.,*#=_-])\1{3,}/gu;
const mostInRuns = 0.3;
const repetition = { fewestWords: 8, leastDistinct: 0.3 };
const fewestSpamSigns = 3;

function repeatedIn({ text, runs }: { text: string; runs: readonly string[] }): string | null {
  let inRuns = 0;
  for (const [run, character] of text.matchAll(longRun)) {
    if (run.length >= longestRun && /[\p{L}\p{N}]/u.test(character!)) {
      return `"${character}" ${run.length} times in a row >= ${longestRun}`;
    }
    inRuns += run.length;
  }
  const share = inRuns / text.length;
  if (share > mostInRuns)
    return `${(share * 100).toFixed(0)} % of the characters repeat the one before > ${mostInRuns * 100} %`;
  const distinct = new Set(runs).size / runs.length;
  if (runs.length < repetition.fewestWords || distinct >= repetition.leastDistinct) return null;
  return `${(distinct * 100).toFixed(0)} % distinct words < ${repetition.leastDistinct * 100} %`;
}

/**
 * Why a text teaches nothing, or null: too few words (placeholders of redacted values are none), the same characters or
 * words over and over, or three signs of advertising that has nothing to do with the matter.
 */
export function noiseIn({ text, minimumWords }: { text: string; minimumWords: number }): Noise | null {
  const { words, runs } = readWords(withBlankPlaceholders(text));
  if (words.length < minimumWords) {
    return { reason: 'tooShort', detail: `${words.length} words < ${minimumWords}` };
  }
  const repeated = repeatedIn({ text, runs });
  if (repeated !== null) return { reason: 'repeatedCharacters', detail: repeated };
  const signs = spamSigns({ text, words });
  return signs.length < fewestSpamSigns
    ? null
    : { reason: 'spam', detail: `${signs.length} signs of spam >= ${fewestSpamSigns}: ${signs.join(', ')}` };
}
