import { expect } from 'chai';
import type { ScoreRow } from '../../../../src/domain/evaluation/score-answers.js';
import { digestOf } from '../../../../src/domain/release/evidence.js';
import { decideGates, type GateComparison } from '../../../../src/domain/release/gates.js';
import type { Rules } from '../../../../src/domain/release/rules.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

/** Scores of three metrics in clusters of two: one even, one yes/no and rare, one with holes. */
function arm({ mean, seed }: { mean: number; seed: number }): ScoreRow[] {
  const draw = draws(seed);
  return Array.from({ length: 120 }, (_, i) => {
    const plain = { id: `${i}`, cluster: `${Math.floor(i / 2)}`, tags: {}, details: {} };
    const even = mean + 0.15 * draw.normal();
    return [
      { ...plain, metric: 'tokenF1', score: Math.min(1, Math.max(0, even)), reason: null },
      { ...plain, metric: 'hallucination', score: Number(draw.chance(0.03)), reason: null },
      { ...plain, metric: 'rougeL', score: i === 7 ? null : even / 2, reason: i === 7 ? 'no answer' : null },
    ];
  }).flat();
}

/** What version 0.1.0 recorded of a decision, or a later one by its own rules. */
function decide(decision: 'superior' | 'nonInferior', challenger: number, rules?: Rules) {
  const { verdict, verdicts, comparisons } = decideGates({
    gates: [
      { metric: 'tokenF1', min: 0.65 },
      { metric: 'hallucination', max: 0.25 },
      { metric: 'rougeL', min: 0.3, on: 'point' },
      { metric: 'coherence', min: 4 },
    ],
    comparison: {
      decision,
      primary: [{ metric: 'tokenF1', kind: 'relative', minimumEffect: 0.05 }],
      nonInferiorityMargin: 0.05,
      guardrails: [
        { metric: 'hallucination', kind: 'absolute', margin: 0.02 },
        { metric: 'rougeL', kind: 'relative', margin: 0.05 },
      ],
    },
    scores: arm({ mean: challenger, seed: 1 }),
    baselineScores: arm({ mean: 0.4, seed: 2 }),
    championScores: arm({ mean: 0.7, seed: 3 }),
    ...{ alpha: 0.05, unmeasuredLimit: 0.02, seed: 1, evidence: null, resamples: 1999 },
    ...(rules && { rules }),
  });
  return { verdict, verdicts, comparisons: comparisons.map(asRecorded) };
}

/** Version 0.1.0 named no standard error. */
function asRecorded({ result, ...one }: GateComparison): object {
  if (result === null) return { ...one, result };
  const { standardError, ...known } = result;
  expect(standardError).to.be.greaterThan(0);
  return { ...one, result: known };
}

/**
 * Digests of decisions as version 0.1.0 recorded them. They never change: a later version that decides otherwise on the
 * same scores needs a new name for its rules.
 */
describe('recorded decisions', () => {
  for (const [decision, challenger, digest] of [
    ['superior', 0.8, '54a151be5e0270b266b18286e3ff531499a64f948e9d398fabf59dc803cabfe0'],
    ['superior', 0.72, 'be89e3fb275683b8ffd880d4174af114d91d36b60e773d4e778b74ba0aa4d896'],
    ['nonInferior', 0.7, 'df338e5e878a44cf66e73c34342157b4cf1a45bf6601c9aaed2b14c6fa58510e'],
    ['nonInferior', 0.5, '11cf562a01cf31b72f8d54245336b06fb424d1676ccb0db5e21f7c9e15dfc977'],
  ] as const)
    it(`recompute bit for bit: ${decision}, mean ${challenger}`, () => {
      expect(digestOf(decide(decision, challenger))).to.equal(digest);
    });

  for (const [decision, challenger, digest] of [
    ['superior', 0.8, 'e37cca10cc4bb4ee9f5a48c8dfe85ee1193171f2b89408f12faeb6f95dd8a9ee'],
    ['superior', 0.72, 'd86ec06155e46c7dccb66cc2a7761b88626f748edff16858470724741797c750'],
    ['nonInferior', 0.7, '814d239a6ba97b8b47d6257e73d3b38c6247626f33839dbf56d6da5767dd963a'],
    ['nonInferior', 0.5, 'b4f1f760679952ef1fdc1d8289756d89a32fe67ec9961feef66c5398a8a1ce77'],
  ] as const)
    it(`recompute bit for bit by rules 4: ${decision}, mean ${challenger}`, () => {
      expect(digestOf(decide(decision, challenger, 4))).to.equal(digest);
    });
});
