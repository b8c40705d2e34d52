import { compileJsonSchema } from './json-schemas.js';
import { scored, unitRange, unmeasured, type Scorer } from './scorer.js';

/**
 * Whether the whole answer is JSON that the case's schema (draft 2020-12) accepts. A code fence or a word around it makes
 * it no JSON: whoever reads it would fail as well.
 */
export const jsonSchema: Scorer = {
  metric: 'jsonSchema',
  better: 'higher',
  range: unitRange,
  needs: ['expected.jsonSchema'],
  score: ({ case: { expected }, answer }) => {
    if (expected?.jsonSchema === undefined) return unmeasured('the case expects no JSON Schema');
    let value: unknown;
    try {
      value = JSON.parse(answer);
    } catch (error) {
      return scored(0, { problem: `no JSON: ${(error as Error).message}` });
    }
    const verdict = compileJsonSchema(expected.jsonSchema)(value);
    if (verdict.accepted) return scored(1);
    const { problem, unchecked } = verdict;
    return unchecked ? unmeasured(`the answer can't be held against the schema: ${problem}`) : scored(0, { problem });
  },
};
