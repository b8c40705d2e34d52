import { expect } from 'chai';
import { expectedAnswerSchema } from '../../../../src/domain/evaluation/expected-answer.js';
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

  it('takes no longer for patterns that take other engines exponential time, and refuses what only those have', () => {
    const slow = { jsonSchema: { type: 'string', pattern: '^(a+)+$' } };
    const scoreSlow = (text: string) => jsonSchema.score(given({ answer: JSON.stringify(text), expected: slow }));
    expect(scoreSlow('a'.repeat(50_000)).score).to.equal(1);
    expect(scoreSlow(`${'a'.repeat(50_000)}!`).details.problem).to.contain('must match pattern');
    const two = {
      jsonSchema: { properties: { a: { pattern: '^x$' } }, patternProperties: { '^b': { pattern: '^y$' } } },
    };
    for (const [answer, wanted] of [
      ['{"a": "x", "b1": "y"}', 1],
      ['{"a": "y"}', 0],
      ['{"b1": "x"}', 0],
      ['{"c": "x"}', 1],
    ] as const)
      expect(jsonSchema.score(given({ answer, expected: two })).score, answer).to.equal(wanted);
    const read = (pattern: string) => expectedAnswerSchema.safeParse({ jsonSchema: { type: 'string', pattern } });
    expect(read('^\\d{4}-\\u00e4(?<rest>[^]*)$').success).to.equal(true);
    expect(read('^(?=a)b').error?.issues[0]?.message).to.match(/^expected a JSON Schema \(2020-12\): .*\(\?=/);
  });

  it('holds no thread up for many items that have to differ, and tells them apart by value', () => {
    const unique = { jsonSchema: { type: 'array', uniqueItems: true } };
    const scoreItems = (items: unknown) => jsonSchema.score(given({ answer: JSON.stringify(items), expected: unique }));
    const many = Array.from({ length: 100_000 }, (_, id) => ({ id, name: `n${id}` }));
    expect(scoreItems(many).score).to.equal(1);
    expect(scoreItems([...many, { name: 'n7', id: 7 }])).to.deep.include({
      score: 0,
      details: { problem: '(whole) must NOT have duplicate items' },
    });
    expect(scoreItems([1, '1', [1], { a: 1 }, { a: '1' }, null, true]).score).to.equal(1);
    const free = { jsonSchema: { type: 'array', uniqueItems: false } };
    expect(jsonSchema.score(given({ answer: '[1, 1]', expected: free })).score).to.equal(1);
  });

  it('is unmeasured for an answer that is nested too deeply to be looked at', () => {
    const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const recursive = { $defs: { list: { type: 'array', items: { $ref: '#/$defs/list' } } }, $ref: '#/$defs/list' };
    const { score: none, reason } = jsonSchema.score(given({ answer: nested, expected: { jsonSchema: recursive } }));
    expect(none).to.equal(null);
    expect(reason).to.match(/^the answer can't be held against the schema: /);
  });

  it('is unmeasured where the case expects none', () =>
    expect(jsonSchema.score(given({ answer: '{}' })).reason).to.equal('the case expects no JSON Schema'));
});
