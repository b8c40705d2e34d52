import { expect } from 'chai';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';
import { recordCleaner } from '../../../src/domain/dataset/clean-record.js';
import { createLeakReport } from '../../../src/domain/dataset/leak-report.js';
import { letterRedactor } from '../../../src/domain/dataset/private-record.js';
import { recipeOf } from '../../../src/domain/dataset/recipes.js';
import { createRedactor } from '../../../src/domain/dataset/redaction/redactor.js';
import { dataSpecSchema } from '../../../src/domain/spec/data-spec.js';
import { record } from './sample-tickets.js';

const pseudonyms = createPseudonyms({ key: null });

const base = { recipe: 'support-tickets', source: { kind: 'csv', uri: 'a' }, goldenSet: 'g' };

describe('personal data', () => {
  it('is taken out of what dead letters keep, whatever shape that has', () => {
    const safe = letterRedactor(createRedactor({ patterns: [] }));
    const letter = { row: 1, line: 2, reason: 'unreadable' as const, column: null };
    const detail = 'column customer_query is "jo@example.org": expected text';
    expect(JSON.stringify(safe({ ...letter, detail, record: 'jo@example.org asks' }))).to.not.contain('jo@');
    expect(JSON.stringify(safe({ ...letter, detail, record: ['a', 'jo@example.org'] }))).to.not.contain('jo@');
    const nested = safe({ ...letter, detail, record: { n: 7, who: { mail: 'jo@example.org' }, none: null } });
    expect(JSON.stringify(nested)).to.not.contain('jo@');
    expect(nested.record).to.include({ n: 7, none: null });
    expect((safe({ ...letter, detail, record: 'x'.repeat(9000) }).record as string).length).to.be.below(2100);
  });

  it('is taken out of dead letters where a number, an entity, a tag or a cut hides it', () => {
    const safe = letterRedactor(createRedactor({ patterns: [] }));
    const letter = { row: 1, line: 2, reason: 'unresolved' as const, column: null, detail: 'not resolved' };
    const fields = {
      number: 4111111111111111,
      entity: 'mail jo&#64;example.org <i>now</i>',
      tag: 'mail jo<b>@</b>example.org',
      invisible: 'mail jo\u200b@example.org',
      cut: `${'y '.repeat(995)} jo@example.org`,
      price: 12.5,
      markup: 'a <b>bold</b> word',
    };
    const { record: kept } = safe({ ...letter, record: fields }) as { record: Record<string, unknown> };
    expect(JSON.stringify(kept)).to.not.match(/jo(?:&#64;|<b>|\u200b|@)|4111/);
    expect(kept).to.include({ number: '[CARD_1]', price: 12.5, markup: fields.markup });
    expect(kept['entity']).to.match(/^mail \[EMAIL_\d\] now$/);
  });

  it('is shown nowhere of a value that is too long to be looked through, also where reading it stops', () => {
    const safe = letterRedactor(createRedactor({ patterns: [] }));
    const letter = { row: 1, line: 2, reason: 'invalidRow' as const, column: null, detail: 'too long' };
    for (const blanks of [99_950, 99_985, 99_990]) {
      const long = `first jo&#64;example.org ${' '.repeat(blanks)}4111 1111 1111 1111 ${'z '.repeat(900_000)}`;
      const { record } = safe({ ...letter, record: { first: `begins ${'word '.repeat(400_000)}`, long } });
      expect(JSON.stringify(record)).to.not.match(/4111|jo(?:&#64;|@)/);
      expect(JSON.stringify(record)).to.contain(`(${long.length} characters)`).and.contain('begins word');
    }
  });

  it('is in no dead letter by a column that nobody asked for, nor by half of a value', () => {
    const settings = dataSpecSchema.parse(base);
    const clean = recordCleaner({ recipe: recipeOf('support-tickets'), settings, kept: ['shop'], pseudonyms });
    const named = { customer_name: 'Jo Hart', shop: 'nl' };
    for (const changes of [{ resolved: false }, { resolved: `${'z'.repeat(72)} jo@example.org` }]) {
      const { letter } = clean(record({ ...named, ...changes }));
      expect(letter?.record).to.include({ shop: 'nl' }).and.not.have.property('customer_name');
      expect(JSON.stringify(letter)).to.not.contain('jo@');
    }
  });

  it('makes a pseudonym of an identifier, the same in every row', () => {
    const clean = recordCleaner({
      recipe: recipeOf('support-tickets'),
      settings: dataSpecSchema.parse(base),
      kept: ['shop'],
      pseudonyms,
    });
    const customers = [1, 2].map(
      (row) => clean(record({ customer_id: 'jo@example.org', shop: 'nl' }, row)).row?.values,
    );
    expect(customers[0]!['customer_id']).to.match(/^id-[0-9a-f]{16}$/);
    expect(customers[1]).to.deep.equal(customers[0]);
    expect(customers[0]).to.include({ shop: 'nl', ticket_id: 'T-1' });
  });

  it('makes other pseudonyms with another key', () => {
    const settings = dataSpecSchema.parse(base);
    const made = [null, 'a key of sixteen.', 'b key of sixteen.'].map((key) => {
      const keyed = createPseudonyms({ key });
      const clean = recordCleaner({
        recipe: recipeOf('support-tickets'),
        settings,
        kept: [],
        pseudonyms: keyed,
      });
      return clean(record({ customer_id: 'jo@example.org' })).row?.values['customer_id'];
    });
    for (const one of made) expect(one).to.match(/^id-[0-9a-f]{16}$/);
    expect(new Set(made).size).to.equal(3);
  });

  it('is not hidden by what somebody wrote like a placeholder', () => {
    const patterns = [{ type: 'CUSTOMER', pattern: 'CU_[0-9]{5}' }];
    const settings = dataSpecSchema.parse({ ...base, redaction: { patterns } });
    const clean = recordCleaner({ recipe: recipeOf('support-tickets'), settings, kept: [], pseudonyms });
    const ends = (text: string): [unknown, string[]] => {
      const { row } = clean(record({ customer_query: `What is it with ${text} of my last parcel?` }));
      return [row?.values['customer_query'], row!.leaks.map(({ type }) => type)];
    };
    expect(ends('[DE89370400440532013000_1]')[0]).to.contain('[[IBAN_1]');
    expect(ends('[CU_12345]')[0]).to.contain('[[CUSTOMER_1]]');
    expect(ends('[CARD_411111111]')[0]).to.contain('CARD');
    expect(ends('card 4111 1111[EMAIL_1] 1111 1111')[1]).to.deep.equal(['CARD']);
    expect(ends('+44 20 [PHONE_1] 7946 0958')[1]).to.deep.equal(['PHONE']);
    expect(ends('jo[EMAIL_1]@example.org')[1]).to.deep.equal(['EMAIL']);
    expect(ends('[EMAIL_1], [PHONE_12] and jo@example.org')).to.deep.equal([
      'What is it with [EMAIL_1], [PHONE_12] and [EMAIL_2] of my last parcel?',
      [],
    ]);
  });

  it('replaces what a pattern of the spec names', () => {
    const patterns = [{ type: 'ORDER', pattern: 'SW[0-9]{6}' }];
    const settings = dataSpecSchema.parse({ ...base, redaction: { patterns } });
    const clean = recordCleaner({ recipe: recipeOf('support-tickets'), settings, kept: [], pseudonyms });
    const { row } = clean(record({ customer_query: 'Where are my orders SW123456 and SW123457 and SW123456?' }));
    expect(row?.values['customer_query']).to.equal('Where are my orders [ORDER_1] and [ORDER_2] and [ORDER_1]?');
    expect(row?.redacted).to.deep.equal({ ORDER: 3 });
  });

  it('that is left stops everything, told by row, column and type alone', () => {
    const report = createLeakReport();
    expect(() => report.refuse()).not.to.throw();
    for (let row = 1; row <= 30; row += 1) report.see({ row, leaks: [{ column: 'text', type: 'IBAN' }] });
    report.see({ row: 31, leaks: [] });
    expect(() => report.refuse()).to.throw(
      /30 rows after redaction \(IBAN 30\).*row 1: IBAN in text.* and 10 rows more/,
    );
  });
});
