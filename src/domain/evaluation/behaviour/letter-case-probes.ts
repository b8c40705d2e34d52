import type { ProbeGenerator } from './probe-generator.js';

const upperCaseShare = 0.1;

/** The question in small letters, in capitals, and with one letter in ten in capitals (FMEval's random upper case). */
export const letterCaseProbes: ProbeGenerator = {
  kind: 'letterCase',
  generate: ({ case: { input }, random }) => {
    const mixed = [...input]
      .map((letter) => (random.uniform() < upperCaseShare ? letter.toUpperCase() : letter))
      .join('');
    return [
      { style: 'lowerCase', input: input.toLowerCase() },
      { style: 'upperCase', input: input.toUpperCase() },
      { style: 'randomUpperCase', input: mixed },
    ]
      .filter((probe) => probe.input !== input)
      .map((probe) => ({ ...probe, marks: [] }));
  },
};
