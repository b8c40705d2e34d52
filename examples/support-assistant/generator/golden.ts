import type { Draw } from './draw.js';
import { drawFactsInTurn, fillWording } from './draw.js';
import type { Intent } from './intent.js';

/** A row of a golden set's JSONL. */
export interface GoldenRow {
  id: string;
  input: string;
  reference: string;
  cluster: string;
  tags: { category: string; language: string };
  expectedTopics: readonly string[];
  relevantDocuments: readonly string[];
  source: string;
  reviewer: string;
  date: string;
}

const reviewers = ['m.okafor', 'l.brandt'];
/** Three cases of one customer make a cluster, and customers of golden sets appear in no ticket. */
const casesOfCustomer = 3;

/** `perIntent` cases for each intent in its golden wordings, with facts of their own. */
export function goldenCases({
  intents,
  perIntent,
  date,
  firstCustomer,
  draw,
}: {
  intents: readonly Intent[];
  perIntent: number;
  date: string;
  firstCustomer: number;
  draw: Draw;
}): GoldenRow[] {
  const cases = intents.flatMap((intent) => {
    const factsInTurn = drawFactsInTurn({ intent, count: perIntent, draw });
    return intent.golden.slice(0, perIntent).map((wording, index) => {
      const facts = factsInTurn[index]!;
      const { text, topics } = intent.answer(facts);
      return {
        id: `${intent.category}-${index + 1}`,
        input: fillWording({ wording, facts }),
        reference: text,
        tags: { category: intent.category, language: 'en' },
        expectedTopics: topics,
        relevantDocuments: [`policies/${intent.document}`],
        source: 'written for evaluation',
        reviewer: draw.pick(reviewers),
        date,
      };
    });
  });
  const seats = draw.shuffled(cases.map((_, index) => firstCustomer + Math.floor(index / casesOfCustomer)));
  return cases.map(({ id, input, reference, ...rest }, index) => ({
    id,
    input,
    reference,
    cluster: `C-${seats[index]!}`,
    ...rest,
  }));
}
