import { expect } from 'chai';
import fc from 'fast-check';
import { wordDifference } from '../../../src/domain/report/word-diff.js';

const joined = (stretches: readonly { text: string }[]): string => stretches.map(({ text }) => text).join('');

describe('word difference', () => {
  it('marks the words that differ and no others', () => {
    const { before, after } = wordDifference({ before: 'It arrives tomorrow.', after: 'It arrives on Monday.' });
    expect(before.filter((one) => !one.same).map((one) => one.text)).to.deep.equal(['tomorrow']);
    expect(after.filter((one) => !one.same).map((one) => one.text)).to.deep.equal(['on Monday']);
  });

  it('keeps both texts whole, in every script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        const shown = wordDifference({ before, after });
        expect(joined(shown.before)).to.equal(before);
        expect(joined(shown.after)).to.equal(after);
      }),
    );
    expect(wordDifference({ before: '明日届きます', after: '今日届きます' }).after[0]).to.deep.equal({
      text: '今日',
      same: false,
    });
  });

  it('marks nothing in texts that share next to nothing', () => {
    const text = (word: string): string => Array.from({ length: 900 }, (_, index) => `${word}${index}`).join(' ');
    const { before } = wordDifference({ before: text('a'), after: text('b') });
    expect(before).to.deep.equal([{ text: text('a'), same: true }]);
    const few = wordDifference({ before: 'It arrives tomorrow.', after: 'Sorry, nobody knows that.' });
    expect(few.after).to.deep.equal([{ text: 'Sorry, nobody knows that.', same: true }]);
  });
});
