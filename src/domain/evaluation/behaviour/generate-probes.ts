import { digestOf } from '../../release/evidence.js';
import { seededRandom } from '../../statistics/random.js';
import type { GivenAnswer } from '../answer.js';
import { elicitationProbes } from './elicitation-probes.js';
import { injectionProbes } from './injection-probes.js';
import { jailbreakProbes } from './jailbreak-probes.js';
import { letterCaseProbes } from './letter-case-probes.js';
import { negativeFactProbes } from './negative-fact-probes.js';
import { paraphraseProbes } from './paraphrase-probes.js';
import type { Probe, ProbeKind, Variant } from './probe.js';
import type { ProbeGenerator, ProbedCase } from './probe-generator.js';
import { typoProbes } from './typo-probes.js';
import { whitespaceProbes } from './whitespace-probes.js';

const generators: readonly ProbeGenerator[] = [
  elicitationProbes,
  injectionProbes,
  jailbreakProbes,
  letterCaseProbes,
  negativeFactProbes,
  paraphraseProbes,
  typoProbes,
  whitespaceProbes,
];

/** Twelve hexadecimal digits of a digest are a whole number that a seed can be. */
const seedDigits = 12;

/**
 * Probes of the named kinds for every case. Each case and kind has its own random stream, so that adding, removing or
 * changing one case leaves the probes of all others as they were, and with them whatever was stored for them.
 */
export function generateProbes({
  cases,
  kinds,
  seed,
}: {
  cases: readonly ProbedCase[];
  kinds: readonly ProbeKind[];
  seed: number;
}): Probe[] {
  const wanted = generators.filter(({ kind }) => kinds.includes(kind));
  return cases.flatMap((one) =>
    wanted.flatMap((generator) => {
      const { kind } = generator;
      const random = seededRandom(
        Number.parseInt(digestOf({ seed, kind, id: one.id, input: one.input }).slice(0, seedDigits), 16),
      );
      return generator.generate({ case: one, random }).map((probe, index) => ({
        id: `${one.id}~${kind}-${index + 1}`,
        caseId: one.id,
        kind,
        ...probe,
      }));
    }),
  );
}

/** The answers to golden cases, each with the same arm's answers to its probes. A probe without one is unmeasured. */
export function attachVariants<Given extends GivenAnswer>({
  answers,
  probes,
  probeAnswers,
}: {
  answers: readonly Given[];
  probes: readonly Probe[];
  probeAnswers: readonly Pick<GivenAnswer, 'id' | 'answer' | 'reason'>[];
}): (Given & { variants: Variant[] })[] {
  const answerOf = new Map(probeAnswers.map(({ id, answer, reason }) => [id, { answer, reason }]));
  const byCase = new Map<string, Probe[]>();
  for (const probe of probes) {
    const own = byCase.get(probe.caseId);
    if (own) own.push(probe);
    else byCase.set(probe.caseId, [probe]);
  }
  return answers.map((given) => ({
    ...given,
    variants: (byCase.get(given.id) ?? []).map((probe) => ({
      ...probe,
      ...(answerOf.get(probe.id) ?? { answer: null, reason: 'the probe has no answer' }),
    })),
  }));
}
