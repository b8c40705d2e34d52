import { expect } from 'chai';
import fc from 'fast-check';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';
import { recordCleaner, type CleanRow } from '../../../src/domain/dataset/clean-record.js';
import { recipeOf } from '../../../src/domain/dataset/recipes.js';
import { parseSpillLine, spillLine } from '../../../src/domain/dataset/spill.js';
import { dataSpecSchema } from '../../../src/domain/spec/data-spec.js';

const pseudonyms = createPseudonyms({ key: null });

const recipe = recipeOf('support-tickets');
const settings = dataSpecSchema.parse({
  recipe: 'support-tickets',
  source: { kind: 'csv', uri: 'a' },
  goldenSet: 'g',
  noise: { minimumWords: 0 },
});
const clean = recordCleaner({ recipe, settings, kept: [], pseudonyms });
const piece = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom(
    ...[
      '<b>',
      '</b>',
      '<p>',
      '&amp;',
      '&amp;lt;',
      '&#64;',
      'jo@example.org',
      '+49 30 1234567',
      'DE89370400440532013000',
    ],
    ...[
      'https://example.org/?q=1',
      '192.168.0.1',
      '[EMAIL_1]',
      '\r\n',
      '\u0000',
      'parcel',
      'is late',
      '4111 1111 1111 1111',
    ],
  ),
);
const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(' '));
const fieldsOf = (query: string, answer: string): Record<string, unknown> => ({
  ...{ ticket_id: 'T-1', customer_id: 'C-1', category: 'tracking', resolved: true },
  ...{ customer_query: query, agent_response: `${answer} it will be there tomorrow` },
});
const cleaned = (fields: Record<string, unknown>): CleanRow | null => clean({ row: 1, line: 2, fields }).row;

describe('the steps of one row', () => {
  it('change nothing when they are done again', () => {
    fc.assert(
      fc.property(text, text, (query, answer) => {
        const once = cleaned(fieldsOf(query, answer));
        if (once === null) return;
        const { customer_query, agent_response } = once.values;
        const again = cleaned({ ...fieldsOf('', ''), customer_query, agent_response });
        expect(again?.values).to.include({ customer_query, agent_response });
        expect(again).to.deep.include({ redacted: {}, normalised: false });
      }),
      { numRuns: 300 },
    );
  });

  it('make exactly one row or dead letter of a record, and survive the temporary file', () => {
    fc.assert(
      fc.property(text, text, fc.anything(), (query, answer, odd) => {
        const result = clean({ row: 3, line: 4, fields: { ...fieldsOf(query, answer), rating: odd } });
        expect([result.row, result.letter].filter((one) => one !== null)).to.have.length(1);
        expect((result.row ?? result.letter).row).to.equal(3);
        const line = spillLine(result);
        expect(line).to.not.contain('\n');
        expect(spillLine(parseSpillLine(line))).to.equal(line);
      }),
      { numRuns: 300 },
    );
  });
});
