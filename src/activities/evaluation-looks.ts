import { z } from 'zod';
import type { Part } from '../contracts/evaluation.js';
import { refKey, type ArtifactRef } from '../domain/artifact-ref.js';
import { PortError, type ArtifactStore } from './ports.js';
import { loadVerified } from './specifications.js';
import { loadJson } from './stored-json.js';

/** `evaluation/looks.json`: the looks as they were planned before the first answer. */
export const lookPlanSchema = z.object({
  version: z.literal(1),
  releaseId: z.string(),
  seed: z.number().int(),
  /** Two-sided, over all looks together. */
  alpha: z.number(),
  looks: z
    .array(
      z.object({
        fraction: z.number(),
        boundary: z.number(),
        alpha: z.number(),
        spent: z.number(),
        cases: z.array(z.string()).describe('ids asked up to and with this look'),
      }),
    )
    .min(1),
});
export type LookPlan = z.infer<typeof lookPlanSchema>;

export const loadLookPlan = async ({
  store,
  ref,
}: {
  store: Pick<ArtifactStore, 'get'>;
  ref: ArtifactRef;
}): Promise<LookPlan> => await loadJson({ store, ref, schema: lookPlanSchema });

/** The cases of a part, in the order given; all of them where there are no parts. Throws as `askedIn`. */
export async function casesOfPart<One>({
  store,
  cases,
  part,
  idOf,
}: {
  store: ArtifactStore;
  cases: readonly One[];
  part: Part | undefined;
  /** The golden case that one is, or was made from. */
  idOf: (one: One) => string;
}): Promise<One[]> {
  const isAsked = await askedIn({ store, part });
  return cases.filter((one) => isAsked(idOf(one)));
}

/**
 * Whether a case belongs to a part; every one does where there are no parts.
 * @throws PortError `InvalidInput` for a look that was not planned.
 */
export async function askedIn({
  store,
  part,
}: {
  store: Pick<ArtifactStore, 'get'>;
  part: Part | undefined;
}): Promise<(id: string) => boolean> {
  if (part === undefined) return () => true;
  const { looks } = await loadLookPlan({ store, ref: part.looks });
  const look = looks[part.index];
  if (look === undefined)
    throw new PortError('InvalidInput', `look ${part.index + 1}: expected 1 to ${looks.length}, as planned`);
  const asked = new Set(look.cases);
  return (id) => asked.has(id);
}

/** The end of the name of a part's files: later looks leave those of earlier ones as they were. */
export const partSuffix = (part: Part | undefined): string => (part === undefined ? '' : `-look-${part.index + 1}`);

/** Lays the files of the look that decided under the names they have where all cases are asked at once. */
export async function keepLastLook({
  store,
  part,
  files,
}: {
  store: ArtifactStore;
  part: Part;
  files: readonly (ArtifactRef | null)[];
}): Promise<void> {
  const suffix = partSuffix(part);
  for (const ref of files) {
    if (ref === null || !ref.uri.includes(`${suffix}.`)) continue;
    const key = refKey({ uri: ref.uri.replace(`${suffix}.`, '.') });
    await store.put({ key, body: await loadVerified({ store, ref }) });
  }
}
