import { z } from 'zod';
import {
  costOf,
  estimateTokens,
  overBudget,
  tokensOfReply,
  type TokenPrice,
} from '../../domain/evaluation/judge/budget.js';
import type { JudgeCall, JudgedInput, JudgeMessage } from '../../domain/evaluation/judge/judge-call.js';
import { judgeCase } from '../../domain/evaluation/judge/judge-case.js';
import { correctionOf, readReply } from '../../domain/evaluation/judge/read-reply.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import { unmeasured, type Score } from '../../domain/evaluation/scorer.js';
import { digestOf } from '../../domain/release/evidence.js';
import type { Judge } from './judge-port.js';
import type { Pacer, Timing } from './pacer.js';
import { sendCall, type SentCall } from './send-call.js';
import { parseJson } from '../../domain/parse-json.js';

const attemptsOfReply = 3;
const longestQuoted = 2000;
/** As many as OpenAI and vLLM name at most. */
const mostFirstTokens = 20;
/** So many calls in a row without an answer, each retried, and the judge counts as down for the rest. */
const mostLost = 5;
/** So many questions without a usable reply, and none with one: the judge can't do it, and the rest would be paid in vain. */
const mostUseless = 20;

/** One answered call as the cache keeps it; `evaluation` paid for it. */
const storedSchema = z.object({ value: z.unknown(), costUsd: z.number(), evaluation: z.string() });

export interface Spending {
  spentUsd: number;
  calls: number;
  /** Answers that the cache gave. */
  cached: number;
}

/** Judges cases one at a time; counts what that costs and stops at the cap. */
export interface JudgeCaller {
  judge(input: { model: string; rubric: Rubric; input: JudgedInput }): Promise<Score>;
  /** Tokens of the first question; null where nothing is asked or the cache answers. */
  opening(input: { model: string; rubric: Rubric; input: JudgedInput }): Promise<number | null>;
  spending(): Spending;
  /** Once this is done, every answer is stored. */
  stored(): Promise<void>;
}

type LostCall = Extract<SentCall, { reply: null }>;
type Answered = { value: unknown } | { reason: string };

export function createJudgeCaller({
  judge,
  pacer,
  timing,
  evaluation,
  capUsd,
  budgetField = 'evaluation.judge.budgetUsd',
  priceOf,
}: {
  judge: Judge;
  pacer: Pacer;
  timing: Timing;
  /** Whose budget this is: what it paid for before it was killed counts against its cap. */
  evaluation: string;
  capUsd: number;
  /** Of the spec, where the cap stands. */
  budgetField?: string;
  priceOf: (model: string) => TokenPrice;
}): JudgeCaller {
  const spending: Spending = { spentUsd: 0, calls: 0, cached: 0 };
  const underWay = new Map<string, Promise<Answered>>();
  const counted = new Set<string>();
  const storing = new Map<string, Promise<void>>();
  let notStored: { error: unknown } | null = null;
  /** What the calls under way are expected to cost: with many at once the cap would be passed before it is seen. */
  let underWayUsd = 0;
  let replyTokens = 0;
  /** By model: one that is not served says nothing of the others. */
  const lost = new Map<string, number>();
  const usualReply = (): number => (spending.calls === 0 ? 0 : replyTokens / spending.calls);
  const down = new Map<string, string>();
  const useful = new Set<string>();
  const useless = new Map<string, number>();

  const keyOf = ({ model, rubric, call }: { model: string; rubric: Rubric; call: JudgeCall }): string =>
    digestOf({
      version: 1,
      judge: { endpoint: judge.endpoint, model },
      rubric: rubric.digest,
      step: call.step,
      messages: call.messages,
      maxTokens: call.maxTokens,
    });

  async function stored({ key, call }: { key: string; call: JudgeCall }): Promise<z.infer<typeof storedSchema> | null> {
    const text = await judge.results.get({ key });
    if (text === null) return null;
    const read = storedSchema.safeParse(parseJson(text));
    if (!read.success) return null;
    const value = call.schema.safeParse(read.data.value);
    return value.success ? { ...read.data, value: value.data } : null;
  }

  async function answer({
    model,
    rubric,
    call,
  }: {
    model: string;
    rubric: Rubric;
    call: JudgeCall;
  }): Promise<Answered> {
    if (notStored !== null) throw notStored.error;
    const key = keyOf({ model, rubric, call });
    const begun = underWay.get(key);
    if (begun) return await begun;
    const asked = (async (): Promise<Answered> => {
      const known = await stored({ key, call });
      if (!known) return await ask({ key, model, call });
      spending.cached += 1;
      useful.add(model);
      if (known.evaluation === evaluation && !counted.has(key)) spending.spentUsd += known.costUsd;
      counted.add(key);
      return { value: known.value };
    })();
    underWay.set(key, asked);
    try {
      return await asked;
    } finally {
      void (storing.get(key) ?? Promise.resolve()).then(() => underWay.delete(key));
    }
  }

  /** The next question does not wait for the disk; `stored` does. */
  function keep({ key, value }: { key: string; value: string }): void {
    const kept = judge.results
      .put({ key, value })
      .catch((error: unknown) => {
        notStored ??= { error };
      })
      .finally(() => storing.delete(key));
    storing.set(key, kept);
  }

  /** Asks, and asks again with what was wrong where the reply is of no use. */
  async function ask({ key, model, call }: { key: string; model: string; call: JudgeCall }): Promise<Answered> {
    const price = priceOf(model);
    let messages: JudgeMessage[] = call.messages;
    let costUsd = 0;
    let problem = '';
    for (let attempt = 1; attempt <= attemptsOfReply; attempt += 1) {
      const known = down.get(model);
      if (known !== undefined) return { reason: known };
      const expected = costOf({ price, promptTokens: estimateTokens(messages), completionTokens: usualReply() });
      if (spending.spentUsd + underWayUsd + expected > capUsd)
        return { reason: overBudget({ capUsd, spentUsd: spending.spentUsd, field: budgetField }) };
      underWayUsd += expected;
      const sent = await sendCall({
        ...{ judge, pacer, timing, model, messages, maxTokens: call.maxTokens },
        ...(call.letters && { firstTokens: mostFirstTokens }),
      });
      const tokens = sent.reply && tokensOfReply({ messages, reply: sent.reply });
      const cost = tokens === null ? 0 : costOf({ price, ...tokens });
      // In one step: no other call may see the room that this one has left before it sees what this one cost.
      underWayUsd -= expected;
      spending.spentUsd += cost;
      if (sent.reply === null) return giveUp({ model, ...sent });
      lost.delete(model);
      costUsd += cost;
      replyTokens += tokens?.completionTokens ?? 0;
      spending.calls += 1;
      const { text, firstTokens = [] } = sent.reply;
      const read = readReply({ call, text, firstTokens });
      if (read.ok) {
        keep({ key, value: JSON.stringify({ value: read.value, costUsd, evaluation }) });
        counted.add(key);
        useful.add(model);
        return { value: read.value };
      }
      problem = `${read.problem}: ${read.message}`;
      messages = [
        ...call.messages,
        { role: 'assistant', content: text.slice(0, longestQuoted) || '(nothing)' },
        { role: 'user', content: correctionOf({ call, message: read.message }) },
      ];
    }
    const reason = `judge ${model}, ${call.step}: no usable reply in ${attemptsOfReply}, last ${problem}`;
    const inVain = (useless.get(model) ?? 0) + 1;
    useless.set(model, inVain);
    if (inVain >= mostUseless && !useful.has(model) && !down.has(model))
      down.set(model, `no reply to the first ${inVain} questions was of use, nothing more was asked; ${reason}`);
    return { reason };
  }

  function giveUp({ model, reason, of }: { model: string; reason: string; of: LostCall['of'] }): Answered {
    const said = `judge ${model} gave no answer: ${reason}`;
    const inRow = (lost.get(model) ?? 0) + Number(of !== 'question');
    lost.set(model, inRow);
    if ((of === 'everyCall' || inRow >= mostLost) && !down.has(model))
      down.set(model, `the judge is down, nothing more was asked; ${said}`);
    return { reason: said };
  }

  return {
    async judge({ model, rubric, input }) {
      const judging = judgeCase({ rubric, input });
      let step = judging.next();
      while (!step.done) {
        const answered = await answer({ model, rubric, call: step.value });
        if ('reason' in answered) return unmeasured(answered.reason);
        step = judging.next(answered.value);
      }
      return step.value;
    },
    async opening({ model, rubric, input }) {
      const first = judgeCase({ rubric, input }).next();
      if (first.done) return null;
      const call = first.value;
      const known = await stored({ key: keyOf({ model, rubric, call }), call });
      return known ? null : estimateTokens(call.messages);
    },
    spending: () => ({ ...spending }),
    async stored() {
      await Promise.all(storing.values());
      if (notStored !== null) throw notStored.error;
    },
  };
}
