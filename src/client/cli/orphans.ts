import { randomUUID } from 'node:crypto';
import Table from 'cli-table3';
import { InvalidArgumentError, type Command } from 'commander';
import { queueName } from '../../contracts/names.js';
import type { OrphanSweepInput, OrphanSweepResult } from '../../contracts/orphans.js';
import { durationMilliseconds } from '../../domain/spec/quantities.js';
import { verb, withClient, type CommandContext } from './command-context.js';

function durationOf(text: string): number {
  const found = durationMilliseconds(text);
  if (found !== null && found >= 0) return found;
  throw new InvalidArgumentError('expected a duration such as 24h, 30m or PT1H');
}

function textOf({ orphans, removed, skipped }: OrphanSweepResult): string {
  const table = new Table({ head: ['model', 'what', 'name', 'since', ''], style: { head: [], border: [] } });
  const isRemoved = (name: string): boolean => removed.some((one) => one.name === name);
  for (const { model, kind, name, firstSeenAt } of orphans)
    table.push([model, kind, name, firstSeenAt, isRemoved(name) ? 'removed' : '']);
  return [
    ...(orphans.length > 0 ? [table.toString()] : skipped.length === 0 ? ['Nothing is left over.'] : []),
    ...skipped.map(({ model, reason }) => `${model} was not swept to the end: ${reason}`),
  ].join('\n');
}

/** `orphans [MODEL]`: what belongs to no release that runs or may serve; removes nothing without `--remove`. */
export const addOrphans = (program: Command, context: CommandContext): Command =>
  verb<{ remove?: boolean; grace: number }>({
    command: program
      .command('orphans')
      .description('find jobs, endpoints, traffic and weights that belong to no release; a worker must run')
      .argument('[model]', 'all without')
      .option('--remove', 'remove what has been left over for longer than the grace')
      .option('--grace <duration>', 'how long something must have been left over', durationOf, 24 * 3_600_000),
    context,
    run: ({ arguments: [model], options }) =>
      withClient(context.settings(), async ({ temporal }) => {
        const input: OrphanSweepInput = {
          ...{ model: model ?? null, remove: options.remove === true, graceMilliseconds: options.grace },
        };
        const result = (await temporal.workflow.execute('orphanSweep', {
          workflowId: `orphan-sweep:${randomUUID()}`,
          taskQueue: queueName({ prefix: '', queue: 'orchestration' }),
          args: [input],
        })) as OrphanSweepResult;
        const clean = result.orphans.length === result.removed.length && result.skipped.length === 0;
        return { code: clean ? 0 : 1, data: result, text: textOf(result) };
      }),
  });
