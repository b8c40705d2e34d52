import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findVersion } from '../../../activities/dataset-versions.js';
import { datasetDrift } from '../../../domain/dataset/dataset-drift.js';
import { verb, type CommandContext } from '../command-context.js';
import { asResult, storeOf } from './dataset-context.js';

/** `data profile NAME [VERSION]`: a version as a page for people, with drift against the version before. */
export const addDataProfile = (data: Command, context: CommandContext): Command =>
  verb<{ out: string }>({
    command: data
      .command('profile')
      .description('write an HTML page about a version: funnel, distributions, drift, examples')
      .argument('<name>', 'the data set, named as its model')
      .argument('[version]', 'first characters of its digest; the latest without')
      .option('--out <file>', 'where the page is written', 'dataset-profile.html'),
    context,
    run: ({ arguments: [name = '', version], options }) =>
      asResult(context, async () => {
        // The charts take a while to load, which no other verb should wait for.
        const { renderDatasetProfile } = await import('../../../report/render-dataset-profile.js');
        const store = storeOf(context);
        const { manifest: current } = await findVersion({ store, name, version: version ?? null });
        const before = current.provenance.previous;
        const previous = before === null ? null : (await findVersion({ store, name, version: before })).manifest;
        const page = resolve(options.out);
        await writeFile(page, renderDatasetProfile({ current, previous }));
        const drift = previous === null ? null : datasetDrift({ previous, current });
        const shifted = drift?.columns.filter(({ shift }) => shift !== 'none').map(({ column }) => column) ?? [];
        const { digest, profile } = current;
        return {
          code: 0,
          data: { name, digest, previous: before, page, profile, drift },
          text: `${name} ${digest}\nshifted: ${drift === null ? 'no version before' : shifted.join(', ') || 'none'}\npage: ${page}`,
        };
      }),
  });
