import type { JudgeMessage } from './judge-call.js';

/** US dollars for a million tokens. */
export interface TokenPrice {
  input: number;
  output: number;
}

/** For a model whose price nobody named: rather too high, so that a cap holds early and not late. */
export const assumedPrice: TokenPrice = { input: 5, output: 20 };

const million = 1_000_000;
/** Of UTF-8: four letters of English, two of Cyrillic, one of Chinese and a bit. */
const bytesOfToken = 4;
const tokensOfMessage = 4;

export const costOf = ({
  price,
  promptTokens,
  completionTokens,
}: {
  price: TokenPrice;
  promptTokens: number;
  completionTokens: number;
}): number => (promptTokens * price.input + completionTokens * price.output) / million;

const tokensOfText = (text: string): number => Math.ceil(Buffer.byteLength(text) / bytesOfToken);

/** About how many tokens messages have. */
export const estimateTokens = (messages: readonly JudgeMessage[]): number =>
  messages.reduce((sum, { content }) => sum + tokensOfText(content) + tokensOfMessage, 0);

/** Tokens as the endpoint counted them. One that counts none would cost nothing and have no cap, so its are estimated. */
export const tokensOfReply = ({
  messages,
  reply: { text, promptTokens, completionTokens },
}: {
  messages: readonly JudgeMessage[];
  reply: { text: string; promptTokens: number; completionTokens: number };
}): { promptTokens: number; completionTokens: number } => ({
  promptTokens: promptTokens || estimateTokens(messages),
  completionTokens: completionTokens || tokensOfText(text),
});

export interface Forecast {
  calls: number;
  /** What the first questions alone cost to send: the evaluation can't cost less. */
  leastUsd: number;
  /** With replies, follow-up questions and the strong judge's share. */
  expectedUsd: number;
}

const replyTokens = 150;

/** The cost of judging before it begins, from the first question of each judgement that no cache answers. */
export function forecastCost({
  openings,
  price,
  callsEach,
  strong,
}: {
  /** Tokens of each first question. */
  openings: readonly number[];
  price: TokenPrice;
  /** Calls of a judgement, on average. */
  callsEach: number;
  /** The strong judge's price and the share of judgements it is expected to see; null without one. */
  strong: { price: TokenPrice; share: number } | null;
}): Forecast {
  const tokens = openings.reduce((sum, one) => sum + one, 0);
  const withReplies = (by: TokenPrice): number =>
    callsEach * costOf({ price: by, promptTokens: tokens, completionTokens: replyTokens * openings.length });
  return {
    calls: Math.ceil(openings.length * callsEach * (1 + (strong?.share ?? 0))),
    leastUsd: costOf({ price, promptTokens: tokens, completionTokens: 0 }),
    expectedUsd: withReplies(price) + (strong ? strong.share * withReplies(strong.price) : 0),
  };
}

const dollars = (value: number): string => `${value.toFixed(value < 0.1 ? 4 : 2)} USD`;

/** Why nothing is begun; null where the budget may suffice. */
export const refusalOf = ({ forecast, capUsd, spentUsd }: { forecast: Forecast; capUsd: number; spentUsd: number }) =>
  spentUsd + forecast.leastUsd > capUsd
    ? `the judge's budget of ${dollars(capUsd)} can't suffice: the questions alone cost ${dollars(forecast.leastUsd)}; ${dollars(spentUsd)} spent so far. Raise evaluation.judge.budgetUsd`
    : null;

/** What a judgement says that the cap left no room for. */
export const overBudget = ({
  capUsd,
  spentUsd,
  field = 'evaluation.judge.budgetUsd',
}: {
  capUsd: number;
  spentUsd: number;
  /** Of the spec, where more is granted. */
  field?: string;
}): string => `over the judge's budget of ${dollars(capUsd)}: ${dollars(spentUsd)} spent so far. Raise ${field}`;
