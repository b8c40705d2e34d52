import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { play, verdicts } from './judging.js';

const said = z.array(z.union([z.literal(0), z.literal(1)]));
const texts = z.array(z.string());
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        ...{ claims: texts, referenceClaims: texts, documents: texts },
        ...{
          faithful: said,
          relevant: said,
          correct: said,
          covered: said,
          found: said,
          useful: said,
          contradicted: said,
        },
        ragas: z.record(z.string(), z.number()),
        deepeval: z.record(z.string(), z.number()),
      }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(new URL('../../../../fixtures/scorers/judged-metrics.json', import.meta.url), 'utf8'),
    ) as unknown,
  );

const asVerdicts = (all: readonly (0 | 1)[]) => verdicts(...all.map((one) => (one === 1 ? 'yes' : 'no')));

describe('judged metrics beside Ragas and DeepEval', () => {
  it('make the same of the same verdicts, case by case', () => {
    expect(cases).to.have.length(12);
    for (const one of cases) {
      const claims = { claims: one.claims };
      const wanted = { claims: one.referenceClaims };
      const input = { documents: one.documents };
      const scoreOf = (metric: Parameters<typeof play>[0]['metric'], replies: readonly unknown[]): number =>
        play({ metric, input, replies }).score.score!;
      const faithfulness = scoreOf('faithfulness', [claims, asVerdicts(one.faithful)]);
      expect(faithfulness).to.be.closeTo(one.ragas['faithfulness']!, 1e-9);
      expect(faithfulness).to.be.closeTo(one.deepeval['faithfulness']!, 1e-9);
      const relevancy = scoreOf('answerRelevancy', [claims, asVerdicts(one.relevant)]);
      expect(relevancy).to.be.closeTo(one.deepeval['answerRelevancy']!, 1e-9);
      const precision = scoreOf('contextualPrecision', [asVerdicts(one.useful)]);
      expect(precision).to.be.closeTo(one.ragas['contextualPrecision']!, 1e-9);
      expect(precision).to.be.closeTo(one.deepeval['contextualPrecision']!, 1e-9);
      const recall = scoreOf('contextualRecall', [wanted, asVerdicts(one.found)]);
      expect(recall).to.be.closeTo(one.ragas['contextualRecall']!, 1e-9);
      expect(recall).to.be.closeTo(one.deepeval['contextualRecall']!, 1e-9);
      const hallucination = scoreOf('hallucination', [asVerdicts(one.contradicted)]);
      expect(hallucination).to.be.closeTo(1 - one.deepeval['agreementWithContexts']!, 1e-9);
    }
  });

  it('take recall from the reference in correctness, where Ragas counts the right claims of the answer twice', () => {
    const count = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0);
    for (const { claims, referenceClaims, correct, covered, ragas } of cases) {
      const replies = [{ claims }, asVerdicts(correct), { claims: referenceClaims }, asVerdicts(covered)];
      const { score } = play({ metric: 'correctness', replies }).score;
      const [right, found] = [count(correct), count(covered)];
      const [precision, recall] = [right / claims.length, found / referenceClaims.length];
      const f1 = (one: number, other: number): number => (one + other === 0 ? 0 : (2 * one * other) / (one + other));
      expect(score).to.be.closeTo(f1(precision, recall), 1e-9);
      const lost = referenceClaims.length - found;
      // Ragas rounds to two digits.
      expect(ragas['correctness']).to.be.closeTo(f1(precision, right === 0 ? 0 : right / (right + lost)), 0.0051);
    }
  });
});
