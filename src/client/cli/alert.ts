import { Option, type Command } from 'commander';
import { alertSchema, type Alert } from '../../contracts/lifecycle.js';
import { verb, withClient, type CommandContext } from './command-context.js';

interface AlertOptions {
  kind: string;
  severity: Alert['severity'];
  category?: string;
  evidence: string;
}

/** `alert MODEL`: what a monitor or a drift job calls. */
export const addAlert = (program: Command, context: CommandContext): Command =>
  verb<AlertOptions>({
    command: program
      .command('alert')
      .description('tell a model of what a monitor has seen; a critical alert asks for a release')
      .argument('<model>')
      .requiredOption('--kind <kind>', 'what it is: drift, thumbsDown, or a name of your own')
      .addOption(
        new Option('--severity <level>', 'critical asks for a release; lesser ones are noted')
          .choices(alertSchema.shape.severity.options)
          .makeOptionMandatory(),
      )
      .option('--category <name>', 'which questions it is about')
      .requiredOption('--evidence <text>', 'what was seen, with its figures'),
    context,
    run: ({ arguments: [model = ''], options: { kind, severity, category = null, evidence } }) =>
      withClient(context.settings(), async (client) => {
        const alert = { kind, severity, category, evidence };
        const { trigger } = await client.alert({ model, ...alert });
        const came = trigger
          ? `asks for a release (trigger ${trigger}); "understudy status ${model}" says what came of it`
          : 'noted; only a critical one asks for a release';
        return { code: 0, data: { model, ...alert, trigger }, text: `${model}: ${severity} alert ${kind} ${came}` };
      }),
  });
