import type { Command } from 'commander';
import { dayWindow } from '../../../domain/dataset/time-window.js';
import { CannotRun, verb, withClient, type CommandContext } from '../command-context.js';
import { asResult, specificationOf } from './dataset-context.js';

interface IngestOptions {
  spec: string;
  overlay: string[];
  from?: string;
  to?: string;
  wait?: boolean;
}

function dateOf(date: string | undefined): string | null {
  if (date === undefined) return null;
  try {
    return dayWindow(date).from.slice(0, 10);
  } catch (error) {
    throw new CannotRun((error as Error).message);
  }
}

/** `data ingest`: the same pipeline as a workflow, date by date. */
export const addDataIngest = (data: Command, context: CommandContext): Command =>
  verb<IngestOptions>({
    command: data
      .command('ingest')
      .description('take in the rows of yesterday, or of past dates, as a workflow')
      .requiredOption('--spec <file>', 'the spec file')
      .option('--overlay <file...>', 'files laid over it, in order', [])
      .option('--from <date>', 'first date; yesterday without')
      .option('--to <date>', 'last date; the first one without')
      .option('--wait', 'wait until all dates are in'),
    context,
    run: ({ options }) =>
      asResult(context, async () => {
        const [from, to] = [dateOf(options.from), dateOf(options.to)];
        if (from === null && to !== null) throw new CannotRun('--to needs --from');
        const { spec, overlay } = options;
        const specification = await specificationOf({ context, spec, overlays: overlay, source: undefined });
        return await withClient(context.settings(), async (client) => {
          const { workflowId, result } = await client.ingest({ specification, from, to });
          if (options.wait !== true) return { code: 0, data: { workflowId }, text: `${workflowId} runs` };
          const { dates, read, published, latest } = await result();
          return {
            code: 0,
            data: { workflowId, dates, read, published, latest },
            text: `${workflowId}: ${dates} dates, ${published} of ${read} rows published`,
          };
        });
      }),
  });
