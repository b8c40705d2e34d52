import Table from 'cli-table3';
import { InvalidArgumentError, type Command } from 'commander';
import type { LoadInput, LoadResult } from '../../contracts/load.js';
import { durationMilliseconds, perSecondSchema } from '../../domain/spec/quantities.js';
import { verdictMarks } from '../start/demonstration/narrate.js';
import { CannotRun, verb, withClient, type CommandContext } from './command-context.js';

interface LoadOptions {
  release?: string;
  rate?: number;
  duration?: number;
}

function rateOf(text: string): number {
  const parsed = perSecondSchema.safeParse(/^[\d.]+$/.test(text) ? Number(text) : text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('expected a rate such as 20/s or 1200/m');
}

function durationOf(text: string): number {
  const found = durationMilliseconds(text);
  if (found !== null && found > 0) return found;
  throw new InvalidArgumentError('expected a duration such as 30s, 1m or PT1M');
}

function textOf({ input, result }: { input: LoadInput; result: LoadResult }): string {
  const table = new Table({ head: ['', 'gate', 'what was found'], style: { head: [], border: [] } });
  for (const { gate, verdict, reason } of result.verdicts) table.push([verdictMarks[verdict], gate, reason]);
  return [
    `${input.releaseId} at ${input.perSecond} requests a second for ${input.milliseconds / 1000} s: ${result.verdict}`,
    table.toString(),
  ].join('\n');
}

/** `load MODEL`: how much a release that is served now can take. */
export const addLoad = (program: Command, context: CommandContext): Command =>
  verb<LoadOptions>({
    command: program
      .command('load')
      .description('ask a served release as many questions a second as its spec expects at the peak, and more')
      .argument('<model>')
      .option('--release <release>', 'the champion or the challenger; the champion without')
      .option('--rate <rate>', "such as 20/s; the spec's peak times its factor without", rateOf)
      .option('--duration <duration>', "such as 1m; the spec's without", durationOf),
    context,
    run: ({ arguments: [model = ''], options: { release = null, rate = null, duration = null } }) =>
      withClient(context.settings(), async (client) => {
        const request = { model, releaseId: release, perSecond: rate, milliseconds: duration };
        const {
          workflowId,
          input,
          result: ended,
        } = await client.loadTest(request).catch((error: unknown) => {
          throw error instanceof RangeError ? new CannotRun(error.message) : error;
        });
        context.say(`${workflowId} asks ${input.target.endpoint}; users of that endpoint feel it`);
        const result = await ended();
        const { releaseId, perSecond, milliseconds } = input;
        return {
          code: result.verdict === 'pass' ? 0 : 1,
          data: { release: releaseId, perSecond, milliseconds, ...result },
          text: textOf({ input, result }),
        };
      }),
  });
