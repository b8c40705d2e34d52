import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
        expect: z.strictObject({ outcome: outcomeSchema }),
      }),
    )
    .min(1),
  /** Recorded customer questions, one JSON object a line. */
  traffic: z.string().min(1),
  /** Items whose summaries are shown, once the batch of every model has run after the releases. */
  items: z.array(z.string().min(1)).default([]),
});

/** A release with the model that it is of. */
export type DemonstrationRelease = z.infer<typeof demonstrationSchema>['releases'][number] & { model: string };

/** An example with everything it needs, its files found. */
export interface Demonstration {
  name: string;
  folder: string;
  spec: string;
  /** Overlay files over the spec, in order. */
  overlays: string[];
  model: string;
  baseId: string;
  releases: DemonstrationRelease[];
  /** Path of the recorded questions. */
  traffic: string;
  items: string[];
}

const named = z.object({ model: z.string().min(1), base: z.object({ id: z.string().min(1) }) });

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
  const folder = join(examples, name);
  const file = join(folder, 'demonstration.yaml');
  const parsed = demonstrationSchema.safeParse(await readYaml(file));
  if (!parsed.success) throw new CannotRunError(`${file} is not usable:\n${z.prettifyError(parsed.error)}`);
  const spec = join(folder, 'understudy.yaml');
  const overlays = ['embedded', ...(base === null ? [] : [base])].map((part) =>
    join(folder, `understudy.${part}.yaml`),
  );
  const documents = await Promise.all([spec, ...overlays].map(readYaml));
  const modelOf = async (overlay: string | null) => {
    const above = overlay === null ? [] : [await readYaml(join(folder, overlay))];
    const document = named.safeParse(overlayDocuments([...documents, ...above]));
    if (document.success) return document.data;
    throw new CannotRunError(`${spec} is not usable:\n${z.prettifyError(document.error)}`);
  };
  const { model, base: ownBase } = await modelOf(null);
  const { traffic, items } = parsed.data;
  const releases: DemonstrationRelease[] = [];
  for (const release of parsed.data.releases)
    releases.push({ ...release, model: (await modelOf(release.overlay)).model });
  const needed = [traffic, ...releases.flatMap((release) => [release.source, release.golden])];
  const missing: string[] = [];
  for (const one of new Set(needed)) await access(join(folder, one)).catch(() => missing.push(one));
  if (missing.length > 0)
    throw new CannotRunError(`${file} names files that are not in ${folder}: ${missing.join(', ')}`);
  return {
    name,
    folder,
    spec,
    overlays,
    model,
    baseId: ownBase.id,
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
