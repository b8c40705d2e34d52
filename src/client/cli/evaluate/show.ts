import { Option, type Command } from 'commander';
import { verb, type CommandContext } from '../command-context.js';
import { asResult, storeOf } from '../data/dataset-context.js';
import { evaluationResult, formats, type Format } from './evaluation-result.js';

/** `evaluate show ID`: an evaluation from the store in another format, with nothing asked again. */
export const addShow = (evaluate: Command, context: CommandContext): Command =>
  verb<{ format: Format; out?: string }>({
    command: evaluate
      .command('show')
      .description('show an evaluation that is in the store, whatever it decided')
      .argument('<id>', 'a release, or an evaluation that "evaluate" named')
      .addOption(new Option('--format <name>', 'of what is printed').choices(formats).default('text'))
      .option('--out <file>', 'where it is written, instead of standard output'),
    context,
    run: ({ arguments: [id = ''], options: { format, out } }) =>
      asResult(context, async () => {
        const { loadEvaluation } = await import('./load-evaluation.js');
        const view = await loadEvaluation({ store: storeOf(context), id });
        return { ...(await evaluationResult({ view, format, out })), code: 0 };
      }),
  });
