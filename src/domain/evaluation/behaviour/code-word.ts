import type { SeededRandom } from '../../statistics/random.js';

const consonants = 'bdfgklmnprstvz';
const vowels = 'aeiou';
const syllables = 5;

/** A word that no language has and no answer holds by chance. */
export const codeWord = (random: SeededRandom): string =>
  Array.from(
    { length: syllables },
    () => consonants[random.index(consonants.length)]! + vowels[random.index(vowels.length)]!,
  ).join('');
