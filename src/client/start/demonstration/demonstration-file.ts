import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { outcomeSchema } from '../../../domain/release/kinds.js';
import { overlayDocuments } from '../../../domain/spec/model-spec.js';
import { CannotRunError } from '../checks.js';

const faultSchema = z.strictObject({
  errorRate: z.number().min(0).max(1),
  delayMs: z.number().min(0).max(60_000),
  seed: z.int().default(1),
});

const demonstrationSchema = z.strictObject({
  /** Another example, whose spec, overlays and files this one takes. */
  of: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected the name of a folder in examples/')
    .nullable()
    .default(null),
  /** A file beside this one that is laid over every release's spec. */
  overlay: z.string().min(1).nullable().default(null),
  releases: z
    .array(
      z.strictObject({
        title: z.string().min(1),
        /** A file over the spec and its overlays, such as that of another model. */
        overlay: z.string().min(1).nullable().default(null),
        source: z.string().min(1),
        golden: z.string().min(1),
        decision: z.enum(['superior', 'nonInferior']),
        fault: faultSchema.nullable().default(null),
        /** Whether the batch of every model so far is run once the release has ended. */
        batch: z.boolean().default(false),
        expect: z.strictObject({ outcome: outcomeSchema }),
      }),
    )
    .min(1),
  /** Recorded customer questions, one JSON object a line. */
  traffic: z.string().min(1),
  /** Items whose summaries the gateway is asked for after the last release. */
  items: z.array(z.string().min(1)).default([]),
});

/** A release with the model and base that it is of, and the files over the example's own overlays. */
export type DemonstrationRelease = Omit<z.infer<typeof demonstrationSchema>['releases'][number], 'overlay'> & {
  model: string;
  baseId: string;
  overlays: string[];
};

/** An example with everything it needs, its files found. */
export interface Demonstration {
  name: string;
  spec: string;
  /** Overlay files over the spec, in order. */
  overlays: string[];
  /** Of the first release: whom an API key without a model asks. */
  model: string;
  baseId: string;
  releases: DemonstrationRelease[];
  /** Path of the recorded questions. */
  traffic: string;
  items: string[];
}

const named = z.object({
  model: z.string().min(1),
  base: z.object({ id: z.string().min(1) }),
  batch: z.object({ source: z.object({ uri: z.string().min(1) }) }).nullish(),
});

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new CannotRunError(`${file} can't be read: ${(error as Error).message}`);
  }
}

/**
 * Reads `examples/<name>/demonstration.yaml` and finds the spec, its overlays, tickets, golden sets and traffic.
 * @throws CannotRunError naming every field or file that is missing.
 */
export async function readDemonstration({
  examples,
  name,
  base,
}: {
  /** Folder of the examples. */
  examples: string;
  name: string;
  base: 'tiny' | null;
}): Promise<Demonstration> {
  const own = join(examples, name);
  const file = join(own, 'demonstration.yaml');
  const parsed = demonstrationSchema.safeParse(await readYaml(file));
  if (!parsed.success) throw new CannotRunError(`${file} is not usable:\n${z.prettifyError(parsed.error)}`);
  const { traffic, items, of, overlay: overAll } = parsed.data;
  const folder = of === null ? own : join(examples, of);
  const spec = join(folder, 'understudy.yaml');
  const overlays = ['embedded', ...(base === null ? [] : [base])].map((part) =>
    join(folder, `understudy.${part}.yaml`),
  );
  const documents = await Promise.all([spec, ...overlays].map(readYaml));
  const overlaysOf = ({ overlay }: { overlay: string | null }): string[] => [
    ...(overlay === null ? [] : [join(folder, overlay)]),
    ...(overAll === null ? [] : [join(own, overAll)]),
  ];
  const needed = [traffic, ...parsed.data.releases.flatMap((release) => [release.source, release.golden])];
  const releases: DemonstrationRelease[] = [];
  for (const release of parsed.data.releases) {
    const above = overlaysOf(release);
    const document = named.safeParse(overlayDocuments([...documents, ...(await Promise.all(above.map(readYaml)))]));
    if (!document.success) throw new CannotRunError(`${spec} is not usable:\n${z.prettifyError(document.error)}`);
    const { model, base: itsBase, batch } = document.data;
    releases.push({ ...release, overlays: above, model, baseId: itsBase.id });
    if (release.batch && batch) needed.push(batch.source.uri);
  }
  const missing: string[] = [];
  for (const one of new Set(needed)) await access(resolve(folder, one)).catch(() => missing.push(one));
  if (missing.length > 0)
    throw new CannotRunError(
      `${file} names files that are not there, seen from ${folder}: ${missing.join(', ')}; the example's README.md says what they are`,
    );
  const [{ model, baseId }] = releases as [DemonstrationRelease, ...DemonstrationRelease[]];
  return {
    name,
    spec,
    overlays,
    model,
    baseId,
    releases,
    traffic: join(folder, traffic),
    items,
  };
}

/** What a release changes of the spec. */
export const releaseOverlay = (
  release: DemonstrationRelease,
  number: number,
): { name: string; document: Record<string, unknown> } => ({
  name: `demonstration release ${number}`,
  document: {
    data: { source: { uri: release.source }, goldenSet: release.golden },
    evaluation: { decision: release.decision },
  },
});
