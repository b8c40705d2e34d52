import { expect } from 'chai';
import type { AnswerFormat } from '../../../../src/domain/evaluation/expected-answer.js';
import { formatAdherence } from '../../../../src/domain/evaluation/format-adherence.js';
import { given } from './scoring.js';

const texts: Record<AnswerFormat, { kept: string; broken: string }> = {
  json: { kept: '{"a": [1]}', broken: '{a: 1}' },
  plainText: { kept: 'One line.\n\nAnother - with a hyphen * 2.', broken: 'This is **important**.' },
  oneLine: { kept: 'Tomorrow.\n', broken: 'Today.\nTomorrow.' },
  oneParagraph: { kept: 'Today or\ntomorrow.', broken: 'Today.\n\nTomorrow.' },
  bulletList: { kept: 'Do this:\n\n- call\n- wait', broken: '1. call\n2. wait' },
  numberedList: { kept: '1. call\n2. wait', broken: '- call\n- wait' },
  table: { kept: '| day | open |\n| --- | --- |\n| Mon | yes |', broken: 'day | open' },
  noHeadings: { kept: 'Number #1 is open.', broken: '# Opening hours\nMonday' },
  noLinks: { kept: 'See our page.', broken: 'See [our page](https://example.com).' },
  noCode: { kept: 'Press OK.', broken: 'Press `OK`.' },
};

describe('formatAdherence', () => {
  for (const [rule, { kept, broken }] of Object.entries(texts))
    it(`tells whether ${rule} is kept`, () => {
      const expected = { format: [rule as AnswerFormat] };
      expect(formatAdherence.score(given({ answer: kept, expected })).score).to.equal(1);
      expect(formatAdherence.score(given({ answer: broken, expected }))).to.deep.include({
        score: 0,
        details: { broken: rule },
      });
      expect(formatAdherence.score(given({ answer: ' ', expected })).score).to.equal(0);
    });

  it('is the share of rules kept', () => {
    const format: AnswerFormat[] = ['oneLine', 'noCode', 'noLinks', 'json'];
    const answer = 'Use `x`';
    expect(formatAdherence.score(given({ answer, expected: { format } }))).to.deep.include({
      score: 0.5,
      details: { broken: 'noCode, json' },
    });
  });

  it('is unmeasured, and ends nothing, where an answer is nested too deeply to be read', () => {
    for (const answer of ['> '.repeat(20_000), '1. '.repeat(20_000)])
      expect(formatAdherence.score(given({ answer, expected: { format: ['table'] } }))).to.deep.include({
        score: null,
        reason: 'the answer is nested too deeply to be read as Markdown',
      });
  });

  it('is unmeasured where the case expects none', () =>
    expect(formatAdherence.score(given({ answer: 'x' })).reason).to.equal('the case expects no format'));
});
