import { Command, CommanderError } from 'commander';
import { addAlert } from './alert.js';
import { addAnalyseCanary } from './analyse-canary.js';
import { addAnalyseComparison } from './analyse-comparison.js';
import { addApply } from './apply.js';
import { addAudit } from './audit.js';
import { addBatch } from './batch.js';
import { addCancel } from './cancel.js';
import { addCodec } from './codec.js';
import type { CommandContext } from './command-context.js';
import { addData } from './data/data.js';
import { addDrill } from './drill.js';
import { addDecisions } from './decide.js';
import { addDoctor } from './doctor.js';
import { addEvaluate } from './evaluate/evaluate.js';
import { addGolden } from './golden.js';
import { addJudge } from './judge/judge.js';
import { addLoad } from './load.js';
import { addOrphans } from './orphans.js';
import { addPlanCanary } from './plan-canary.js';
import { addPromotions } from './promotions.js';
import { addRelease } from './release.js';
import { addReleaseCard } from './release-card.js';
import { addRemove } from './remove.js';
import { addReport } from './report.js';
import { addIndex, addRetrieval } from './retrieval.js';
import { printable } from '../../domain/report/format.js';
import { addSimulateCanary } from './simulate-canary.js';
import { addStart } from './start.js';
import { addStatus } from './status.js';
import { addToken } from './token.js';
import { addPause, addResume, addRollback } from './traffic-verbs.js';
import { addValidate } from './validate.js';
import { addWorker } from './worker/worker.js';

/** The `understudy` command with every verb. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('understudy')
    .description('Keeps fine-tuned language models fresh, one guarded release after the other.')
    // A verb and the verbs below it may have options of the same name.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for what this verb takes)')
    .configureOutput({ writeOut: context.out, writeErr: (text) => context.say(text.trimEnd()) })
    .exitOverride();
  addStart(program, context);
  addApply(program, context);
  addValidate(program, context);
  addStatus(program, context);
  addReleaseCard(addRelease(program, context), context);
  addDecisions(program, context);
  addCancel(program, context);
  addAlert(program, context);
  addToken(program, context);
  addRollback(program, context);
  addDrill(program, context);
  addPause(program, context);
  addResume(program, context);
  addRemove(program, context);
  addDoctor(program, context);
  addOrphans(program, context);
  addReport(program, context);
  addAudit(program, context);
  addCodec(program, context);
  addPromotions(program, context);
  addData(program, context);
  addBatch(program, context);
  addIndex(program, context);
  addRetrieval(program, context);
  addGolden(program, context);
  addEvaluate(program, context);
  addJudge(program, context);
  addLoad(program, context);
  addWorker(program, context);
  const analyse = program.command('analyse').description('judge stored data with the code that decides');
  addAnalyseComparison(analyse, context);
  addAnalyseCanary(analyse, context);
  const simulate = program.command('simulate').description('show how often the code that decides is wrong');
  addSimulateCanary(simulate, context);
  const plan = program.command('plan').description('say beforehand what something takes');
  addPlanCanary(plan, context);
  return program;
}

/**
 * Runs one command line (without node and script); exit codes go to the context, nothing is thrown. What is said may quote
 * files, endpoints and judges: none of it may speak to the terminal.
 */
export async function runCommandLine(line: readonly string[], context: CommandContext): Promise<void> {
  const program = createProgram({ ...context, say: (text) => context.say(printable(text)) });
  try {
    await program.parseAsync([...line], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said what was wrong; help that was asked for is no error.
    context.exit(error.exitCode === 0 ? 0 : 2);
  }
}
