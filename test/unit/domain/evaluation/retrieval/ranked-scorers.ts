import { expect } from 'chai';
import { scorers } from '../../../../../src/domain/evaluation/scorers.js';
import { given, retrievalFixtures } from '../scoring.js';

export const documents = (...ids: string[]) => ({ documents: ids.map((id) => ({ id })) });

/** Holds a metric to what trec_eval says of the same rankings. */
export function expectTrecEval(metric: string): void {
  const rankings = retrievalFixtures();
  expect(rankings).to.have.length.greaterThan(10);
  for (const { documents: found, relevance, scores } of rankings) {
    const one = given({ answer: 'x', relevance, observed: documents(...found) });
    expect(scorers[metric]!.score(one).score, found.join(' ')).to.be.closeTo(scores[metric]!, 1e-12);
  }
}

/** Holds a metric to being unmeasured where nothing is relevant or nothing was recorded. */
export function expectUnmeasuredWithoutInput(metric: string): void {
  const reason = (one: Parameters<typeof given>[0]) => scorers[metric]!.score(given(one)).reason;
  expect(reason({ answer: 'x', observed: documents('a') })).to.equal('the case names no relevant document');
  expect(reason({ answer: 'x', relevance: { a: 0 }, observed: documents('a') })).to.equal(
    'the case names no relevant document',
  );
  expect(reason({ answer: 'x', relevantDocuments: ['a'] })).to.equal('no retrieval was recorded');
  const nothingFound = given({ answer: 'x', relevantDocuments: ['a'], observed: documents() });
  expect(scorers[metric]!.score(nothingFound).score).to.equal(0);
}
