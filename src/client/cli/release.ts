import { Option, type Command } from 'commander';
import { releaseKindSchema, type ReleaseKind } from '../../domain/release/kinds.js';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

interface ReleaseOptions {
  kind: ReleaseKind;
  reason: string;
  by: string;
  priority: 'normal' | 'high';
  modelVersion?: string;
  index?: string;
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
      .option('--model-version <version>', 'roll out this version of the registered model in place of a new one')
      .option('--index <version>', 'of an index release: the version of the index that is to serve')
      .option('--request-id <id>', 'asking again with the same id starts nothing new'),
    context,
    run: ({ arguments: [model = ''], options }) =>
      withClient(context.settings(), async (client) => {
        const { kind, reason, by, priority, requestId, modelVersion, index } = options;
        const answer =
          modelVersion === undefined
            ? await client.requestRelease({
                ...{ model, kind, reason, requestedBy: by, priority },
                ...(index !== undefined && { indexVersion: index }),
                ...(requestId !== undefined && { requestId }),
              })
            : await client.requestRollout({
                ...{ model, version: modelVersion, reason, requestedBy: by },
                ...(requestId !== undefined && { requestId }),
              });
        return {
          code: answer.decision === 'refused' ? 1 : 0,
          data: answer,
          text: `${answer.decision}: ${answer.releaseId ?? model} (${answer.reason})`,
        };
      }),
  });
