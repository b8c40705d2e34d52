import { expect } from 'chai';
import type { DataRow } from '../../../src/domain/dataset/data-row.js';
import { rowParser } from '../../../src/domain/dataset/parse-row.js';
import { recipeOf } from '../../../src/domain/dataset/recipes.js';
import { record } from './sample-tickets.js';

const withoutPersonalData = (text: string): string => text;
const parse = rowParser({ recipe: recipeOf('support-tickets'), kept: ['shop'], withoutPersonalData });
const valuesOf = (changes: Record<string, unknown>): DataRow['values'] => parse(record(changes)).row!.values;

describe('rowParser', () => {
  it('reads times, truths and empty optional columns', () => {
    const values = valuesOf({ created_at: '2026-03-31 14:05:00', resolved: 'Yes', rating: '', language: ' EN ' });
    expect(values).to.include({ created_at: '2026-03-31T14:05:00.000Z', resolved: true, rating: null, language: 'en' });
    expect(valuesOf({ created_at: '2026-03-31' })).to.include({ created_at: '2026-03-31T00:00:00.000Z' });
    expect(valuesOf({ created_at: '2026-03-31T14:05+02:00' })).to.include({ created_at: '2026-03-31T12:05:00.000Z' });
  });

  it('reads numbers and truths as JSON has them, and keeps the columns it is told to', () => {
    const values = valuesOf({ ticket_id: 17, resolved: true, rating: 4, shop: ['nl'], colour: 'red' });
    expect(values).to.include({ ticket_id: '17', resolved: true, rating: 4, shop: '["nl"]' });
    expect(values).not.to.have.property('colour');
    expect(valuesOf({ shop: '' })).to.include({ shop: null });
  });

  it('reads a review, with or without a title', () => {
    const read = rowParser({ recipe: recipeOf('reviews'), kept: [], withoutPersonalData });
    const fields = { review_id: 0, product_id: '767', star_rating: '4', text: 'Silky and comfortable', verified: 'no' };
    const { row } = read({ row: 1, line: 2, fields });
    expect(row?.values).to.include({ review_id: '0', star_rating: 4, title: '', verified: false, helpful_votes: null });
    const { letter } = read({ row: 1, line: 2, fields: { ...fields, star_rating: '' } });
    expect(letter).to.include({ column: 'star_rating', detail: 'column star_rating is "": expected a number' });
  });

  const bad: [column: string, value: unknown, expected: string][] = [
    ['ticket_id', '  ', 'expected a value'],
    ['created_at', '31/03/2026', 'ISO 8601'],
    ['created_at', 'March 31, 2026', 'ISO 8601'],
    ['created_at', '2026-13-45', 'ISO 8601'],
    ['created_at', '2026-02-30', 'ISO 8601'],
    ['resolved', 'maybe', 'true or false'],
    ['rating', 'five', 'a number'],
    ['customer_query', 'x'.repeat(100_001), 'at most 100000 characters'],
  ];
  for (const [column, value, expected] of bad) {
    it(`makes a dead letter of ${column} "${String(value).slice(0, 12)}" that names row and column`, () => {
      const { letter } = parse(record({ [column]: value }, 7));
      expect(letter).to.include({ row: 7, line: 8, reason: 'invalidRow', column });
      expect(letter?.detail).to.contain(expected).and.to.have.length.below(300);
      expect(letter?.record).to.have.property(column, value);
    });
  }
});
