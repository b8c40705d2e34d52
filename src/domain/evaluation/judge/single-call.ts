import { z } from 'zod';
import { scored, unmeasured, type Score } from '../scorer.js';
import { ask, messagesOf, type JudgedInput, type Judging } from './judge-call.js';
import { contextOf } from './claims.js';
import type { RubricOf } from './rubric.js';

const maxTokens = 300;
const reason = z.string().default('');
const word = z.string().trim();
const ratingSchema = z.object({ reason, score: z.number().int().min(1).max(5) });
const choiceSchema = z.object({
  reason,
  choice: word.toUpperCase().transform((text) => text.replaceAll(/[().]/g, '')),
});
const pairSchema = z.object({ reason, better: word.toLowerCase().pipe(z.enum(['first', 'second', 'tie'])) });

const valuesOf = (input: JudgedInput): Record<string, string> => ({
  question: input.question,
  answer: input.answer,
  reference: input.reference,
  context: contextOf(input).text,
});

/** One whole number from 1 to 5; the reason comes first, so that the number follows from it (G-Eval, Liu et al. 2023). */
export function* judgeRating({ rubric, input }: { rubric: RubricOf<'rating'>; input: JudgedInput }): Judging<Score> {
  const format = '{"reason": "<a short sentence>", "score": <1, 2, 3, 4 or 5>}';
  const reply = yield* ask({
    step: 'rate',
    messages: messagesOf({ system: rubric.system, template: rubric.rate, values: valuesOf(input), format }),
    maxTokens,
    schema: ratingSchema,
    format,
  });
  return scored(reply.score, { said: reply.reason });
}

/** One of several options by its letter, each with a score (closed-form factuality, OpenAI Evals 2023). */
export function* judgeChoice({ rubric, input }: { rubric: RubricOf<'choice'>; input: JudgedInput }): Judging<Score> {
  const letters = Object.keys(rubric.options);
  const options = letters.map((letter) => `(${letter}) ${rubric.options[letter]!.text}`).join('\n');
  if (rubric.by === 'logProbabilities') return yield* judgeLikelihoods({ rubric, input, letters, options });
  const format = `{"reason": "<a short sentence>", "choice": "${letters.join('" or "')}"}`;
  const reply = yield* ask({
    step: 'choose',
    messages: messagesOf({
      system: rubric.system,
      template: rubric.choose,
      values: { ...valuesOf(input), options },
      format,
    }),
    maxTokens,
    schema: choiceSchema,
    problemOf: ({ choice }) =>
      letters.includes(choice) ? null : `choice "${choice}": expected one of ${letters.join(', ')}`,
    format,
  });
  return scored(rubric.options[reply.choice]!.score, { choice: reply.choice, said: reply.reason });
}

const likelihoodsSchema = z.record(z.string(), z.number().min(0).max(1));

/**
 * The mean score of the options under the judge's own probabilities of their letters, which says how sure it is (Liu et
 * al. 2023, G-Eval, section 2).
 */
function* judgeLikelihoods({
  rubric,
  input,
  letters,
  options,
}: {
  rubric: RubricOf<'choice'>;
  input: JudgedInput;
  letters: readonly string[];
  options: string;
}): Judging<Score> {
  const format = `one letter: ${letters.join(', ')}`;
  const likely = yield* ask({
    step: 'choose by probability',
    messages: messagesOf({
      ...{ system: rubric.system, template: rubric.choose, format },
      values: { ...valuesOf(input), options },
      wanted: 'and reply with nothing but',
    }),
    maxTokens: 1,
    schema: likelihoodsSchema,
    format,
    letters,
  });
  const scores = letters.map((letter) => rubric.options[letter]!.score);
  const mean = letters.reduce((sum, letter, index) => sum + (likely[letter] ?? 0) * scores[index]!, 0);
  const choice = letters.reduce((best, letter) => ((likely[letter] ?? 0) > (likely[best] ?? 0) ? letter : best));
  // Rounding must not carry a certain judge's score out of the range.
  return scored(Math.min(Math.max(...scores), mean), { choice, probability: likely[choice] ?? 0 });
}

const points = { first: 1, tie: 0.5, second: 0 } as const;

/**
 * The answer against the champion's, asked in both orders (Zheng et al. 2023): 1 better, 0 worse, 0.5 a tie. A judge
 * that changes its mind with the order said nothing of the answers: a tie, and `positionBias` says which place it chose.
 */
export function* judgePairwise({
  rubric,
  input,
}: {
  rubric: RubricOf<'pairwise'>;
  input: JudgedInput;
}): Judging<Score> {
  const { question, reference, answer, championAnswer } = input;
  if (championAnswer === null) return unmeasured('the champion has no answer to compare with');
  const format = '{"reason": "<a short sentence>", "better": "first" or "second" or "tie"}';
  const compare = (step: string, first: string, second: string) =>
    ask({
      step,
      messages: messagesOf({
        system: rubric.system,
        template: rubric.compare,
        values: { question, reference, first, second },
        format,
      }),
      maxTokens,
      schema: pairSchema,
      format,
    });
  const ahead = yield* compare('answer first', answer, championAnswer);
  const behind = yield* compare('answer second', championAnswer, answer);
  const places = { shownFirst: points[ahead.better], shownSecond: 1 - points[behind.better] };
  const positionBias = placeFavoured(places);
  // Where it turned with the order, this is 0.5.
  const score = (places.shownFirst + places.shownSecond) / 2;
  return scored(score, { positionBias, ...places, said: ahead.reason });
}

/** The place that a judge of pairs chose either way round. */
export function placeFavoured({ shownFirst, shownSecond }: Record<'shownFirst' | 'shownSecond', number>): string {
  if (shownFirst - shownSecond === 1) return 'first';
  return shownSecond - shownFirst === 1 ? 'second' : 'none';
}
