import type { Command } from 'commander';
import type { RecomputedPart } from '../../activities/recompute/recomputed-part.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { asResult, storeOf } from './data/dataset-context.js';

const shownDifferences = 10;

function linesOf({ part, verdict, from, differences, asRecorded }: RecomputedPart): string[] {
  const taken = asRecorded.length === 0 ? '' : `; as recorded: ${asRecorded.join(', ')}`;
  const shown = differences
    .slice(0, shownDifferences)
    .map(({ what, recorded, recomputed }) => `    ${what}: recorded ${recorded}, recomputed ${recomputed}`);
  const more = differences.length - shown.length;
  return [
    `  ${part}: ${differences.length === 0 ? 'equal' : `DIFFERENT in ${differences.length}`}, ${verdict}, from ${from}${taken}`,
    ...shown,
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

/** `audit recompute`: every stored decision of a release again, bit for bit, with no network. */
export const addAuditRecompute = (audit: Command, context: CommandContext): Command =>
  verb({
    command: audit
      .command('recompute')
      .description(
        'repeat the decisions of a release from what it stored: evaluation, shadow, guards, steps; exit 1 where one comes out otherwise',
      )
      .argument('<release>'),
    context,
    run: ({ arguments: [release] }) =>
      asResult(context, async () => {
        const releaseId = release!;
        const store = storeOf(context);
        const { recomputeRelease } = await import('./recompute-release.js');
        const parts = await recomputeRelease({ store, releaseId });
        if (parts.length === 0)
          throw new CannotRun(`${releaseId} left no decision in the store; check its name and UNDERSTUDY_STORE`);
        const equal = parts.every(({ differences }) => differences.length === 0);
        return {
          code: equal ? 0 : 1,
          data: { release: releaseId, equal, parts },
          text: [`${releaseId}: ${equal ? 'equal' : 'DIFFERENT'}`, ...parts.flatMap(linesOf)].join('\n'),
        };
      }),
  });
