import { wordsOf } from './words.js';

export interface Noise {
  reason: 'tooShort' | 'repeatedCharacters' | 'spam';
  detail: string;
}

/** Why a text teaches nothing, or null. Placeholders of redacted values are no words. */
export function noiseIn({ text, minimumWords }: { text: string; minimumWords: number }): Noise | null {
  const words = wordsOf(text).length;
  return words < minimumWords ? { reason: 'tooShort', detail: `${words} words < ${minimumWords}` } : null;
}
