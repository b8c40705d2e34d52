import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import type { BuiltDataset } from '../../../activities/dataset-build.js';
import type { TokenCounts } from '../../../activities/dataset-outputs.js';
import { isoTimeOf } from '../../../domain/dataset/field-schemas.js';
import { createPseudonyms } from '../../../domain/dataset/pseudonyms.js';
import type { TimeWindow } from '../../../domain/dataset/time-window.js';
import { CannotRun, verb, type CommandContext, type Result } from '../command-context.js';
import { asResult, codeCommit, specificationOf, storeOf, withProgress } from './dataset-context.js';

/**
 * By how many percent a heap may grow until all of it is collected: V8 lets one of a machine with much memory grow
 * fourfold, which a million rows make the most of.
 */
const tightHeap = '--heap-growing-percent=30';

interface BuildOptions {
  spec: string;
  overlay: string[];
  source?: string;
  from?: string;
  to?: string;
}

function windowOf({ from, to }: Pick<BuildOptions, 'from' | 'to'>): TimeWindow | null {
  if (from === undefined && to === undefined) return null;
  const window = { from: isoTimeOf(from ?? ''), to: isoTimeOf(to ?? '') };
  if (window.from === null || window.to === null || window.from >= window.to)
    throw new CannotRun(
      `--from is "${from ?? ''}" and --to is "${to ?? ''}": expected both, ISO 8601 such as 2026-03-31, --from before --to`,
    );
  return { from: window.from, to: window.to };
}

const tokensSentence = ({ tokens, maxTokens }: { tokens: TokenCounts | null; maxTokens: number }): string =>
  tokens === null
    ? `tokens: not counted, as the base's tokenizer is not in UNDERSTUDY_BASE_MODELS; the training cuts at ${maxTokens} and counts`
    : `tokens: ${tokens.train} chats that train and ${tokens.validation} that validate are longer than ${maxTokens}; the training cuts them`;

/** What `data build --json` prints. */
function builtResult({
  built: { manifest, refs, manifestRef, tokens },
  maxTokens,
}: {
  built: BuiltDataset;
  maxTokens: number | null;
}): Result {
  const { name, digest, counts } = manifest;
  const { read, published, deadLettered } = counts;
  const files = [
    ...manifest.files.map(({ file }) => ({ file, ...refs.get(file)! })),
    { file: 'manifest.json', ...manifestRef },
  ];
  const left = Object.entries(deadLettered).map(([reason, count]) => `${reason} ${count}`);
  return {
    code: 0,
    data: { name, digest, read, published, deadLettered, files, tokens },
    text: [
      `${name} ${digest}`,
      `${published} of ${read} rows published (${counts.train} train, ${counts.validation} validate)`,
      `left out: ${left.join(', ') || 'none'}`,
      ...(maxTokens === null ? [] : [tokensSentence({ tokens, maxTokens })]),
    ].join('\n'),
  };
}

/** `data build`: the pipeline of a release without Temporal. */
export const addDataBuild = (data: Command, context: CommandContext): Command =>
  verb<BuildOptions>({
    command: data
      .command('build')
      .description('clean the source of a spec and publish it as a version of its data set')
      .requiredOption('--spec <file>', 'the spec file')
      .option('--overlay <file...>', 'files laid over it, in order', [])
      .option('--source <file>', 'another file or uri in the place of data.source.uri')
      .option('--from <time>', 'only rows from this time on')
      .option('--to <time>', 'only rows before this time'),
    context,
    run: ({ options }) =>
      asResult(context, async () => {
        setFlagsFromString(tightHeap);
        // Detectors and clients take a second to load, which no other verb should wait for.
        const { buildDataset } = await import('../../../activities/dataset-build.js');
        const { ExternalSources } = await import('../../../adapters/data-sources/data-sources.js');
        const { FolderTokenizers } = await import('../../../adapters/base-tokenizers/folder-tokenizers.js');
        const window = windowOf(options);
        const specification = await specificationOf({
          context,
          source: undefined,
          ...options,
          overlays: options.overlay,
        });
        const store = storeOf(context);
        const sources = new ExternalSources();
        const pseudonyms = createPseudonyms({ key: context.settings().pseudonymKey?.reveal() ?? null });
        const tokenizers = new FolderTokenizers({ folders: context.settings().baseModels });
        const { openEmbedder: embedderBy } = await import('../../../adapters/open-embedder.js');
        const openEmbedder = embedderBy(context.settings().embedder);
        const commit = await codeCommit();
        const published = await withProgress(context, (pulse) =>
          buildDataset({
            store,
            sources,
            codeCommit: commit,
            pseudonyms,
            tokenizers,
            openEmbedder,
            pulse,
            specification,
            window,
          }),
        );
        return builtResult({ built: published, maxTokens: specification.spec.data.maxTokens });
      }),
  });
