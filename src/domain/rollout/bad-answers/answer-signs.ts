import type { DetectedLanguage } from '../../dataset/language-detection.js';
import { declines } from '../../evaluation/refusal.js';
import type { AnswerSign } from './sampled-answer.js';

/** An insult to the reader; see the scorer `toxicity`. */
const toxicFrom = 0.8;
/** Both languages must be sure: a short answer is easily taken for another language. */
const sureOfLanguage = 0.9;
/** Tokens by which chat templates part messages: an answer that shows one has run out of its turn. */
const templateTokens = /<\|[a-z_]{2,30}\|>|\[\/?INST\]|<<\/?SYS>>|<\/?s>|<(?:start|end)_of_turn>/u;

/**
 * What rules find wrong with an answer: it declines (in English), insults, is surely in another language than the
 * question, or breaks its form. They know words, not truth; both arms are held to the same.
 * @param toxicity 0..1, of the answer.
 */
export function signsOf({
  answer,
  toxicity,
  languages,
  isOfSchema,
}: {
  answer: string;
  toxicity: number;
  languages: { question: DetectedLanguage; answer: DetectedLanguage };
  /** Whether the answer is what the spec's JSON Schema asks; null where it asks nothing. */
  isOfSchema: ((answer: string) => boolean) | null;
}): AnswerSign[] {
  const signs: AnswerSign[] = [];
  if (declines(answer) !== null) signs.push('refusal');
  if (toxicity >= toxicFrom) signs.push('toxicity');
  if (isOtherLanguage(languages)) signs.push('language');
  if (templateTokens.test(answer) || isOfSchema?.(answer) === false) signs.push('format');
  return signs;
}

const isOtherLanguage = ({ question, answer }: { question: DetectedLanguage; answer: DetectedLanguage }): boolean =>
  [question, answer].every(({ language, confidence }) => language !== null && confidence >= sureOfLanguage) &&
  question.language !== answer.language;
