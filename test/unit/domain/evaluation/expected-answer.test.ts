import { expect } from 'chai';
import { parseGoldenSet } from '../../../../src/domain/dataset/golden.js';

const parse = (expected: unknown) =>
  parseGoldenSet({ text: JSON.stringify({ id: 'a', input: 'q', reference: 'r', expected }), now: null });

describe('expected answers of golden cases', () => {
  it('are read with the case', () => {
    const expected = { pattern: '\\d+', jsonSchema: { type: 'object' }, format: ['oneLine'], words: { max: 9 } };
    const { cases, problems } = parse(expected);
    expect(problems).to.deep.equal([]);
    expect(cases[0]!.expected).to.deep.equal(expected);
  });

  it('are refused by line and field where they can never be met', () => {
    const { problems } = parse({
      pattern: '(?=x)',
      jsonSchema: { type: 'thing' },
      words: { min: 5, max: 2 },
      language: 'German',
      format: ['yaml'],
    });
    expect(problems.map(({ line, field }) => `${line} ${field}`)).to.have.members([
      '1 expected.pattern',
      '1 expected.jsonSchema',
      '1 expected.words',
      '1 expected.language',
      '1 expected.format.0',
    ]);
    expect(problems.find(({ field }) => field === 'expected.pattern')!.expected).to.contain('RE2 syntax');
    expect(problems.find(({ field }) => field === 'expected.jsonSchema')!.expected).to.contain('JSON Schema');
  });
});
