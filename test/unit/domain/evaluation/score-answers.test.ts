import { expect } from 'chai';
import { aggregate } from '../../../../src/domain/evaluation/aggregate.js';
import { compareSlices } from '../../../../src/domain/evaluation/compare-slices.js';
import { scoreAnswers } from '../../../../src/domain/evaluation/score-answers.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const oneCase = (id: string, tags: Record<string, string> = {}) => ({
  id,
  cluster: id,
  tags,
  input: 'q',
  reference: 'yes',
});
const answer = (id: string, text: string | null, reason: string | null = null) => ({ id, answer: text, reason });

describe('scoreAnswers', () => {
  it('gives every case every metric, unmeasured with its reason, and names answers nobody asked for', () => {
    const { rows, unknown } = scoreAnswers({
      cases: ['a', 'b', 'c', 'd'].map((id) => oneCase(id)),
      answers: [
        answer('a', 'Yes!'),
        answer('b', null, 'timeout'),
        answer('d', 'x'),
        answer('d', 'y'),
        answer('z', 'yes'),
      ],
      metrics: ['exactMatch', 'quasiExactMatch'],
    });
    expect(rows.map((row) => [row.id, row.metric, row.score, row.reason])).to.deep.equal([
      ['a', 'exactMatch', 0, null],
      ['a', 'quasiExactMatch', 1, null],
      ['b', 'exactMatch', null, 'timeout'],
      ['b', 'quasiExactMatch', null, 'timeout'],
      ['c', 'exactMatch', null, 'the case has no answer'],
      ['c', 'quasiExactMatch', null, 'the case has no answer'],
      ['d', 'exactMatch', null, 'the case has more than one answer'],
      ['d', 'quasiExactMatch', null, 'the case has more than one answer'],
    ]);
    expect(unknown).to.deep.equal(['z']);
  });

  it('hands on what was observed, and leaves unmeasured what was not', () => {
    const { rows } = scoreAnswers({
      cases: [oneCase('a'), oneCase('b')],
      answers: [{ ...answer('a', 'x'), milliseconds: 12 }, answer('b', 'x')],
      metrics: ['latencyMs'],
    });
    expect(rows.map(({ score, reason }) => [score, reason])).to.deep.equal([
      [12, null],
      [null, 'no latency was recorded'],
    ]);
  });

  it('compares the answers of an arm with each other, in the order of the cases', () => {
    const { rows } = scoreAnswers({
      cases: ['a', 'b', 'c', 'd'].map((id) => oneCase(id)),
      answers: [answer('d', 'one two three four'), answer('b', 'quite different'), answer('a', 'one two three four')],
      metrics: ['selfBleu', 'exactMatch'],
    });
    const selfBleu = rows.filter(({ metric }) => metric === 'selfBleu');
    expect(selfBleu.map(({ id, score, reason }) => [id, score, reason])).to.deep.equal([
      ['a', 1, null],
      ['b', 0, null],
      ['c', null, 'the case has no answer'],
      ['d', 1, null],
    ]);
    expect(rows).to.have.lengthOf(8);
  });

  it('refuses a metric it does not know', () =>
    expect(() => scoreAnswers({ cases: [], answers: [], metrics: ['f1'] })).to.throw(
      /metric "f1": expected one of answerLength/,
    ));
});

describe('slices', () => {
  const cases = Array.from({ length: 120 }, (_, i) =>
    oneCase(`${i}`, { language: i < 60 ? 'en' : i < 115 ? 'de' : `x${i}` }),
  );
  const rows = (harm: number) => {
    const draw = draws(2);
    return cases.map(({ id, cluster, tags }) => {
      const score = 0.6 + 0.1 * draw.normal() - (tags.language === 'de' ? harm : 0);
      return { id, cluster, tags, metric: 'tokenF1', score, reason: null, details: {} };
    });
  };

  it('have means of their own; those with few cases are pooled', () => {
    const means = aggregate({ rows: rows(0.2), slices: ['language'] });
    expect(means.map((one) => [one.slice?.value ?? 'all', one.n])).to.deep.equal([
      ['all', 120],
      ['de', 55],
      ['en', 60],
      ['other', 5],
    ]);
    expect(means[1]!.mean).to.be.closeTo(0.4, 0.05);
  });

  it('are named as harmed only where that is significant after adjustment', () => {
    const noise = draws(8);
    const champion = rows(0);
    const challenger = rows(0.2).map((row) => ({ ...row, score: row.score + 0.05 * noise.normal() }));
    const slices = compareSlices({
      champion,
      challenger,
      metrics: ['tokenF1'],
      slices: ['language'],
      alpha: 0.05,
      seed: 1,
    });
    expect(slices.filter((one) => one.harmed).map((one) => one.value)).to.deep.equal(['de']);
    expect(slices.find((one) => one.value === 'de')!.high).to.be.lessThan(0);
    expect(slices.find((one) => one.value === 'other')).to.deep.include({ n: 5, harmed: false });
  });
});
