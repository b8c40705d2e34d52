import { expect } from 'chai';
import { questionOf } from '../../../../src/domain/summaries/question.js';
import { replyFormatOf } from '../../../../src/domain/summaries/reply-format.js';

const snippets = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ review: `r-${index}`, text: `It is sturdy (${index + 7}).`, rating: 5, verified: index === 0, language: 'en' },
  }));
const question = (count: number): string => questionOf({ snippets: snippets(count), language: 'en' });
const formatOf = (query: string) => replyFormatOf({ prompt: { reply: 'summary' }, query });
const sourcesOf = (query: string): unknown =>
  (formatOf(query)?.schema['properties'] as Record<string, unknown> | undefined)?.['sources'];

describe('the format of a summary', () => {
  it('has the sources that were shown and no others', () => {
    expect(sourcesOf(question(1))).to.deep.equal({
      ...{ type: 'array', items: { type: 'integer', enum: [1] }, minItems: 1, maxItems: 1 },
    });
    expect(sourcesOf(question(15))).to.deep.include({
      items: { type: 'integer', enum: Array.from({ length: 15 }, (_, index) => index + 1) },
      maxItems: 15,
    });
  });

  it('is a strict schema of what OpenAI and vLLM both take, its fields in the order that is taught', () => {
    const { name, schema } = formatOf(question(2))!;
    expect(name).to.match(/^[a-z_]+$/);
    const properties = schema['properties'] as Record<string, unknown>;
    expect(Object.keys(properties)).to.deep.equal(['pros', 'cons', 'summary', 'sources']);
    expect(schema).to.deep.include({ type: 'object', required: Object.keys(properties), additionalProperties: false });
    const words = new Set(JSON.stringify(schema).match(/"(\w+)":/g));
    const known = ['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'minItems', 'maxItems'];
    const allowed = new Set([...known, ...Object.keys(properties)].map((word) => `"${word}":`));
    expect([...words].filter((word) => !allowed.has(word))).to.deep.equal([]);
  });

  it('is asked for only where the prompt wants it and the question shows reviews', () => {
    expect(replyFormatOf({ prompt: { reply: 'text' }, query: question(3) })).to.equal(null);
    expect(replyFormatOf({ prompt: {}, query: question(3) })).to.equal(null);
    for (const query of ['', 'Hello', 'see [1] for more', '[0] 5/5: none', '[x] 5/5: none', ' [1] 5/5: indented'])
      expect(formatOf(query), query).to.equal(null);
  });

  it('names a source once, and none of a question that shows more than an endpoint takes', () => {
    expect(sourcesOf('[2] 5/5: a\n[2] 5/5: b\n[9] 1/5: c')).to.deep.include({
      items: { type: 'integer', enum: [2, 9] },
    });
    expect(sourcesOf(question(1000))).to.include({ maxItems: 1000 });
    expect(formatOf(question(1001))).to.equal(null);
  });
});
