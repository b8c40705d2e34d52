import { Option, type Command } from 'commander';
import { releaseKindSchema, type ReleaseKind } from '../../domain/release/kinds.js';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

interface ReleaseOptions {
  kind: ReleaseKind;
  reason: string;
  by: string;
  priority: 'normal' | 'high';
  requestId?: string;
}

/** `release MODEL`: asks for a release. */
export const addRelease = (program: Command, context: CommandContext): Command =>
  verb<ReleaseOptions>({
    command: program
      .command('release')
      .description('ask for a release of a model')
      .argument('<model>')
      .addOption(new Option('--kind <kind>', 'what moves').choices(releaseKindSchema.options).default('training'))
      .option('--reason <text>', 'why', 'asked for on the command line')
      .option('--by <name>', 'who asks', currentUser())
      .addOption(new Option('--priority <level>').choices(['normal', 'high']).default('normal'))
      .option('--request-id <id>', 'asking again with the same id starts nothing new'),
    context,
    run: ({ arguments: [model = ''], options: { kind, reason, by, priority, requestId } }) =>
      withClient(context.settings(), async (client) => {
        const request = { model, kind, reason, requestedBy: by, priority };
        const answer = await client.requestRelease(requestId === undefined ? request : { ...request, requestId });
        return {
          code: answer.decision === 'refused' ? 1 : 0,
          data: answer,
          text: `${answer.decision}: ${answer.releaseId ?? model} (${answer.reason})`,
        };
      }),
  });
