import { execFile } from 'node:child_process';
import { extname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Pulse } from '../../../activities/dataset-input.js';
import type { PortError } from '../../../activities/ports.js';
import type { ArtifactStore } from '../../../activities/ports.js';
import { openStore } from '../../../adapters/open-store.js';
import type { SourceSpec } from '../../../domain/spec/data-spec.js';
import { type Specification, specificationSchema } from '../../../domain/spec/specification.js';
import { unsupportedData } from '../../../domain/spec/unsupported.js';
import { freezeGolden } from '../../freeze-golden.js';
import { readSpecificationFile } from '../../specification-file.js';
import { CannotRun, type CommandContext, type Result } from '../command-context.js';

const secondMilliseconds = 1000;

export const storeOf = (context: CommandContext): ArtifactStore => openStore({ location: context.settings().store });

/** The commit this code runs from; null outside a checkout. */
export async function codeCommit(): Promise<string | null> {
  const options = { cwd: import.meta.dirname };
  return await promisify(execFile)('git', ['rev-parse', 'HEAD'], options).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}

/** By name, since a module that a verb imports when it runs may come from another loader with classes of its own. */
const isPortError = (error: unknown): error is PortError => error instanceof Error && error.name === 'PortError';

/** What a verb of data or golden ends with where a port said no: 1 where a check said no, 2 where it could not run. */
export async function asResult(context: CommandContext, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isPortError(error)) throw error;
    context.say(error.message);
    const refused = error.type === 'DataRefused' || error.type === 'DigestMismatch';
    return { code: refused ? 1 : 2, data: { error: error.message, type: error.type }, text: '' };
  }
}

/**
 * Says once a second on standard error how far it is, and ends the run at the next row once Ctrl-C was pressed, so that
 * temporary files go away and nothing is published.
 */
export async function withProgress<Value>(
  context: CommandContext,
  work: (pulse: Pulse) => Promise<Value>,
): Promise<Value> {
  let interrupted = false;
  let saidAt = 0;
  const onInterrupt = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    return await work(({ step, ...counts }) => {
      if (interrupted) throw new CannotRun('interrupted: nothing was published');
      if (Date.now() - saidAt < secondMilliseconds) return;
      saidAt = Date.now();
      const told = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
      context.say([step, ...told].join(', '));
    });
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

const fileKinds: Record<string, 'csv' | 'jsonl' | 'parquet'> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.parquet': 'parquet',
};

/** The spec's source with another file in its place; the kind follows the file's name where it says one. */
function sourceFrom({ source, given }: { source: SourceSpec; given: string }): SourceSpec {
  const uri = /^[a-z0-9]+:\/\//.test(given) ? given : resolve(given);
  const kind = fileKinds[extname(new URL(uri, 'file:///').pathname).toLowerCase()] ?? source.kind;
  if (kind === 'postgres') return { ...source, uri };
  return { kind, uri, columns: source.columns, timeColumn: source.timeColumn };
}

/**
 * A spec file as a specification, without a server: its golden set is frozen into the store as `apply` would. Parts of
 * the spec that have nothing to do with data may be of a later version.
 */
export async function specificationOf({
  context,
  spec,
  overlays,
  source,
}: {
  context: CommandContext;
  spec: string;
  overlays: readonly string[];
  source: string | undefined;
}): Promise<Specification> {
  const { specification, golden } = await readSpecificationFile({
    path: spec,
    overlays: [...overlays],
    unsupportedOf: ({ data }) => unsupportedData(data),
  });
  const ref = await freezeGolden({ store: storeOf(context), golden });
  const { data } = specification.spec;
  const chosen = source === undefined ? data.source : sourceFrom({ source: data.source, given: source });
  return specificationSchema.parse({
    ...specification,
    spec: { ...specification.spec, data: { ...data, source: chosen } },
    golden: { name: golden.name, version: golden.version, ref },
  });
}
