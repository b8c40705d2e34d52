import type { ProbeGenerator } from './probe-generator.js';

const addProbability = 0.05;
const removeProbability = 0.1;

/**
 * Blanks at random as FMEval adds (probability 0.05 after a character) and removes them (0.1 each), blanks doubled, and
 * blanks and line ends around the question.
 */
export const whitespaceProbes: ProbeGenerator = {
  kind: 'whitespace',
  generate: ({ case: { input }, random }) => {
    const slipped = [...input]
      .map((character) => {
        const chance = random.uniform();
        if (/\s/u.test(character)) return chance < removeProbability ? '' : character;
        return chance < addProbability ? `${character} ` : character;
      })
      .join('');
    return [
      { style: 'addedAndRemoved', input: slipped },
      { style: 'doubled', input: input.replace(/ /g, '  ') },
      { style: 'around', input: `  ${input} \n\n` },
    ]
      .filter((probe) => probe.input !== input)
      .map((probe) => ({ ...probe, marks: [] }));
  },
};
