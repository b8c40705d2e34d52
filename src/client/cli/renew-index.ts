import type { Command } from 'commander';
import { CannotRun, verb, withClient, type CommandContext } from './command-context.js';

/** `retrieval renew`: the workflow `index` at once, for whoever hears that documents changed. */
export const addRenewIndex = ({ retrieval, context }: { retrieval: Command; context: CommandContext }): Command =>
  verb<{ wait?: boolean }>({
    command: retrieval
      .command('renew')
      .description('bring the index of an applied model up to date by a worker')
      .argument('<model>')
      .option('--wait', 'wait until it is in use'),
    context,
    run: ({ arguments: [model = ''], options }) =>
      withClient(context.settings(), async (client) => {
        const run = await client.renewIndex(model);
        if (run === null)
          throw new CannotRun(`${model}: its spec names no retrieval.source; somebody else fills its index`);
        const { workflowId } = run;
        if (options.wait !== true) return { code: 0, data: { workflowId }, text: `${workflowId} runs` };
        const result = await run.result();
        const { version, switched, documents, changed } = result;
        const changes = switched ? `${changed} changed` : 'none changed';
        return { code: 0, data: { workflowId, ...result }, text: `${version}: ${documents} documents, ${changes}` };
      }),
  });
