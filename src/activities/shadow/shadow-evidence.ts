import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import { artifactRefSchema } from '../../domain/artifact-ref.js';
import { createRedactor } from '../../domain/dataset/redaction/redactor.js';
import type { RedactionPattern } from '../../domain/dataset/redaction/personal-data.js';
import { verdictKinds, verdictSchema } from '../../domain/release/verdict.js';
import { disagreementKinds, type DisagreementCluster } from '../../domain/rollout/shadow/disagreements.js';
import type { ArtifactStore } from '../ports.js';
import { readJson } from '../stored-json.js';

const count = z.number().int().min(0);

const figuresSchema = z.object({
  pairs: count,
  errors: z.record(z.string(), count),
  empty: count,
  refusals: count,
  latencyP50: z.number().nullable(),
  latencyP95: z.number().nullable(),
  promptTokens: count,
  completionTokens: count,
  costUsd: z.number().nullable(),
});

export const disagreementClusterSchema = z.object({
  kind: z.enum(disagreementKinds),
  words: z.array(z.string()),
  pairs: count,
  examples: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(disagreementKinds),
      question: z.string(),
      championAnswer: z.string(),
      challengerAnswer: z.string().nullable(),
    }),
  ),
});

/** `releases/<id>/shadow/evidence.json`: everything the verdict of a shadow rests on. */
export const shadowEvidenceSchema = z.object({
  version: z.literal(1),
  releaseId: z.string(),
  champion: z.string(),
  revision: z.number().int().min(1),
  startedAt: z.iso.datetime(),
  at: z.iso.datetime(),
  before: z.string().describe('digest of the evidence that the shadow began with'),
  over: z.boolean().describe('whether its time was over'),
  limits: z.object({
    minimumPairs: count,
    alpha: z.number(),
    margin: z.number(),
    rateMargin: z.number(),
    slowMilliseconds: z.number(),
  }),
  judge: z
    .object({
      name: z.string(),
      decides: z.boolean(),
      reason: z.string(),
      spentUsd: z.number(),
      budgetUsd: z.number(),
    })
    .nullable(),
  rows: z.array(artifactRefSchema).describe('what was measured of each pair, in the order in which it was judged'),
  unread: z.array(z.object({ key: z.string(), reason: z.string() })).describe("segments that can't be read"),
  left: count.describe('pairs over what is kept, which were not looked at'),
  figures: z.object({ champion: figuresSchema, challenger: figuresSchema }),
  disagreements: z.object({
    pairs: count,
    clusters: z.array(disagreementClusterSchema).describe('largest first; ten examples in all'),
  }),
  verdict: z.enum(verdictKinds),
  reason: z.string(),
  verdicts: z.array(verdictSchema),
});
export type ShadowEvidence = z.infer<typeof shadowEvidenceSchema>;

/** What a release's shadow rested on; null where it had none. */
export async function readShadow({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get'>;
  releaseId: string;
}): Promise<ShadowEvidence | null> {
  return await readJson({ store, key: storeKeys.shadowEvidence({ releaseId }), schema: shadowEvidenceSchema });
}

/** Examples without personal data, by the patterns of the spec too: the gateways know only the built-in ones. */
export function redactExamples({
  clusters,
  patterns,
}: {
  clusters: readonly DisagreementCluster[];
  patterns: readonly RedactionPattern[];
}): DisagreementCluster[] {
  const redactor = createRedactor({ patterns });
  return clusters.map((cluster) => ({
    ...cluster,
    examples: cluster.examples.map((one) => {
      const [question, championAnswer, challengerAnswer] = redactor.redact({
        texts: [one.question, one.championAnswer, one.challengerAnswer ?? ''],
      }).texts as [string, string, string];
      return {
        ...one,
        question,
        championAnswer,
        challengerAnswer: one.challengerAnswer === null ? null : challengerAnswer,
      };
    }),
  }));
}
