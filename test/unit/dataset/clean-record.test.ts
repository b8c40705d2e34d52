import { expect } from 'chai';
import fc from 'fast-check';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';
import { recordCleaner } from '../../../src/domain/dataset/clean-record.js';
import { countByReason, funnel } from '../../../src/domain/dataset/dead-letter.js';
import { recipeOf } from '../../../src/domain/dataset/recipes.js';
import { modelSpecSchema } from '../../../src/domain/spec/model-spec.js';
import { record } from './sample-tickets.js';

const pseudonyms = createPseudonyms({ key: null });

const { data } = modelSpecSchema.parse({
  apiVersion: 'understudy/v1',
  model: 'm',
  base: { id: 'tiny' },
  data: {
    recipe: 'support-tickets',
    source: { kind: 'csv', uri: 'a' },
    goldenSet: 'g',
    languages: ['en', 'pt'],
    languageConfidence: 1,
  },
  evaluation: { preset: 'support-deterministic' },
});
const clean = recordCleaner({ recipe: recipeOf('support-tickets'), settings: data, kept: [], pseudonyms });

describe('recordCleaner', () => {
  it('lets a good ticket pass with clean text', () => {
    const { row } = clean(record({ customer_query: '<b>Where</b> is my parcel 4711 please?', language: 'pt-BR' }));
    expect(row?.values).to.include({ customer_query: 'Where is my parcel 4711 please?', language: 'pt' });
    expect(row).to.deep.include({ normalised: true, redacted: {}, leaks: [] });
  });

  const rejected: [reason: string, changes: Record<string, unknown>, detail: string][] = [
    ['unresolved', { resolved: 'no' }, 'not resolved'],
    ['language', { language: 'sv' }, 'language "sv" (declared): expected one of en, pt'],
    ['tooShort', { customer_query: 'where is <b>it</b>?' }, '3 words < 5'],
    ['emptyAnswer', { agent_response: '<p>Done.</p>' }, '1 words < 3'],
    ['emptyAnswer', { agent_response: '' }, '0 words < 3'],
    ['invalidRow', { resolved: '' }, 'resolved'],
  ];
  for (const [reason, changes, detail] of rejected) {
    it(`says ${reason} for ${JSON.stringify(changes)}`, () => {
      const { letter } = clean(record(changes));
      expect(letter).to.include({ reason });
      expect(letter?.detail).to.contain(detail);
    });
  }

  it('gives every record exactly one end, and the counts add up', () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('true', 'no', 'en', 'a b c d e f', null, undefined, 5, true, []),
    );
    const fields = fc.record({
      ticket_id: value,
      customer_query: value,
      agent_response: value,
      category: value,
      resolved: value,
      language: value,
    });
    fc.assert(
      fc.property(fc.array(fields), (all) => {
        const results = all.map((one, index) => clean({ row: index + 1, line: index + 2, fields: one }));
        const letters = results.flatMap(({ letter }) => (letter ? [letter] : []));
        const kept = results.filter(({ row }) => row !== null).length;
        const deadLettered = countByReason(letters);
        expect(kept + Object.values(deadLettered).reduce((sum, count) => sum + count, 0)).to.equal(all.length);
        expect(funnel({ read: all.length, deadLettered }).at(-1)?.rows).to.equal(kept);
      }),
    );
  });
});
