import { z } from 'zod';
import { storeKeys } from '../contracts/store-keys.js';
import { verdictKinds, verdictSchema } from '../domain/release/verdict.js';
import { lookSchema } from '../domain/rollout/looks.js';
import { guardSpecSchema } from '../domain/spec/rollout-spec.js';
import type { ArtifactStore } from './ports.js';
import { readJson } from './stored-json.js';

const count = z.number().int().min(0);
const countsSchema = z.object({ keys: count, events: count });

/** What the absolute limit was judged by: each key's first request in the window, by arm. */
const windowsSchema = z.object({ champion: countsSchema, challenger: countsSchema });
export type BreakerWindows = z.infer<typeof windowsSchema>;

/** `releases/<id>/canary/rules.json`: what the watcher goes by, written before its first look. */
export const canaryRulesSchema = z.object({
  version: z.literal(1),
  fromRevision: z.number().int().min(1),
  guards: z.array(guardSpecSchema),
  alpha: z.number(),
  errorLimit: z.number(),
});
export type CanaryRules = z.infer<typeof canaryRulesSchema>;

/** `releases/<id>/canary/trip.json`: written before the traffic is taken back, so that a retry finishes what it began. */
export const tripSchema = z.object({
  version: z.literal(1),
  at: z.iso.datetime(),
  verdicts: z.array(verdictSchema),
  windows: windowsSchema.optional().describe('absent in trips of 0.1.0'),
});
export type Trip = z.infer<typeof tripSchema>;

/** `releases/<id>/canary/step-<revision>.json`: what a canary step or a bake was last judged by. */
export const stepEvidenceSchema = z.object({
  releaseId: z.string(),
  revision: count,
  keys: count.nullable(),
  look: lookSchema,
  looks: count.optional().describe('how many looks of the watcher came before; absent in evidence of 0.1.0'),
  windows: windowsSchema.optional(),
  alone: z.boolean().optional().describe('a first champion, which nobody stands beside'),
  verdicts: z.array(verdictSchema),
  verdict: z.enum(verdictKinds),
});
export type StepEvidence = z.infer<typeof stepEvidenceSchema>;

const keyOf = ({ releaseId, file }: { releaseId: string; file: string }): string =>
  storeKeys.release({ releaseId, file: `canary/${file}` });

export const rulesKey = ({ releaseId }: { releaseId: string }): string => keyOf({ releaseId, file: 'rules.json' });
export const tripKey = ({ releaseId }: { releaseId: string }): string => keyOf({ releaseId, file: 'trip.json' });
export const stepKey = ({ releaseId, revision }: { releaseId: string; revision: number }): string =>
  keyOf({ releaseId, file: `step-${revision}.json` });

/** Null where the watcher has tripped never. */
export async function readTrip({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get'>;
  releaseId: string;
}): Promise<Trip | null> {
  return await readJson({ store, key: tripKey({ releaseId }), schema: tripSchema });
}

/** Null where nothing was watched, or by 0.1.0. */
export async function readRules({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get'>;
  releaseId: string;
}): Promise<CanaryRules | null> {
  return await readJson({ store, key: rulesKey({ releaseId }), schema: canaryRulesSchema });
}

/** What each step and the bake were last judged by, in the order of their revisions. */
export async function readSteps({
  store,
  releaseId,
}: {
  store: Pick<ArtifactStore, 'get' | 'list'>;
  releaseId: string;
}): Promise<StepEvidence[]> {
  const steps: StepEvidence[] = [];
  for await (const { key } of store.list({ prefix: keyOf({ releaseId, file: 'step-' }) })) {
    const step = await readJson({ store, key, schema: stepEvidenceSchema });
    if (step) steps.push(step);
  }
  return steps.sort((one, other) => one.revision - other.revision);
}
