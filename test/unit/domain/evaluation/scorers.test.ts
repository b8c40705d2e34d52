import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { z } from 'zod';
import { probeKinds } from '../../../../src/domain/evaluation/behaviour/probe.js';
import { metricShape, scorers, setScorers } from '../../../../src/domain/evaluation/scorers.js';
import { normaliseAnswer } from '../../../../src/domain/evaluation/words.js';
import { given } from './scoring.js';

/** What SQuAD's script and rouge-score say, made by test/fixtures/scorers/make_fixtures.py. */
const fixtures = z
  .array(z.record(z.string(), z.union([z.string(), z.number()])))
  .parse(JSON.parse(readFileSync(new URL('../../../fixtures/scorers/scorers.json', import.meta.url), 'utf8')));

const score = (metric: string, answer: string, reference: string, expectedTopics?: string[]) =>
  scorers[metric]!.score({ case: { input: '', reference, expectedTopics }, answer });

describe('scorers', () => {
  for (const metric of ['tokenF1', 'quasiExactMatch', 'rougeL'])
    it(`${metric} agrees with the published scripts`, () => {
      expect(fixtures).to.have.length.greaterThan(5);
      // rouge-score gives 0 where the reference has no word; here that is unmeasured.
      const pairs = fixtures.filter((one) => metric !== 'rougeL' || /\w/.test(String(one.reference)));
      for (const one of pairs)
        expect(score(metric, String(one.answer), String(one.reference)).score, String(one.answer)).to.be.closeTo(
          Number(one[metric]),
          1e-12,
        );
    });

  it('are registered under their own metric, with a shape', () => {
    for (const [metric, scorer] of Object.entries({ ...scorers, ...setScorers }))
      expect(scorer.metric).to.equal(metric);
    expect(metricShape('selfBleu').better).to.equal('lower');
    expect(metricShape('tokenF1')).to.deep.include({ better: 'higher', range: { low: 0, high: 1 } });
    expect(metricShape('toxicity').better).to.equal('lower');
    expect(metricShape('answerLength').range).to.equal(null);
    expect(metricShape('own')).to.deep.equal({ better: 'higher', range: { low: 0, high: 1 } });
  });

  it('stay within their range, are at their best for the reference itself, and never throw, whatever the text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.lorem());
    fc.assert(
      fc.property(text, text, (answer, reference) => {
        for (const { metric, range } of Object.values(scorers)) {
          const { score: value } = score(metric, answer, reference);
          if (value !== null && range) expect(value, metric).to.be.within(range.low, range.high);
        }
        for (const metric of ['tokenF1', 'exactMatch', 'quasiExactMatch', 'wordPrecision', 'wordRecall'])
          expect(score(metric, reference, reference).score, metric).to.equal(1);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('are unmeasured with a reason, never 0, where what they need is missing', () => {
    const needy = Object.values(scorers).filter(({ needs }) => needs.some((need) => need !== 'reference'));
    expect(needy).to.have.length.greaterThan(20);
    for (const scorer of needy) {
      const { score: value, reason } = scorer.score(given({ answer: 'x' }));
      expect(value, scorer.metric).to.equal(null);
      expect(reason, scorer.metric).to.be.a('string').and.not.equal('');
    }
  });

  it('stay within their range with everything observed, whatever the texts', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.lorem());
    const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 3 }), ids, ids, (answer, others, found, relevantDocuments) => {
        const variants = probeKinds.flatMap((kind) =>
          others.map((other, index) => ({
            ...{ id: `${kind}-${index}`, caseId: 'a', kind, style: 's', input: 'i', marks: [other.slice(0, 4)] },
            ...{ answer: other, reason: null },
          })),
        );
        const observed = { documents: found.map((id) => ({ id, text: answer })), variants };
        for (const { metric, range, score: scoreOne } of Object.values(scorers)) {
          const { score: value } = scoreOne(given({ answer, relevantDocuments, observed }));
          if (value !== null && range) expect(value, metric).to.be.within(range.low, range.high);
        }
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('are all in the table of docs/scorers.md, with their range', () => {
    const table = readFileSync(new URL('../../../../docs/scorers.md', import.meta.url), 'utf8');
    for (const { metric, range, better } of [...Object.values(scorers), ...Object.values(setScorers)]) {
      const row = table.split('\n').find((line) => line.startsWith(`| \`${metric}\` `));
      expect(row, metric).to.be.a('string');
      expect(row, metric).to.contain(range ? `${range.low} to ${range.high}` : 'from 0');
      expect(row, metric).to.contain(better);
    }
  });

  it('compare words of every script', () => {
    expect(score('tokenF1', 'Größe: ÜBER', 'größe über').score).to.equal(1);
    expect(score('tokenF1', 'cafe\u0301', 'café').score).to.equal(1);
    expect(score('tokenF1', '配達は明日です', '配達は今日です').score).to.be.closeTo(6 / 7, 1e-12);
    expect(score('quasiExactMatch', '¿Dónde está?', 'dónde está').score).to.equal(1);
    expect(normaliseAnswer('Ｔｈｅ　Box')).to.equal('box');
  });

  it('see no word in what is not seen: marks of emoji, soft hyphens, marks of direction', () => {
    for (const [answer, reference] of [
      ['Danke ❤️', 'Danke'],
      ['👨‍👩‍👧 Family', 'family'],
      ['1️⃣ First', '1 first'],
      ['Danke\u200b \u200f', 'danke'],
      ['Ver\u00adsand', 'Versand'],
      ['می\u200cخواهم', 'می خواهم'],
    ] as const)
      for (const metric of ['tokenF1', 'quasiExactMatch', 'rouge1', 'rougeL', 'contains'])
        expect(score(metric, answer, reference).score, `${metric} of ${answer}`).to.equal(1);
    expect(score('answerLength', '❤️ Danke', '').score).to.equal(1);
  });

  it('tell texts of signs alone from each other and from nothing', () => {
    for (const metric of ['tokenF1', 'quasiExactMatch', 'wordPrecision', 'wordRecall']) {
      for (const [answer, reference] of [
        ['👎', '👍'],
        ['', '👍'],
        ['!!!', '👍'],
        ['👍', 'the'],
      ] as const)
        expect(score(metric, answer, reference).score, `${metric} of ${answer}`).to.equal(0);
      expect(score(metric, ' ❤️ ', '❤').score, metric).to.equal(1);
    }
  });

  it('tell exact from quasi-exact', () => {
    expect(score('exactMatch', ' Yes. ', 'Yes.').score).to.equal(1);
    expect(score('exactMatch', 'yes', 'Yes.').score).to.equal(0);
    expect(score('quasiExactMatch', 'yes', 'Yes.').score).to.equal(1);
  });

  it('look for the whole reference, word by word', () => {
    expect(score('contains', 'The cutoff is 14:00, daily.', '14:00').score).to.equal(1);
    expect(score('contains', 'The cutoff is 114:00.', '14:00').score).to.equal(0);
    expect(score('contains', 'anything', '...').score).to.equal(null);
  });

  it('measure expected topics only where a case expects some', () => {
    expect(score('expectedTopics', 'Refunds take five days', '', ['five days', 'bank transfer'])).to.deep.include({
      score: 0.5,
      details: { missing: 'bank transfer' },
    });
    expect(score('expectedTopics', 'Refunds', '')).to.deep.include({
      score: null,
      reason: 'the case expects no topics',
    });
  });

  it('know a refusal from an apology', () => {
    for (const text of [
      "I'm sorry, but I can't help with that.",
      'I cannot provide this information.',
      'As an AI language model, I do not know.',
      'I’m unable to assist with that request.',
      "I don't have access to your account.",
    ])
      expect(score('refusal', text, '').score, text).to.equal(1);
    for (const text of ["I'm sorry that your parcel is late; it arrives tomorrow.", 'We cannot deliver on Sundays.'])
      expect(score('refusal', text, '').score, text).to.equal(0);
  });

  it('count words and characters', () =>
    expect(score('answerLength', 'Two words 👍', '')).to.deep.include({ score: 2, details: { characters: 11 } }));
});
