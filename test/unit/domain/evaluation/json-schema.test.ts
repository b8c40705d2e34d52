import { expect } from 'chai';
import { jsonSchema } from '../../../../src/domain/evaluation/json-schema.js';
import { given } from './scoring.js';

describe('jsonSchema', () => {
  const expected = {
    jsonSchema: {
      type: 'object',
      required: ['category', 'at'],
      properties: { category: { enum: ['delivery', 'refund'] }, at: { type: 'string', format: 'date' } },
      additionalProperties: false,
    },
  };
  const score = (answer: string) => jsonSchema.score(given({ answer, expected }));

  it('accepts what the schema accepts, and names the first problem of the rest', () => {
    expect(score(' {"category": "refund", "at": "2026-02-28"}\n').score).to.equal(1);
    expect(score('{"category": "other", "at": "2026-02-28"}')).to.deep.include({
      score: 0,
      details: { problem: '/category must be equal to one of the allowed values' },
    });
    expect(score('{"category": "refund", "at": "2026-02-30"}').details.problem).to.contain('/at must match format');
    expect(score('{}').details.problem).to.contain('(whole) must have required property');
  });

  it('takes only the whole answer for JSON', () => {
    expect(score('```json\n{"category": "refund", "at": "2026-02-28"}\n```').details.problem).to.match(/^no JSON: /);
    expect(score('').score).to.equal(0);
  });

  it('is unmeasured where the case expects none', () =>
    expect(jsonSchema.score(given({ answer: '{}' })).reason).to.equal('the case expects no JSON Schema'));
});
