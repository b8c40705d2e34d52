import type { Command } from 'commander';
import type { RetrievalPlace } from '../retrieval/retrieval-place.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { openPlace, withSpec, type SpecOptions } from './spec-options.js';

interface VersionOptions extends SpecOptions {
  index?: string;
}

/** The version that is named, or the one in use. */
async function versionOf({ settings: { index }, chunks }: RetrievalPlace, named: string | undefined): Promise<string> {
  const version = named ?? (await chunks.aliases())[index];
  if (version === undefined) throw new CannotRun(`no index ${index}; run understudy index, or name a version`);
  return version;
}

/** `retrieval snapshot|restore`: a copy of an index version in the artifact store, and the way back. */
export function addIndexSnapshots({ retrieval, context }: { retrieval: Command; context: CommandContext }): void {
  verb<VersionOptions>({
    command: withSpec(
      retrieval
        .command('snapshot')
        .description('copy a version of the index from Qdrant into the artifact store')
        .option('--index <version>', 'the one in use without'),
    ),
    context,
    run: async ({ options }) => {
      const place = await openPlace(context, options);
      const version = await versionOf(place, options.index);
      const { saveSnapshot } = await import('../../activities/retrieval/index-snapshots.js');
      const snapshot = await saveSnapshot({ ...place, index: place.settings.index, version });
      return { code: 0, data: { version, snapshot }, text: `${version}: ${snapshot.bytes} bytes at ${snapshot.uri}` };
    },
  });
  verb<VersionOptions>({
    command: withSpec(
      retrieval
        .command('restore')
        .description('bring back a version that Qdrant has lost, from its snapshot')
        .requiredOption('--index <version>', 'which'),
    ),
    context,
    run: async ({ options }) => {
      const place = await openPlace(context, options);
      const version = await versionOf(place, options.index);
      const { restoreSnapshot } = await import('../../activities/retrieval/index-snapshots.js');
      const { chunks } = await restoreSnapshot({ ...place, index: place.settings.index, version });
      return { code: 0, data: { version, chunks }, text: `${version} stands again, with ${chunks} chunks` };
    },
  });
}
