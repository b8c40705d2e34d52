import Table from 'cli-table3';
import type { Command } from 'commander';
import { findVersion } from '../../../activities/dataset-versions.js';
import type { ProfileDrift } from '../../../domain/dataset/column-profile/compare-profiles.js';
import { datasetDrift } from '../../../domain/dataset/dataset-drift.js';
import type { DatasetManifest } from '../../../domain/dataset/manifest.js';
import { CannotRun, verb, type CommandContext } from '../command-context.js';
import { asResult, storeOf } from './dataset-context.js';

/** What differs between two versions. */
interface DatasetDifference {
  name: string;
  from: string;
  to: string;
  /** Whether source and settings are the same bytes. */
  same: { source: boolean; settings: boolean; golden: boolean };
  counts: Record<string, { from: number; to: number }>;
  drift: ProfileDrift;
}

const flatCounts = ({ counts }: DatasetManifest): Record<string, number> => ({
  ...{ read: counts.read, published: counts.published, train: counts.train, validation: counts.validation },
  ...{ replayed: counts.replayed, clusters: counts.clusters },
  ...Object.fromEntries(Object.entries(counts.deadLettered).map(([reason, count]) => [`left out: ${reason}`, count])),
  ...Object.fromEntries(Object.entries(counts.redacted).map(([type, count]) => [`replaced: ${type}`, count])),
});

function differenceOf({ from, to }: { from: DatasetManifest; to: DatasetManifest }): DatasetDifference {
  const [before, after] = [flatCounts(from), flatCounts(to)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return {
    ...{ name: to.name, from: from.digest, to: to.digest },
    same: {
      source: from.source.sha256 === to.source.sha256,
      settings: from.settingsDigest === to.settingsDigest,
      golden: from.golden.sha256 === to.golden.sha256,
    },
    counts: Object.fromEntries(names.map((name) => [name, { from: before[name] ?? 0, to: after[name] ?? 0 }])),
    drift: datasetDrift({ previous: from, current: to }),
  };
}

function textOf({ name, from, to, same, counts, drift }: DatasetDifference): string {
  const style = { head: [], border: [] };
  const rows = new Table({ head: ['', from.slice(0, 12), to.slice(0, 12)], style });
  for (const [count, one] of Object.entries(counts)) rows.push([count, one.from, one.to]);
  const columns = new Table({ head: ['column', 'of', 'PSI', 'shift'], style });
  for (const { column, of, stabilityIndex, shift } of drift.columns)
    columns.push([column, of, stabilityIndex.toFixed(3), shift]);
  const differs = Object.entries(same).flatMap(([part, equal]) => (equal ? [] : [part]));
  return [`${name}: ${differs.join(', ') || 'nothing'} differs`, rows.toString(), columns.toString()].join('\n');
}

/** `data diff NAME [FROM] [TO]`: what changed between two versions. */
export const addDataDiff = (data: Command, context: CommandContext): Command =>
  verb({
    command: data
      .command('diff')
      .description('compare two versions of a data set: counts and drift by column')
      .argument('<name>', 'the data set, named as its model')
      .argument('[from]', 'first characters of a digest; the version before without')
      .argument('[to]', 'first characters of a digest; the latest without'),
    context,
    run: ({ arguments: [name = '', from, to] }) =>
      asResult(context, async () => {
        const store = storeOf(context);
        const { manifest: current } = await findVersion({ store, name, version: to ?? null });
        const before = from ?? current.provenance.previous;
        if (before === null) throw new CannotRun(`data set ${name}: there is no version before ${current.digest}`);
        const { manifest: previous } = await findVersion({ store, name, version: before });
        const difference = differenceOf({ from: previous, to: current });
        return { code: 0, data: difference, text: textOf(difference) };
      }),
  });
