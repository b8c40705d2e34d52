import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ArtifactStore } from '../../../activities/ports.js';
import { recomputePowerPlan } from '../../../activities/recompute/recompute-power-plan.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import { refKey } from '../../../domain/artifact-ref.js';
import { printable } from '../../../domain/report/format.js';
import type { Difference, Recomputed } from '../../../domain/evaluation/recompute.js';
import { CannotRun, verb, type CommandContext } from '../command-context.js';
import { asResult, storeOf } from '../data/dataset-context.js';
import type { EvaluationFiles } from './recompute-evaluation.js';

interface RecomputeOptions {
  release?: string;
  evidence?: string;
}

/** The files of an evaluation as they lie in the store. */
export const storeFiles = ({ store, id }: { store: ArtifactStore; id: string }): EvaluationFiles => {
  const get = async (key: string): Promise<Uint8Array | null> => (await store.get({ key }))?.body ?? null;
  return {
    named: (file) => get(storeKeys.release({ releaseId: id, file: `evaluation/${file}` })),
    at: (ref) => get(refKey(ref)),
  };
};

/** What is not in the folder may be in the store: cases and specification belong to many evaluations. */
const folderFiles = ({ store, folder }: { store: ArtifactStore; folder: string }): EvaluationFiles => {
  const named = (file: string): Promise<Uint8Array | null> =>
    readFile(join(folder, file)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw new CannotRun(`${join(folder, file)} can't be read: ${(error as Error).message}`);
    });
  return {
    named,
    at: async (ref) => (await named(basename(ref.uri))) ?? (await store.get({ key: refKey(ref) }))?.body ?? null,
  };
};

async function recompute({
  context,
  id,
  options: { release, evidence },
}: {
  context: CommandContext;
  id: string | undefined;
  options: RecomputeOptions;
}): Promise<{ id: string; recomputed: Recomputed; recordedDigest: string }> {
  const given = [id, release, evidence].filter((one) => one !== undefined);
  if (given.length !== 1) throw new CannotRun('recompute needs one of <id>, --release <id> and --evidence <file>');
  const store = storeOf(context);
  const { recomputeEvaluation } = await import('./recompute-evaluation.js');
  const stored = id ?? release;
  if (stored !== undefined)
    return (
      (await refusalAgain({ store, id: stored })) ??
      (await recomputeEvaluation({ store, read: storeFiles({ store, id: stored }) }))
    );
  const folder = dirname(resolve(evidence!));
  return await recomputeEvaluation({ store, read: folderFiles({ store, folder }) });
}

/** An evaluation that was not begun, by its power plan, whose file is its evidence; null for one that was. */
async function refusalAgain({
  store,
  id,
}: {
  store: ArtifactStore;
  id: string;
}): Promise<{ id: string; recomputed: Recomputed; recordedDigest: string } | null> {
  if ((await storeFiles({ store, id }).named('evidence.json')) !== null) return null;
  const again = await recomputePowerPlan({ store, releaseId: id });
  if (again === null) return null;
  const { verdict, evidenceDigest, differences, asRecorded } = again;
  const unknown = asRecorded.map((gate) => ({
    what: gate,
    recorded: verdict,
    recomputed: 'its scores were not stored',
  }));
  const recomputed = { verdict, evidenceDigest, differences: [...differences, ...unknown] };
  return { id, recordedDigest: evidenceDigest, recomputed };
}

const line = ({ what, recorded, recomputed }: Difference): string =>
  printable(`  ${what}: recorded ${recorded ?? 'none'}, recomputed ${recomputed ?? 'none'}`);

/** `evaluate recompute`: a recorded decision again from its raw scores, with no network. */
export const addRecompute = (evaluate: Command, context: CommandContext): Command =>
  verb<RecomputeOptions>({
    command: evaluate
      .command('recompute')
      .description('repeat a recorded decision from its stored scores; exit 1 where it comes out otherwise')
      .argument('[id]', 'a release, or an evaluation that "evaluate" named')
      .option('--release <id>', 'the same, as an option')
      .option('--evidence <file>', 'an evidence.json with its files beside it'),
    context,
    run: ({ arguments: [given], options }) =>
      asResult(context, async () => {
        const { id, recomputed, recordedDigest } = await recompute({ context, id: given, options });
        const { verdict, differences, evidenceDigest } = recomputed;
        const equal = differences.length === 0;
        const text = equal
          ? `${id}: equal, ${verdict}, evidence ${evidenceDigest}`
          : [`${id}: DIFFERENT in ${differences.length}`, ...differences.map(line)].join('\n');
        return {
          code: equal ? 0 : 1,
          data: { evaluation: id, equal, verdict, evidenceDigest, recordedDigest, differences },
          text,
        };
      }),
  });
