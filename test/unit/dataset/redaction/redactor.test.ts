import { expect } from 'chai';
import fc from 'fast-check';
import { normaliseText } from '../../../../src/domain/dataset/normalise.js';
import { findLeaks } from '../../../../src/domain/dataset/redaction/find-leaks.js';
import { createRedactor } from '../../../../src/domain/dataset/redaction/redactor.js';
import { seededRandom } from '../../../../src/domain/statistics/random.js';
import { languages } from '../../../support/redaction/labelled.js';
import { makers, ownPatterns } from '../../../support/redaction/values.js';

const redactor = createRedactor({ patterns: ownPatterns });
const redact = (...texts: string[]): string[] => redactor.redact({ texts }).texts;

/** Texts made of what the detectors look for, of fragments of it and of anything else, run together at random. */
const glue = fc.constantFrom(
  ' ',
  ', ',
  '\n',
  '',
  '-',
  '. ',
  ' / ',
  '(',
  ')',
  '[',
  ']',
  ':',
  '+',
  '0',
  '@',
  '1 ',
  'tel ',
);
const value = fc
  .tuple(fc.constantFrom(...Object.keys(makers)), fc.constantFrom(...languages), fc.nat())
  .map(([type, language, seed]) => makers[type]!({ language, draw: seededRandom(seed).index }));
const fragment = fc.oneof(
  value,
  fc.tuple(value, fc.nat({ max: 30 })).map(([text, at]) => text.slice(at)),
  fc.constantFrom('[EMAIL_1]', '[PHONE_7]', '[EMAIL_', 'version', 'order', 'call', 'Via Roma', '<b>', '&amp;', 'www.'),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const mixture = fc
  .array(fc.tuple(fragment, glue), { maxLength: 8 })
  .map((parts) => parts.map(([text, between]) => text + between).join(''));

describe('createRedactor', () => {
  it('replaces each value by a placeholder of its type', () => {
    expect(redact('Mail anna@example.com or call +49 30 23125 100.')).to.deep.equal([
      'Mail [EMAIL_1] or call [PHONE_1].',
    ]);
  });

  it('gives the same value the same placeholder in all texts of a document, however it is written', () => {
    expect(
      redact('a@example.com, B@example.com', 'b@EXAMPLE.com and +44 20 7946 0123', '0044 20 7946 0123'),
    ).to.deep.equal(['[EMAIL_1], [EMAIL_2]', '[EMAIL_2] and [PHONE_1]', '[PHONE_1]']);
  });

  it('starts again with each document', () => {
    expect(redact('a@example.com')).to.deep.equal(['[EMAIL_1]']);
    expect(redact('b@example.com')).to.deep.equal(['[EMAIL_1]']);
  });

  it('says where each value stood and never what it was', () => {
    const { found } = redactor.redact({ texts: ['none', 'It is ORD-123456.'] });
    expect(found).to.deep.equal([{ type: 'ORDER_ID', text: 1, start: 6, end: 16, placeholder: '[ORDER_ID_1]' }]);
  });

  it('keeps placeholders that are there and counts on behind them', () => {
    expect(redact('[EMAIL_3] wrote to c@example.com')).to.deep.equal(['[EMAIL_3] wrote to [EMAIL_4]']);
  });

  it('finds a number before, between and behind others', () => {
    expect(redact('7788 4111 1111 1111 1111 12/27')).to.deep.equal(['7788 [CARD_1] 12/27']);
    expect(redact('AB12 DE89 3704 0044 0532 0130 00, call 030 23125 100 / 0171 2345678')).to.deep.equal([
      'AB12 [IBAN_1], call [PHONE_1] / [PHONE_2]',
    ]);
  });

  it('leaves card and account numbers with a wrong checksum alone', () => {
    const text = 'Reference 4111 1111 1111 1112 and DE88 3704 0044 0532 0130 00 on order 100045872';
    expect(redact(text)).to.deep.equal([text]);
  });

  it('names every pattern that it can not use', () => {
    const patterns = [
      { type: 'order', pattern: 'A' },
      { type: 'EMAIL', pattern: 'A' },
      { type: 'ORDER_ID', pattern: '(a)\\1' },
      { type: 'ANY', pattern: 'x*' },
    ];
    expect(() => createRedactor({ patterns })).to.throw(/patterns\.0.*patterns\.1.*patterns\.2.*RE2.*patterns\.3/s);
  });

  it('takes linear time for a pattern that explodes elsewhere', () => {
    const { redact: redactOne } = createRedactor({ patterns: [{ type: 'ODD', pattern: '(?:a|a)*(?:a*)*b' }] });
    const [text] = redactOne({ texts: ['a'.repeat(5000)] }).texts;
    expect(text).to.have.lengthOf(5000);
  }).timeout(5000);

  it('takes no more than seconds for long texts made to be slow', () => {
    const hostile = ['1 ', '1(', 'a@', 'A1 ', '00 ', 'Via ', '12 Rue de ', 'Am A ', '::', 'DE12 ', '1.', '[EMAIL_1] '];
    for (const part of hostile) {
      const text = part.repeat(20_000);
      expect(redact(redact(text)[0]!), part).to.deep.equal(redact(text));
    }
  }).timeout(60_000);

  it('changes nothing when it is done again', () => {
    fc.assert(
      fc.property(fc.array(mixture, { minLength: 1, maxLength: 3 }), (texts) => {
        const once = redactor.redact({ texts });
        const twice = redactor.redact({ texts: once.texts });
        expect(twice.texts).to.deep.equal(once.texts);
        expect(twice.found).to.deep.equal([]);
      }),
      { numRuns: 2000, seed: 1 },
    );
  }).timeout(60_000);

  it('changes nothing when normalising and redacting are both done again', () => {
    const clean = (text: string): string => redact(normaliseText(text))[0]!;
    fc.assert(
      fc.property(mixture, (text) => {
        const once = clean(text);
        expect(clean(once)).to.equal(once);
      }),
      { numRuns: 2000, seed: 2 },
    );
  }).timeout(60_000);

  it('leaves nothing that the second detector finds, however values stand in a text', () => {
    const between = fc.constantFrom(' ', ', ', '\n', '. ', ' / ', ' (', ') ', ' tel ', ' order ', ' and ');
    const document = fc
      .array(fc.tuple(value, between), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.map(([text, glued]) => text + glued).join(''));
    fc.assert(
      fc.property(document, (text) => {
        expect(findLeaks({ text: redact(text)[0]! })).to.deep.equal([]);
      }),
      { numRuns: 3000, seed: 4 },
    );
  }).timeout(60_000);

  it('keeps everything outside the places it names', () => {
    fc.assert(
      fc.property(mixture, (text) => {
        const { texts, found } = redactor.redact({ texts: [text] });
        const parts = found.map(({ start }, index) => text.slice(index === 0 ? 0 : found[index - 1]!.end, start));
        const rebuilt = parts.map((part, index) => part + found[index]!.placeholder).join('');
        expect(rebuilt + text.slice(found.at(-1)?.end ?? 0)).to.equal(texts[0]);
      }),
      { numRuns: 500, seed: 3 },
    );
  }).timeout(60_000);
});
