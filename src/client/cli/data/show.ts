import Table from 'cli-table3';
import type { Command } from 'commander';
import { findVersion } from '../../../activities/dataset-versions.js';
import type { DatasetManifest } from '../../../domain/dataset/manifest.js';
import { verb, type CommandContext } from '../command-context.js';
import { asResult, storeOf } from './dataset-context.js';

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

function textOf({ manifest, isLatest }: { manifest: DatasetManifest; isLatest: boolean }): string {
  const { name, digest, counts, source, golden, files, contamination, pseudonyms } = manifest;
  const table = new Table({ head: ['file', 'rows', 'bytes', 'SHA-256'], style: { head: [], border: [] } });
  for (const { file, rows, bytes, sha256 } of files) table.push([file, rows, bytes, sha256.slice(0, 12)]);
  const window = source.window === null ? '' : `, ${source.window.from} to ${source.window.to}`;
  return [
    `${name} ${digest}${isLatest ? ' (latest)' : ''}`,
    `source: ${source.kind}, ${source.bytes} bytes, SHA-256 ${source.sha256.slice(0, 12)}${window}`,
    `golden set: ${golden.name} ${golden.version}; ${contamination.removed.length} rows removed for it`,
    `rows: ${counts.read} read, ${counts.published} published (${counts.train} train, ${counts.validation} validate)`,
    `left out: ${listed(counts.deadLettered)}`,
    `replaced: ${listed(counts.redacted)}; pseudonyms ${pseudonyms === 'keyed' ? 'with' : 'without'} a secret key`,
    table.toString(),
  ].join('\n');
}

/** `data show NAME [VERSION]`: what a version holds and came from. */
export const addDataShow = (data: Command, context: CommandContext): Command =>
  verb({
    command: data
      .command('show')
      .description('show what a version of a data set holds and came from')
      .argument('<name>', 'the data set, named as its model')
      .argument('[version]', 'first characters of its digest; the latest without'),
    context,
    run: ({ arguments: [name = '', version] }) =>
      asResult(context, async () => {
        const found = await findVersion({ store: storeOf(context), name, version: version ?? null });
        return { code: 0, data: { ...found.manifest, latest: found.isLatest }, text: textOf(found) };
      }),
  });
