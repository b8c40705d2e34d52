import { caseLanguage } from '../case-language.js';
import { keysBeside } from './keyboards.js';
import type { ProbeGenerator } from './probe-generator.js';

const perturbations = 5;
const typoProbability = 0.1;

/**
 * Typos as FMEval's butter-finger makes them: five forms, each letter replaced by a neighbour on the keyboard with
 * probability 0.1, case kept. Two things differ: the neighbours are those of the language's own keyboard and never the
 * letter itself, and every form has at least one typo.
 */
export const typoProbes: ProbeGenerator = {
  kind: 'typos',
  generate: ({ case: { input, tags }, random }) => {
    const beside = keysBeside(caseLanguage(tags));
    const letters = [...input];
    const typed = letters.flatMap((letter, place) => (beside.has(letter.toLowerCase()) ? [place] : []));
    if (typed.length === 0) return [];
    const slip = (letter: string): string => {
      const keys = [...beside.get(letter.toLowerCase())!];
      const key = keys[random.index(keys.length)]!;
      return letter === letter.toLowerCase() ? key : key.toUpperCase();
    };
    return Array.from({ length: perturbations }, () => {
      const slipped = typed.filter(() => random.uniform() < typoProbability);
      const places = new Set(slipped.length > 0 ? slipped : [typed[random.index(typed.length)]!]);
      const changed = letters.map((letter, place) => (places.has(place) ? slip(letter) : letter));
      return { style: 'butterFinger', input: changed.join(''), marks: [] };
    });
  },
};
