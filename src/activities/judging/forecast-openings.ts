import { setImmediate as nextTurn } from 'node:timers/promises';
import { forecastCost, refusalOf, type Forecast, type TokenPrice } from '../../domain/evaluation/judge/budget.js';
import type { JudgeSpec } from '../../domain/spec/evaluation-spec.js';
import { throwIfCancelled } from '../heartbeat.js';
import { isTiered } from './calibrated-tiers.js';
import type { JudgeCaller } from './judge-caller.js';
import type { JudgeTasks, Task } from './judge-tasks.js';

const arms = ['challenger', 'champion'] as const;
/** Calls of a judgement on average (claims take two, pairs two, the rest one), and cases the first judge is unsure of. */
const callsEach = 1.6;
const unsureShare = 0.2;
/** What all tasks cost is foreseen by those that are counted: first by so many openings, which the first question waits for. */
const openingsToFirstLook = 100;
const tasksBetweenLooks = 1000;
/** With no more than this share of the cap foreseen, judging need not wait for the last task to be counted. */
const surelyEnough = 0.5;
/** Tasks that are counted before replies are looked at again: many as long as none can come. */
const tasksInTurn = 25;
const tasksBesideReplies = 5;

/**
 * What judging will cost. It is known before anything is asked, unless the budget is ample: then the rest is counted
 * beside the first judgements, and can still refuse what has not been asked.
 */
export interface OpeningForecast {
  /** Waits until a task may be asked, and says why not; null where it may. */
  refusal(index: number): Promise<string | null>;
  /** Of all tasks. */
  whole(): Promise<Forecast>;
  /** The same once all are counted; null before. */
  known(): Forecast | null;
  /** Lets go of what is not counted yet, and of whoever waits for it. */
  stop(): void;
}

/** Counts the first questions that no cache answers. */
export function forecastOpenings({
  caller,
  spec,
  tasks,
  priceOf,
}: {
  caller: JudgeCaller;
  spec: JudgeSpec;
  tasks: JudgeTasks;
  priceOf: (model: string) => TokenPrice;
}): OpeningForecast {
  const model = spec.strong !== null && spec.strongFor === 'everyCase' ? spec.strong : spec.model;
  const capUsd = spec.budgetUsd;
  const openings: number[] = [];
  let counted = 0;
  let stopped = false;
  let isSurelyEnough = false;
  let hasLooked = false;
  let turn: Promise<void> = Promise.resolve();
  let known: Forecast | null = null;
  const forecast = (): Forecast =>
    forecastCost({
      openings,
      price: priceOf(model),
      callsEach: callsEach * (1 + spec.jury.length),
      strong: isTiered(spec) ? { price: priceOf(spec.strong!), share: unsureShare + spec.auditShare } : null,
    });

  async function add({ rubric, inputs }: Task): Promise<void> {
    for (const arm of arms) {
      const input = inputs[arm];
      if (input === undefined || 'reason' in input || (rubric.kind === 'pairwise' && arm === 'champion')) continue;
      const tokens = await caller.opening({ model, rubric, input });
      if (tokens !== null) openings.push(tokens);
    }
  }
  async function countTurn(): Promise<void> {
    throwIfCancelled();
    const end = Math.min(tasks.count, counted + (isSurelyEnough ? tasksBesideReplies : tasksInTurn));
    for (; counted < end; counted += 1) await add(tasks.at(counted));
    if (openings.length >= openingsToFirstLook && (!hasLooked || counted % tasksBetweenLooks === 0)) {
      hasLooked = true;
      // Whatever a cache has answered so far: the rest may all be asked, once for each that was counted here.
      const each = forecast().leastUsd / openings.length;
      isSurelyEnough = each * (openings.length + (tasks.count - counted) * arms.length) <= surelyEnough * capUsd;
    }
    await nextTurn();
  }
  const all = (async (): Promise<{ forecast: Forecast; refusal: string | null }> => {
    while (counted < tasks.count && !stopped) await (turn = countTurn());
    const whole = forecast();
    if (!stopped) known = whole;
    return { forecast: whole, refusal: refusalOf({ forecast: whole, capUsd, spentUsd: 0 }) };
  })();
  // It is awaited by whoever asks; when nobody does any more, a failure of it is no unhandled one.
  all.catch(() => undefined);

  return {
    async refusal(index) {
      while (counted < tasks.count && !stopped) {
        if (isSurelyEnough && counted > index) return null;
        await turn;
      }
      return stopped ? 'judging ended before this case' : (await all).refusal;
    },
    whole: async () => (await all).forecast,
    known: () => known,
    stop: () => {
      stopped = true;
    },
  };
}
