import { z } from 'zod';
import { digestOf } from '../release/evidence.js';
import type { Prompt } from '../release/prompt.js';
import type { DataSpec } from '../spec/data-spec.js';
import { datasetProfileSchema } from './column-profile/column-profile.js';
import type { Pseudonyms } from './pseudonyms.js';
import { timeWindowSchema } from './time-window.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
const countBy = z.record(z.string(), count);
const fileSchema = z.object({ file: z.string().min(1), sha256, bytes: count, rows: count });

const contentSchema = z.object({
  version: z.literal(2),
  name: z.string().min(1),
  recipe: z.string().min(1),
  settingsDigest: sha256,
  pseudonyms: z
    .enum(['keyed', 'unkeyed'])
    .optional()
    .describe(
      'whether a secret stands behind pseudonyms; of unkeyed ones, as of the first versions, a guess can be checked',
    ),
  source: z.object({
    kind: z.string(),
    sha256,
    bytes: count,
    columns: z.array(z.string()),
    window: timeWindowSchema.nullable(),
    outside: count.describe('rows of the source outside the window'),
  }),
  golden: z.object({ name: z.string(), version: z.string(), sha256 }),
  index: z
    .string()
    .optional()
    .describe('the version of the retrieval index whose snippets stand in the chats; absent where none do'),
  parents: z.array(sha256).describe('data sets that rows were replayed from'),
  schema: z.array(z.object({ name: z.string(), type: z.enum(['text', 'number', 'truth', 'time']) })),
  counts: z.object({
    read: count,
    published: count,
    train: count,
    validation: count,
    replayed: count,
    clusters: count,
    normalised: count.describe('rows in which normalising changed a text'),
    redacted: countBy.describe('replaced values by type'),
    deadLettered: countBy,
  }),
  funnel: z.array(z.object({ step: z.string(), rows: count })),
  contamination: z.object({
    removeAt: z.number(),
    embeddingAt: z.number().optional().describe('cosine from which a row goes; absent where no meaning was compared'),
    embedder: z.string().optional(),
    share: z.number().min(0).max(1),
    removed: z.array(z.object({ row: count, caseId: z.string(), overlap: z.number(), by: z.string() })),
  }),
  examples: z
    .array(
      z.object({
        step: z.string(),
        row: count,
        column: z.string(),
        before: z.string().nullable(),
        after: z.string(),
      }),
    )
    .describe('what the steps changed'),
  profile: datasetProfileSchema,
  files: z.array(fileSchema),
});

/** Who made a data set, after which, and what that machine could count; no part of its digest, since the same rows can be made again by others. */
const provenanceSchema = z.object({
  codeCommit: z.string().nullable(),
  previous: sha256.nullable().describe('the version that was the latest before'),
  tokens: z
    .object({ limit: count, tokenizer: sha256, train: count, validation: count })
    .nullable()
    .default(null)
    .describe("chats longer than data.maxTokens, by the base's tokenizer; null where it was not on that machine"),
});

/**
 * What a data set is and came from. All but `provenance` names no time, path or machine, so the same input and settings
 * give the same `digest` everywhere: that of all other fields.
 */
export const datasetManifestSchema = contentSchema.extend({ digest: sha256, provenance: provenanceSchema });
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;
export type ManifestContent = z.infer<typeof contentSchema>;

/** The manifest with its digest, which is also the data set's. */
export const sealManifest = ({
  content,
  provenance,
}: {
  content: ManifestContent;
  provenance: DatasetManifest['provenance'];
}): DatasetManifest => datasetManifestSchema.parse({ ...content, digest: digestOf(content), provenance });

/** The digest that a manifest should carry. */
export function manifestDigest(manifest: DatasetManifest): string {
  const { digest: _digest, provenance: _provenance, ...content } = manifest;
  return digestOf(content);
}

/**
 * Digest of everything in the spec and the environment that shapes the rows; where the source and
 * the golden set lie and when days are taken in is no part of it. A
 * rule on the change of the row count decides whether a set is published, never what it holds.
 */
export function settingsDigest({
  data,
  prompt,
  pseudonyms,
}: {
  data: DataSpec;
  prompt: Prompt;
  pseudonyms: Pseudonyms;
}): string {
  const { source, goldenSet: _goldenSet, ingest: _ingest, validation, replay, ...settings } = data;
  const query = source.kind === 'postgres' ? source.query : null;
  return digestOf({
    ...settings,
    replay,
    validation: validation.filter(({ rule }) => rule !== 'rowCountChange'),
    source: { kind: source.kind, columns: source.columns, timeColumn: source.timeColumn, query },
    prompt,
    pseudonymKey: pseudonyms.keyDigest,
  });
}
