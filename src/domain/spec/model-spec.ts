import { z } from 'zod';
import { batchSpecSchema } from './batch-spec.js';
import { dataSpecSchema } from './data-spec.js';
import { evaluationSpecSchema } from './evaluation-spec.js';
import { gatewaySpecSchema } from './gateway-spec.js';
import { notifySchema } from './notify-spec.js';
import { retrievalSpecSchema } from './retrieval-spec.js';
import { rolloutSpecSchema } from './rollout-spec.js';
import { scheduleProblems } from './schedule-problems.js';
import { trainingSpecSchema } from './training-spec.js';
import { triggersSpecSchema } from './triggers-spec.js';

const modelName = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;

export const modelNameSchema = z.string().regex(modelName, 'expected lower-case letters, digits, "-" and "."').max(60);

/** Everything Understudy needs to know of one model. Only model, base, data and evaluation.preset have no default. */
export const modelSpecSchema = z.strictObject({
  apiVersion: z.literal('understudy/v1'),
  model: modelNameSchema,
  family: z.string().nullable().default(null),
  domain: z.string().nullable().default(null),
  base: z.strictObject({ id: z.string().min(1), revision: z.string().nullable().default(null) }),
  data: dataSpecSchema,
  training: trainingSpecSchema.prefault({}),
  prompt: z.string().nullable().default(null).describe('path of the prompt file, relative to the spec'),
  retrieval: retrievalSpecSchema.nullable().default(null),
  evaluation: evaluationSpecSchema,
  rollout: rolloutSpecSchema.prefault({}),
  gateway: gatewaySpecSchema.prefault({}),
  batch: batchSpecSchema.nullable().default(null).describe('summaries of items, renewed as reviews come in'),
  triggers: triggersSpecSchema.prefault({}),
  notify: z.array(notifySchema).default([{ kind: 'log', from: 'info' }]),
});
export type ModelSpec = z.infer<typeof modelSpecSchema>;

/** One thing wrong with a spec: where, what stands there, what was expected. */
export interface SpecProblem {
  path: string;
  value: unknown;
  expected: string;
}

/** JSON Schema of the YAML file, for editors. */
export function modelSpecJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(modelSpecSchema, { io: 'input', unrepresentable: 'any' });
}

const valueAt = (document: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    document,
  );

/** The library's own message without its verdict: readers see value and expectation side by side. */
export const expectationOf = (message: string): string =>
  message
    .replace(/^(?:Invalid (?:input|option): |Too (?:small|big): |Invalid discriminator value\. )/, '')
    .replace(/^E/, 'e');

function unknownKeyProblems(issue: z.core.$ZodIssueUnrecognizedKeys, document: unknown): SpecProblem[] {
  return issue.keys.map((key) => ({
    path: [...issue.path, key].join('.'),
    value: valueAt(document, [...issue.path, key]),
    expected: 'no such field; check its spelling or remove it',
  }));
}

/** Parses a spec document (already read from YAML). All problems are listed at once, none is guessed away. */
export function parseModelSpec(
  document: unknown,
): { spec: ModelSpec; problems: [] } | { spec: null; problems: SpecProblem[] } {
  const parsed = modelSpecSchema.safeParse(document);
  const unplannable = scheduleProblems(document);
  if (parsed.success && unplannable.length === 0) return { spec: parsed.data, problems: [] };
  const problems = (parsed.error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? unknownKeyProblems(issue, document)
      : [
          {
            path: issue.path.join('.') || '(document)',
            value: valueAt(document, issue.path),
            expected: expectationOf(issue.message),
          },
        ],
  );
  const known = new Set(problems.map(({ path }) => path));
  return { spec: null, problems: [...problems, ...unplannable.filter(({ path }) => !known.has(path))] };
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lays overlays over a document, field by field; lists and scalars are replaced whole, later overlays win. */
export function overlayDocuments(documents: readonly unknown[]): unknown {
  return documents.reduce((below, above) => {
    if (!isPlainObject(below) || !isPlainObject(above)) return above ?? below;
    const merged: Record<string, unknown> = { ...below };
    for (const [key, value] of Object.entries(above)) {
      merged[key] = isPlainObject(value) && isPlainObject(below[key]) ? overlayDocuments([below[key], value]) : value;
    }
    return merged;
  });
}
