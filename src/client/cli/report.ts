import type { Command } from 'commander';
import { readRecord } from '../../activities/read-record.js';
import { linkOf, openStore } from '../../adapters/open-store.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';

/** How long a link to a report in a bucket holds; S3 takes up to a week, a role's credentials may end it sooner. */
const linkSeconds = 3600;

/** `report RELEASE`: where the report stands, and the record; needs only the store. */
export const addReport = (program: Command, context: CommandContext): Command =>
  verb({
    command: program.command('report').description('find the report and record of a release').argument('<release>'),
    context,
    run: async ({ arguments: [releaseId = ''] }) => {
      const settings = context.settings();
      const store = openStore({ location: settings.store });
      const record = await readRecord({ store, releaseId });
      if (record === null)
        throw new CannotRun(
          `${releaseId} has no record in ${settings.store}; it may still run ("understudy status"), or UNDERSTUDY_STORE names another folder`,
        );
      const key = storeKeys.report({ releaseId });
      const report = (await store.get({ key })) === null ? null : await store.localPath({ key });
      const link = report === null ? null : await linkOf({ store, key, seconds: linkSeconds });
      return {
        code: 0,
        data: { release: releaseId, report, link, record },
        text: [
          `${releaseId}: ${record.outcome}`,
          `report: ${report ?? 'none'}`,
          ...(link === null ? [] : [`link for an hour: ${link}`]),
        ].join('\n'),
      };
    },
  });
