import { expect } from 'chai';
import type { ProbeKind } from '../../../../../src/domain/evaluation/behaviour/probe.js';
import type { Scorer } from '../../../../../src/domain/evaluation/scorer.js';
import { given, variants } from '../scoring.js';

/** Holds a behaviour scorer to being unmeasured without probes, and with one probe that has no answer. */
export function expectUnmeasuredWithoutProbes({ scorer, kind }: { scorer: Scorer; kind: ProbeKind }): void {
  expect(scorer.needs).to.include(`variants.${kind}`);
  expect(scorer.score(given({ answer: 'x' })).reason).to.equal(`no probe of the kind ${kind} was asked`);
  const observed = { variants: variants({ kind, answers: ['x', null] }) };
  expect(scorer.score(given({ answer: 'x', observed }))).to.deep.include({
    score: null,
    reason: `1 of 2 probes unanswered, a~${kind}-2: timeout`,
  });
}
