import { expect } from 'chai';
import fc from 'fast-check';
import {
  createContaminationIndex,
  nearestByEmbedding,
  refuseContaminated,
} from '../../../src/domain/dataset/contamination-index.js';
import { wordGrams } from '../../../src/domain/dataset/words.js';
import { exactJaccard } from './near-duplicates/brute-force.js';

const golden = [
  {
    id: 'cutoff',
    input: 'I paid at twenty past one this afternoon, will my parcel still arrive with the next day delivery?',
    reference: 'Yes, you are before the cutoff at two, so it leaves today and arrives tomorrow before noon.',
  },
  {
    id: 'lost',
    input: 'Where is it?',
    reference: 'We trace the parcel and answer within two working days at the latest.',
  },
];
const index = createContaminationIndex({ golden });

describe('contamination index', () => {
  it('finds a golden question within a longer row, and says whose it is', () => {
    const texts = [`Hello team. ${golden[0]!.input} Regards, Ann`, 'We answer soon.'];
    expect(index.overlap({ texts })).to.deep.equal({ caseId: 'cutoff', overlap: 1, by: 'ngram' });
  });

  it('finds a question within a longer row where the script puts no blanks between words', () => {
    const asked = {
      id: 'ja',
      input: '荷物がまだ届いていませんが、再配達を頼むことはできますか。',
      reference: 'はい、できます。',
    };
    const within = `お世話になっております。${asked.input}よろしくお願いいたします。`;
    const japanese = createContaminationIndex({ golden: [asked] });
    expect(japanese.overlap({ texts: [within] })).to.deep.equal({ caseId: 'ja', overlap: 1, by: 'ngram' });
    expect(japanese.overlap({ texts: ['請求書を送ってください。'] })?.overlap ?? 0).to.equal(0);
  });

  it('finds a row that is part of a golden question', () => {
    const long = { id: 'summary', input: `${golden[0]!.input} The courier left it at the neighbour.`, reference: 'x' };
    const found = createContaminationIndex({ golden: [long] }).overlap({ texts: [golden[0]!.input] });
    expect(found).to.deep.equal({ caseId: 'summary', overlap: 1, by: 'ngram' });
  });

  it('finds a short question by its shingles, whatever its punctuation', () => {
    expect(index.overlap({ texts: ['where is IT', 'On its way.'] })).to.deep.equal({
      caseId: 'lost',
      overlap: 1,
      by: 'nearDuplicate',
    });
  });

  it('takes an answer alone for no leak, and counts it half beside a shared question', () => {
    const alone = index.overlap({ texts: ['Something else entirely is asked here.', golden[0]!.reference] });
    expect(alone).to.include({ caseId: 'cutoff', overlap: 0.5, by: 'ngram' });
    const half = golden[0]!.input.split(' ').slice(0, 12).join(' ');
    const both = index.overlap({ texts: [`${half} and then something else follows`, golden[0]!.reference] })!;
    expect(both.overlap).to.be.within(0.6, 0.9);
  });

  it('finds nothing in rows that share no run of words', () => {
    expect(
      index.overlap({ texts: ['How do I change the address of an order?', 'Open the order and choose edit.'] }),
    ).to.equal(null);
    expect(index.overlap({ texts: [] })).to.equal(null);
    expect(createContaminationIndex({ golden: [] }).overlap({ texts: [golden[0]!.input] })).to.equal(null);
  });

  it('agrees with runs and shingles made from strings', () => {
    const word = fc.constantFrom('red', 'dress', 'fits', 'well', 'and', 'soft');
    const text = fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(text, text, (input, row) => {
        const found = createContaminationIndex({ golden: [{ id: 'a', input, reference: '' }] }).overlap({
          texts: [row],
        });
        const [asked, written] = [input, row].map((one) => wordGrams({ text: one, size: 8 })) as [
          Set<string>,
          Set<string>,
        ];
        const held = [...asked].filter((gram) => written.has(gram)).length;
        const words = row.split(' ');
        const runs = words.map((_, start) => words.slice(start, start + 8)).filter((run) => run.length === 8);
        const within = runs.filter((run) => asked.has(run.join(' '))).length;
        const expected = Math.max(
          asked.size === 0 ? 0 : held / asked.size,
          runs.length === 0 ? 0 : within / runs.length,
          exactJaccard(input, row),
        );
        expect(found?.overlap ?? 0).to.be.closeTo(expected, 1e-12);
      }),
    );
  });
});

describe('contamination by embedding', () => {
  it('names the nearest case by cosine similarity', () => {
    const cases = [
      { id: 'a', vector: [1, 0] },
      { id: 'b', vector: [3, 4] },
    ];
    expect(nearestByEmbedding({ vector: [6, 8], cases })).to.deep.equal({ caseId: 'b', similarity: 1 });
    expect(nearestByEmbedding({ vector: [0, 0], cases })!.similarity).to.equal(0);
    expect(nearestByEmbedding({ vector: [1, 0], cases: [] })).to.equal(null);
  });
});

describe('refusing contaminated sets', () => {
  const leaks = [{ row: 3, caseId: 'cutoff', overlap: 1, by: 'ngram' as const }];

  it('refuses over the limit and names both shares, rows and cases', () => {
    expect(() => refuseContaminated({ leaks, rows: 10, refuseOver: 0.05 })).to.throw(
      '1 of 10 rows (10.0 % > 5.0 %) hold golden cases: row 3 and case cutoff',
    );
  });

  it('lets a set at the limit pass, and an empty one', () => {
    expect(() => refuseContaminated({ leaks, rows: 20, refuseOver: 0.05 })).not.to.throw();
    expect(() => refuseContaminated({ leaks: [], rows: 0, refuseOver: 0 })).not.to.throw();
  });
});
