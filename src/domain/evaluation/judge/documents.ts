import { scored, unmeasured, type Score } from '../scorer.js';
import { numbered, type JudgedInput, type Judging } from './judge-call.js';
import type { RubricOf } from './rubric.js';
import { checkVerdicts } from './verdicts.js';

/**
 * A verdict for each retrieved document: the share of yes (hallucination as in DeepEval: documents that the answer
 * contradicts), or the average precision, which rewards useful documents that come first (Ragas' context precision).
 * The share falls back to the reference where nothing was retrieved; an order needs documents, and is 0 where retrieval
 * found none, as in DeepEval and by Ragas' formula.
 */
export function* judgeDocuments({
  rubric,
  input,
}: {
  rubric: RubricOf<'documents'>;
  input: JudgedInput;
}): Judging<Score> {
  const { question, answer, reference } = input;
  const ordered = rubric.score === 'averagePrecision';
  if (ordered && input.documents.length === 0) return withoutDocuments(input);
  const documents = input.documents.length > 0 ? input.documents : [reference];
  const context = input.documents.length > 0 ? 'documents' : 'reference';
  const verdicts = yield* checkVerdicts({
    step: 'check documents',
    system: rubric.system,
    template: rubric.check,
    values: { question, answer, reference, items: numbered(documents) },
    count: documents.length,
  });
  const useful = verdicts.map((one) => one.verdict === 'yes');
  const yes = useful.filter(Boolean).length;
  const details = { documents: documents.length, yes, context };
  return scored(ordered ? averagePrecision(useful) : yes / documents.length, details);
}

/** What a metric of documents says where there are none: nothing, unless there should have been some. */
export const withoutDocuments = ({ foundNothing = false }: JudgedInput): Score =>
  foundNothing ? scored(0, { documents: 0 }) : unmeasured('no retrieved document was recorded');

/** Mean of precision@k over the places of useful documents; 0 where none is. */
function averagePrecision(useful: readonly boolean[]): number {
  let found = 0;
  let sum = 0;
  useful.forEach((is, index) => {
    if (!is) return;
    found += 1;
    sum += found / (index + 1);
  });
  return found === 0 ? 0 : sum / found;
}
