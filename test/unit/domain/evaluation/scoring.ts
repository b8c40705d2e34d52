import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Observations } from '../../../../src/domain/evaluation/answer.js';
import type { Probe, ProbeKind, Variant } from '../../../../src/domain/evaluation/behaviour/probe.js';
import type { AnswerToScore, ScoredInput } from '../../../../src/domain/evaluation/scorer.js';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/scorers/${name}`, import.meta.url), 'utf8'));

/** What sacrebleu and rouge-score say, made by test/fixtures/scorers/make_metric_fixtures.py. */
export const textFixtures = () =>
  z
    .object({
      pairs: z.array(
        z.object({
          answer: z.string(),
          reference: z.string(),
          bleu: z.number(),
          chrf: z.number(),
          rouge1: z.number().optional(),
          rouge2: z.number().optional(),
        }),
      ),
      selfBleu: z.array(z.object({ answers: z.array(z.string()), scores: z.array(z.number()) })),
    })
    .parse(fixture('text-metrics.json'));

/** What trec_eval says, made by the same script. */
export const retrievalFixtures = () =>
  z
    .array(
      z.object({
        documents: z.array(z.string()),
        relevance: z.record(z.string(), z.number()),
        scores: z.record(z.string(), z.number()),
      }),
    )
    .parse(fixture('retrieval-metrics.json'));

/** An answer to an ordinary case. */
export const given = ({
  answer,
  observed = {},
  ...one
}: Partial<ScoredInput> & { answer: string; observed?: Observations }): AnswerToScore => ({
  ...observed,
  answer,
  case: { input: 'Where is my parcel?', reference: 'It arrives tomorrow.', ...one },
});

/** Answers to probes of one kind. */
export const variants = ({
  kind,
  answers,
  marks = [],
}: {
  kind: ProbeKind;
  answers: readonly (string | null)[];
  marks?: Probe['marks'];
}): Variant[] =>
  answers.map((answer, index) => ({
    id: `a~${kind}-${index + 1}`,
    caseId: 'a',
    kind,
    style: `style${index + 1}`,
    input: 'changed',
    marks,
    answer,
    reason: answer === null ? 'timeout' : null,
  }));
