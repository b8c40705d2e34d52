import { parse } from 'yaml';
import { z } from 'zod';
import { digestOf } from '../../release/evidence.js';
import { judgedMetrics, type RubricMetric } from './judged-metrics.js';

const text = z.string().trim().min(1, 'expected text');
/** `context` is the documents or, without retrieval, the reference; `documents` are those alone. */
const source = z.enum(['answer', 'reference', 'question', 'context', 'documents']);
const common = {
  version: z.literal(1),
  metric: z.enum(Object.keys(judgedMetrics) as [RubricMetric, ...RubricMetric[]]),
  source: text.describe('where the method comes from'),
  system: text,
};

/**
 * How a metric is judged.
 * - `claims`: a text is split into claims, each claim gets yes or no; the score is the share of yes.
 * - `claimsBothWays`: claims of the answer against the reference and the other way round; the score is their F1.
 * - `documents`: each retrieved document gets yes or no; the score is the share of yes, or the average precision.
 * - `rating`: one whole number from 1 to 5.
 * - `choice`: one of several described options, each with its score; by the letter that the judge gives, or by how likely
 *   it holds each letter.
 * - `pairwise`: which of two answers is better, asked in both orders.
 */
const rubricSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('claims'),
    of: z.enum(['answer', 'reference']),
    against: source,
    withoutClaims: z.number().nullable().describe('the score of a text that claims nothing; null is unmeasured'),
    split: text,
    check: text,
  }),
  z.strictObject({ ...common, kind: z.literal('claimsBothWays'), split: text, check: text }),
  z.strictObject({
    ...common,
    kind: z.literal('documents'),
    score: z.enum(['share', 'averagePrecision']),
    check: text,
  }),
  z.strictObject({ ...common, kind: z.literal('rating'), rate: text }),
  z.strictObject({
    ...common,
    kind: z.literal('choice'),
    choose: text,
    by: z
      .enum(['text', 'logProbabilities'])
      .optional()
      .describe('text without: the letter that the judge gives; else the mean score under its probabilities'),
    options: z.record(
      z.string().regex(/^[A-Z]$/, 'expected a capital letter'),
      z.strictObject({ text, score: z.number() }),
    ),
  }),
  z.strictObject({ ...common, kind: z.literal('pairwise'), compare: text }),
]);

export type RubricOf<Kind extends z.infer<typeof rubricSchema>['kind']> = Extract<
  z.infer<typeof rubricSchema>,
  { kind: Kind }
>;

/** A rubric with the SHA-256 of its canonical JSON: another wording is another judge. */
export type Rubric = z.infer<typeof rubricSchema> & { digest: string };

/**
 * Reads a rubric from YAML.
 * @param name the file's name, for the message
 * @throws RangeError naming every field that misfits.
 */
export function parseRubric({ name, text: yaml }: { name: string; text: string }): Rubric {
  const document: unknown = parse(yaml);
  const parsed = rubricSchema.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(document)'}: ${issue.message}`);
    throw new RangeError(`rubric ${name}: ${problems.join('; ')}; mend the file`);
  }
  return { ...parsed.data, digest: digestOf(parsed.data) };
}
