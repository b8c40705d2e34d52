import Table from 'cli-table3';
import type { Command } from 'commander';
import type { LifecycleState } from '../../domain/release/lifecycle-state.js';
import { waitsForBudget } from '../../domain/release/monthly-budget.js';
import { waitsForTime } from '../../domain/release/queue-holds.js';
import type { ReleaseStatus, UnderstudyClient } from '../understudy-client.js';
import { verdictMarks } from '../start/demonstration/narrate.js';
import { CannotRun, errorMessage, verb, withClient, type CommandContext } from './command-context.js';

const plain = { style: { head: [], border: [] } };

const outcomeOf = ({ outcome, withdrawnAt }: LifecycleState['ended'][number]): string =>
  withdrawnAt === null ? outcome : `${outcome}, withdrawn ${withdrawnAt}`;

const overview = (states: readonly LifecycleState[]): string => {
  const table = new Table({ head: ['model', 'champion', 'running', 'queue', 'last release'], ...plain });
  for (const { model, champion, running, queue, ended, paused } of states) {
    const last = ended.at(-1);
    table.push([
      paused ? `${model} (paused)` : model,
      champion?.releaseId ?? 'none',
      running?.releaseId ?? '-',
      String(queue.length),
      last ? `${last.releaseId}: ${outcomeOf(last)}` : '-',
    ]);
  }
  return states.length === 0 ? 'no models yet; "understudy apply SPEC" makes one' : table.toString();
};

/** The running release in full: stage, verdicts, what it waits for and how to answer. */
function releaseText({ releaseId, progress }: ReleaseStatus): string[] {
  if (progress === null) return [`${releaseId} waits in the queue`];
  const { stage, since, share, verdicts, waiting } = progress;
  return [
    `${releaseId}: ${stage} since ${since}${share > 0 ? `, ${Number((share * 100).toFixed(1))} % of the users on it` : ''}`,
    ...verdicts.map(({ gate, verdict, reason }) => `  ${verdictMarks[verdict]} ${gate}: ${verdict} (${reason})`),
    ...(waiting === null
      ? []
      : [`  waits for ${waiting.for}${waiting.until === null ? '' : ` until ${waiting.until}`}`, `  ${waiting.how}`]),
  ];
}

function removalText({ removal }: LifecycleState): string[] {
  if (!removal) return [];
  const left = removal.left ? [`tried again until it is done: ${removal.left.problem}`] : [];
  return [`being removed by ${removal.by} (${removal.reason})`, ...left];
}

function modelText(state: LifecycleState, release: ReleaseStatus | null): string {
  const now = new Date().toISOString();
  const table = new Table({
    head: ['release', 'outcome', 'stage', 'took', 'why'],
    colWidths: [null, null, null, null, 70],
    wordWrap: true,
    ...plain,
  });
  for (const one of state.ended) {
    const { releaseId, stage, seconds, reasons } = one;
    table.push([releaseId, outcomeOf(one), stage, `${Math.round(seconds)} s`, reasons.join('\n')]);
  }
  return [
    `${state.model}: champion ${state.champion?.releaseId ?? 'none'}${state.paused ? `, paused by ${state.paused.by} (${state.paused.reason})` : ''}`,
    ...removalText(state),
    ...(state.unfinishedReturn?.notUndone ?? []).map((one) => `tried again until it is done: ${one}`),
    ...state.queue.map((one) => `queued: ${one.releaseId} (${one.reasons.join('; ')})`),
    ...[waitsForBudget({ state, now }) ?? waitsForTime({ state, now })].flatMap((one) => one ?? []),
    ...(release === null ? ['no release runs'] : releaseText(release)),
    ...(state.ended.length > 0 ? [table.toString()] : []),
  ].join('\n');
}

/** What every lifecycle says; one that can't be asked hides none of the others. */
async function askAll(client: UnderstudyClient) {
  const names = await client.models();
  const answers = await Promise.allSettled(names.map((name) => client.describe(name)));
  return {
    states: answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])),
    silent: answers.flatMap((answer, index) =>
      answer.status === 'rejected' ? [{ name: names[index]!, reason: errorMessage(answer.reason) }] : [],
    ),
  };
}

async function modelStatus(client: UnderstudyClient, model: string) {
  const state = await client.describe(model);
  const release = state.running ? await client.status({ model, releaseId: state.running.releaseId }) : null;
  return { code: 0 as const, data: { ...state, release }, text: modelText(state, release) };
}

/** Follows the running release to its end; exit 1 when it did not become champion. */
async function watchModel(client: UnderstudyClient, model: string, context: CommandContext) {
  const { running } = await client.describe(model);
  if (running === null) throw new CannotRun(`no release of ${model} runs; "understudy release ${model}" asks for one`);
  const { releaseId } = running;
  for await (const status of client.watch({ model, releaseId })) {
    if (status.ended === null) context.say(releaseText(status).join('\n'));
    else {
      const { outcome, stage, reasons } = status.ended;
      const text = `${releaseId} ended: ${outcome} in ${stage}${reasons.map((one) => `\n  ${one}`).join('')}`;
      return { code: outcome === 'promoted' ? (0 as const) : (1 as const), data: status.ended, text };
    }
  }
  throw new CannotRun(`${releaseId} can't be followed any more`);
}

/** `status [MODEL]`: where everything stands. */
export const addStatus = (program: Command, context: CommandContext): Command =>
  verb<{ watch?: boolean }>({
    command: program
      .command('status')
      .description('show every model, or one with its releases')
      .argument('[model]')
      .option('--watch', 'follow the running release to its end'),
    context,
    run: ({ arguments: [model], options }) =>
      withClient(context.settings(), async (client) => {
        if (model === undefined && options.watch) throw new CannotRun('--watch needs a model');
        if (model !== undefined && options.watch) return watchModel(client, model, context);
        if (model !== undefined) return modelStatus(client, model);
        const { states, silent } = await askAll(client);
        return {
          code: silent.length === 0 ? 0 : 1,
          data: { models: states, silent },
          text: [overview(states), ...silent.map(({ name, reason }) => `${name} does not answer: ${reason}`)].join(
            '\n',
          ),
        };
      }),
  });
