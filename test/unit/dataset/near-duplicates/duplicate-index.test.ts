import { expect } from 'chai';
import fc from 'fast-check';
import { createDuplicateIndex } from '../../../../src/domain/dataset/near-duplicates/duplicate-index.js';
import { duplicateKinds } from '../../../../src/domain/dataset/near-duplicates/duplicate-resolution.js';
import { copiedReviews, exactJaccard, type Row, similarPairs } from './brute-force.js';

function resolve(rows: readonly Row[], settings: { threshold?: number; seed?: number } = {}) {
  const index = createDuplicateIndex({ seed: 1, ...settings });
  for (const row of rows) index.add(row);
  return index.resolve();
}

const rowsOf = (texts: readonly string[]): Row[] => texts.map((text) => ({ text, helpfulness: 0 }));
const sentence =
  'the blue dress fits well and the cloth feels soft on the skin even after many hours of wear in summer heat';

describe('duplicate index', () => {
  it('keeps the most helpful of rows with the same words, of equals the first', () => {
    const { winner, kind } = resolve([
      { text: 'Lovely dress, fits well!', helpfulness: 1 },
      { text: 'lovely DRESS fits well', helpfulness: 4 },
      { text: 'Lovely dress. Fits well.', helpfulness: 4 },
      { text: 'Another dress altogether, too long', helpfulness: 0 },
    ]);
    expect([...winner]).to.deep.equal([1, 1, 1, 3]);
    expect([...kind]).to.deep.equal([
      duplicateKinds.exact,
      duplicateKinds.kept,
      duplicateKinds.exact,
      duplicateKinds.kept,
    ]);
  });

  it('finds a near-duplicate whatever the order, and keeps the more helpful one', () => {
    const near = `${sentence} today`;
    expect(exactJaccard(sentence, near)).to.be.above(0.85);
    for (const [first, second, kept] of [
      [9, 2, 0],
      [2, 9, 1],
    ] as const) {
      const { winner, kind } = resolve([
        { text: sentence, helpfulness: first },
        { text: near, helpfulness: second },
      ]);
      expect([...winner]).to.deep.equal([kept, kept]);
      expect(kind[1 - kept]).to.equal(duplicateKinds.near);
    }
  });

  it('counts rows that say the same as a dropped one as near-duplicates of the row that stays', () => {
    const near = `${sentence} today`;
    const { winner, kind } = resolve([
      { text: near, helpfulness: 1 },
      { text: near.toUpperCase(), helpfulness: 0 },
      { text: sentence, helpfulness: 5 },
    ]);
    expect([...winner]).to.deep.equal([2, 2, 2]);
    expect([...kind]).to.deep.equal([duplicateKinds.near, duplicateKinds.near, duplicateKinds.kept]);
  });

  it('does not let a chain of small changes swallow texts that differ', () => {
    const words = sentence.split(' ');
    const chain = Array.from({ length: 8 }, (_, step) =>
      [...words, ...Array<string>(step).fill('and more of it')].join(' '),
    );
    const rows = rowsOf(chain);
    const { winner } = resolve(rows);
    for (const [row, kept] of winner.entries())
      if (row !== kept) expect(exactJaccard(chain[row]!, chain[kept]!)).to.be.at.least(0.85);
    expect(new Set(winner).size).to.be.above(1);
  });

  it('takes texts without words as they are: only the same one is a duplicate', () => {
    const { winner } = resolve(rowsOf(['!!!', '???', '!!!', '', '👍', '']));
    expect([...winner]).to.deep.equal([0, 1, 0, 3, 4, 3]);
  });

  it('takes a text of one or two words as a whole', () => {
    const { winner } = resolve(rowsOf(['very good', 'very bad', 'Very good.', 'good']));
    expect([...winner]).to.deep.equal([0, 1, 0, 3]);
  });

  it('reads words as the other steps do, in any script', () => {
    const { winner } = resolve(
      rowsOf([
        "Don't stop, größe ﬁts 𝒳",
        'DON’T stop',
        "don't stop größe fits x",
        '東京 タワー',
        'don t stop',
        "don't STOP",
      ]),
    );
    expect([...winner]).to.deep.equal([0, 1, 0, 3, 4, 5]);
  });

  it('refuses rows after it was resolved', () => {
    const index = createDuplicateIndex({ seed: 1 });
    index.add({ text: 'one', helpfulness: 0 });
    index.resolve();
    expect(() => index.add({ text: 'two', helpfulness: 0 })).to.throw('make a new one');
    expect(() => index.resolve()).to.throw('resolved already');
    expect([...createDuplicateIndex({ seed: 1 }).resolve().winner]).to.deep.equal([]);
  });
});

describe('duplicate index against brute force', function () {
  this.timeout(60_000);

  /** Recall: of the pairs that are near-duplicates, those of which not both stay. Precision: dropped rows that are right. */
  function measured({ rows, threshold }: { rows: Row[]; threshold: number }) {
    const { winner, kind } = resolve(rows, { threshold });
    const pairs = similarPairs({ rows, threshold });
    const resolved = pairs.filter(([one, other]) => winner[one] !== one || winner[other] !== other).length;
    const dropped = [...winner.entries()].filter(([row]) => kind[row] !== duplicateKinds.kept);
    const right = dropped.filter(([row, kept]) => exactJaccard(rows[row]!.text, rows[kept]!.text) >= threshold).length;
    return {
      pairs: pairs.length,
      dropped: dropped.length,
      recall: resolved / pairs.length,
      precision: right / dropped.length,
    };
  }

  it('is exact but for LSH on texts of up to 41 words', () => {
    const { pairs, dropped, recall, precision } = measured({
      rows: copiedReviews({ seed: 11, rows: 3_000, words: [8, 40] }),
      threshold: 0.85,
    });
    expect(pairs).to.be.above(100);
    expect(dropped).to.be.above(100);
    expect(recall).to.be.at.least(0.995);
    expect(precision).to.equal(1);
  });

  it('errs little on long texts, of which a sketch is compared', () => {
    const { pairs, recall, precision } = measured({
      rows: copiedReviews({ seed: 12, rows: 2_000, words: [60, 250] }),
      threshold: 0.85,
    });
    expect(pairs).to.be.above(100);
    expect(recall).to.be.at.least(0.98);
    expect(precision).to.be.at.least(0.95);
  });

  it('holds at other thresholds', () => {
    for (const threshold of [0.6, 0.95]) {
      const { recall, precision } = measured({
        rows: copiedReviews({ seed: 13, rows: 1_000, words: [8, 50] }),
        threshold,
      });
      expect(recall, `recall at ${threshold}`).to.be.at.least(0.99);
      expect(precision, `precision at ${threshold}`).to.equal(1);
    }
  });
});

describe('duplicate index, always', () => {
  const word = fc.constantFrom('red', 'dress', 'fits', 'well', 'too', 'long', 'soft', 'é');
  const rows = fc.array(
    fc.record({
      text: fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
      helpfulness: fc.integer({ min: 0, max: 3 }),
    }),
    { maxLength: 60 },
  );

  it('drops a row only for a more helpful near-duplicate that stays', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: 1000 }), (sample, seed) => {
        const { winner, kind } = resolve(sample, { seed });
        for (const [row, kept] of winner.entries()) {
          expect(winner[kept]).to.equal(kept);
          expect(kind[row] === duplicateKinds.kept).to.equal(row === kept);
          if (row === kept) continue;
          expect(sample[kept]!.helpfulness).to.be.at.least(sample[row]!.helpfulness);
          const same = exactJaccard(sample[row]!.text, sample[kept]!.text);
          expect(same >= 0.85 || sample[row]!.text === sample[kept]!.text).to.equal(true);
        }
      }),
    );
  });

  it('gives the same result twice and takes at most 300 bytes a row', () => {
    const sample = copiedReviews({ seed: 5, rows: 6_000, words: [5, 200] });
    const index = createDuplicateIndex({ seed: 2 });
    for (const row of sample) index.add(row);
    expect(index.rows).to.equal(6_000);
    expect(index.bytes / index.rows).to.be.at.most(300);
    const { winner } = index.resolve();
    expect([...winner]).to.deep.equal([...resolve(sample, { seed: 2 }).winner]);
  });
});
