import { expect } from 'chai';
import {
  clusterDisagreements,
  disagreeingPair,
  disagreementOf,
  type DisagreeingPair,
} from '../../../../../src/domain/rollout/shadow/disagreements.js';
import { observePair } from '../../../../../src/domain/rollout/shadow/observe-pair.js';
import { pair, row } from './rows.js';

describe('observing a pair', () => {
  it('measures both answers and what they share', () => {
    const seen = observePair({ pair: pair(), counted: true });
    expect(seen.challenger).to.include({ words: 5, error: null, empty: false, refused: false, latencyMs: 300 });
    expect(seen.similarity).to.be.closeTo(8 / 9, 1e-9);
    expect(seen).to.include({ counted: true, preference: null });
  });

  it('knows failures, empty answers and refusals', () => {
    const failed = observePair({
      pair: pair({ challenger: { error: { kind: 'timeout', message: 'over 30 s' }, latencyMs: 30_000 } }),
      counted: false,
    });
    expect(failed.challenger).to.include({ error: 'timeout', words: 0 });
    expect(failed.similarity).to.equal(null);
    const refused = observePair({
      pair: pair({ champion: { answer: "I'm sorry, I can't help with that." } }),
      counted: true,
    });
    expect(refused.champion.refused).to.equal(true);
    const empty = observePair({ pair: pair({ champion: { answer: '  ' } }), counted: true });
    expect(empty.champion).to.include({ empty: true, words: 0 });
  });
});

describe('disagreements of a shadow', () => {
  it('names the first way in which two answers disagree', () => {
    expect(disagreementOf(row(1))).to.equal(null);
    expect(disagreementOf(row(1, { similarity: 0.1 }))).to.equal('the answers share few words');
    expect(disagreementOf(row(1, { preference: 0 }))).to.equal('the judge prefers the champion');
    expect(disagreementOf(row(1, { preference: 1 }))).to.equal('the judge prefers the challenger');
    expect(disagreementOf(row(1, { preference: 0, challenger: { refused: true } }))).to.equal(
      'only the challenger refused',
    );
    expect(disagreementOf(row(1, { challenger: { error: 'timeout' } }))).to.equal('the challenger failed');
    expect(disagreeingPair({ pair: pair(), row: row(1) })).to.equal(null);
  });

  const disagreeing = (
    id: string,
    question: string,
    kind: DisagreeingPair['kind'] = 'only the challenger refused',
  ) => ({
    ...{ id, kind, question, championAnswer: 'yes', challengerAnswer: 'no' },
  });

  it('puts questions with the same words together, largest first, with ten examples in all', () => {
    const refunds = Array.from({ length: 12 }, (_, n) => disagreeing(`r${n}`, `How do I get a refund for order ${n}?`));
    const addresses = Array.from({ length: 3 }, (_, n) =>
      disagreeing(`a${n}`, `Change the delivery address number ${n} please`),
    );
    const clusters = clusterDisagreements([
      ...addresses,
      ...refunds,
      disagreeing('x', 'hello', 'the challenger failed'),
    ]);
    expect(clusters.map(({ pairs }) => pairs)).to.deep.equal([12, 3, 1]);
    expect(clusters[0]!.words).to.include('refund');
    expect(clusters.map(({ examples }) => examples.length)).to.deep.equal([6, 3, 1]);
    expect(clusters.map(({ kind }) => kind)).to.deep.equal([
      'only the challenger refused',
      'only the challenger refused',
      'the challenger failed',
    ]);
  });

  it('has no cluster of nothing', () => {
    expect(clusterDisagreements([])).to.deep.equal([]);
  });
});
