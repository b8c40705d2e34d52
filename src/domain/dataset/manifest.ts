import { z } from 'zod';
import { digestOf } from '../release/evidence.js';
import type { Prompt } from '../release/prompt.js';
import type { DataSpec } from '../spec/data-spec.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
const fileSchema = z.object({ file: z.string().min(1), sha256, bytes: count, rows: count });

/**
 * What a data set is and came from. It names no time, path or machine, so the same input and settings give the same
 * bytes everywhere; `digest` is that of all other fields.
 */
export const datasetManifestSchema = z.object({
  version: z.literal(1),
  name: z.string().min(1),
  recipe: z.string().min(1),
  digest: sha256,
  settingsDigest: sha256,
  source: z.object({ kind: z.string(), sha256, bytes: count, columns: z.array(z.string()) }),
  golden: z.object({ name: z.string(), version: z.string(), sha256 }),
  parents: z.array(sha256).describe('data sets this one was made from'),
  counts: z.object({
    read: count,
    published: count,
    train: count,
    validation: count,
    clusters: count,
    deadLettered: z.record(z.string(), count),
  }),
  funnel: z.array(z.object({ step: z.string(), rows: count })),
  contamination: z.object({
    removeAt: z.number(),
    share: z.number().min(0).max(1),
    removed: z.array(z.object({ row: count, ticketId: z.string(), caseId: z.string(), overlap: z.number() })),
  }),
  files: z.array(fileSchema),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

/** The manifest with its digest, which is also the data set's. */
export function sealManifest(content: Omit<DatasetManifest, 'digest'>): DatasetManifest {
  return datasetManifestSchema.parse({ ...content, digest: digestOf(content) });
}

/** Digest of everything in the spec that shapes the rows; where the source and the golden set lie is not part of it. */
export function settingsDigest({ data, prompt }: { data: DataSpec; prompt: Prompt }): string {
  const { recipe, source, cluster, languages, validation, contamination, minimumRows, validationShare, seed } = data;
  return digestOf({
    recipe,
    source: { kind: source.kind, columns: source.columns },
    cluster,
    languages,
    validation,
    contamination,
    minimumRows,
    validationShare,
    seed,
    prompt,
  });
}
