import { z } from 'zod';
import { scored, unmeasured, type Score } from '../scorer.js';
import { withoutDocuments } from './documents.js';
import { ask, messagesOf, numbered, type JudgedInput, type Judging } from './judge-call.js';
import type { RubricOf } from './rubric.js';
import { checkVerdicts, type ItemVerdict } from './verdicts.js';

const claimsFormat = '{"claims": ["<one fact in a sentence of its own>", ...]}, or {"claims": []} where there is none';
const mostClaims = 60;
const claimsSchema = z.object({ claims: z.array(z.string().trim().min(1)).max(mostClaims) });

interface Texts {
  text: string;
  against: string;
  question: string;
}

/** Splits a text into claims and has each one checked; a text without words claims nothing and costs nothing. */
function* checkClaims({
  rubric,
  name,
  texts,
}: {
  rubric: { system: string; split: string; check: string };
  name: string;
  texts: Texts;
}): Judging<ItemVerdict[]> {
  if (texts.text.trim() === '') return [];
  const { system, split, check } = rubric;
  const { claims } = yield* ask({
    step: `split ${name}`,
    messages: messagesOf({ system, template: split, values: { ...texts }, format: claimsFormat }),
    maxTokens: 1500,
    schema: claimsSchema,
    format: claimsFormat,
  });
  if (claims.length === 0) return [];
  return yield* checkVerdicts({
    step: `check ${name}`,
    system,
    template: check,
    values: { ...texts, items: numbered(claims) },
    count: claims.length,
  });
}

/** What claims are checked against; without retrieval the reference is the only text that is known to be right. */
export const contextOf = ({ documents, reference }: JudgedInput): { text: string; from: 'documents' | 'reference' } =>
  documents.length > 0 ? { text: documents.join('\n\n'), from: 'documents' } : { text: reference, from: 'reference' };

/** The share of claims that the judge says yes to (faithfulness as in Ragas, Es et al. 2023: split, then check each). */
export function* judgeClaims({ rubric, input }: { rubric: RubricOf<'claims'>; input: JudgedInput }): Judging<Score> {
  const context = contextOf(input);
  if (rubric.against === 'documents' && context.from !== 'documents') return withoutDocuments(input);
  const { against: source } = rubric;
  const isContext = source === 'context' || source === 'documents';
  const against = isContext ? context.text : input[source];
  const texts = { text: input[rubric.of], against, question: input.question };
  const verdicts = yield* checkClaims({ rubric, name: rubric.of, texts });
  const from = isContext ? { context: context.from } : {};
  if (verdicts.length === 0)
    return rubric.withoutClaims === null
      ? unmeasured(`the ${rubric.of} makes no claim`)
      : scored(rubric.withoutClaims, { claims: 0, ...from });
  const yes = verdicts.filter((one) => one.verdict === 'yes').length;
  return scored(yes / verdicts.length, { claims: verdicts.length, yes, ...from, ...firstNo(verdicts) });
}

/**
 * F1 of claims: of the answer's that the reference bears out, and of the reference's that the answer has. Ragas' factual
 * correctness asks the same, but takes the answer's right claims for the reference's that were found.
 */
export function* judgeClaimsBothWays({
  rubric,
  input,
}: {
  rubric: RubricOf<'claimsBothWays'>;
  input: JudgedInput;
}): Judging<Score> {
  const { question, answer, reference } = input;
  const stated = yield* checkClaims({ rubric, name: 'answer', texts: { text: answer, against: reference, question } });
  const wanted = yield* checkClaims({
    rubric,
    name: 'reference',
    texts: { text: reference, against: answer, question },
  });
  if (wanted.length === 0) return unmeasured('the reference makes no claim');
  const right = stated.filter((one) => one.verdict === 'yes').length;
  const found = wanted.filter((one) => one.verdict === 'yes').length;
  const precision = stated.length === 0 ? 0 : right / stated.length;
  const recall = found / wanted.length;
  const score = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return scored(score, { precision, recall, claims: stated.length, expected: wanted.length, ...firstNo(stated) });
}

const firstNo = (verdicts: readonly ItemVerdict[]): { firstNo?: string } => {
  const no = verdicts.find((one) => one.verdict === 'no');
  return no ? { firstNo: no.reason } : {};
};
