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
});

export type DemonstrationRelease = z.infer<typeof demonstrationSchema>['releases'][number];

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
  const document = named.safeParse(overlayDocuments(await Promise.all([spec, ...overlays].map(readYaml))));
  if (!document.success) throw new CannotRunError(`${spec} is not usable:\n${z.prettifyError(document.error)}`);
  const { releases, traffic } = parsed.data;
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
    model: document.data.model,
    baseId: document.data.base.id,
    releases,
    traffic: join(folder, traffic),
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
