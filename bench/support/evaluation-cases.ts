import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

export const judgeModel = 'judge';
export const candidateModel = 'candidate';
/** Two wordings of the candidate's prompt; the second changes the answer to every tenth question. */
export const firstWording = 'You answer customers of a parcel service.';
export const secondWording = 'You answer customers of a parcel service, in a friendly way.';

type Wording = 'first' | 'second';

const cities = ['Hamburg', 'Leipzig', 'Bremen', 'Dresden', 'Kassel', 'Mainz', 'Erfurt', 'Trier'];
const problems = [
  'has not moved since Monday',
  'was left with a neighbour',
  'arrived damaged',
  'went to an old address',
];
const steps = ['ask the depot to scan it', 'open a search for it', 'send a new label', 'correct the address'];

const pick = (texts: readonly string[], number: number): string => texts[number % texts.length]!;

/** What a customer asks. */
export const questionOf = (number: number): string =>
  `My parcel number ${number} to ${pick(cities, number)} ${pick(problems, number >> 3)}. What happens now, and by when will I hear from you?`;

const referenceOf = (number: number): string =>
  `We will ${pick(steps, number >> 3)} today. Parcel number ${number} is expected in ${pick(cities, number)} within ${2 + (number % 4)} working days, and you will get a message as soon as it moves.`;

/** Nine of ten answers are the reference, the tenth says it in other words, as the wording of the prompt has it. */
export const answerOf = ({ number, wording }: { number: number; wording: Wording }): string => {
  if (number % 10 !== 0) return referenceOf(number);
  const close = wording === 'first' ? 'You will hear from us.' : 'Thank you for waiting, you will hear from us!';
  return `Parcel number ${number} is expected in ${pick(cities, number)} within ${2 + (number % 4)} working days. ${close}`;
};

/** The number of the parcel that a text is about. */
export const numberIn = (text: string): number => Number(/parcel number (\d+)/i.exec(text)![1]);

/** What the judge thinks of an answer, from 1 to 5. */
export const scoreOf = (number: number): number => 4 + Number(number % 10 !== 0);

async function writeLines({ path, rows }: { path: string; rows: Iterable<unknown> }): Promise<void> {
  const stream = createWriteStream(path);
  for (const row of rows) if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'finish');
}

/** Files of one evaluation, for both programs. */
export interface EvaluationFiles {
  cases: number;
  spec: string;
  answers: string;
  golden: string;
  /** What promptfoo reads: cases and answers in one. */
  tests: string;
}

/** The evaluation that is measured: words by ROUGE-1, and a judge's rating of coherence. */
const specOf = ({ golden, prompt }: { golden: string; prompt: string }): string =>
  stringify({
    ...{ apiVersion: 'understudy/v1', model: 'bench', base: { id: 'base' }, prompt },
    data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'none.csv' }, goldenSet: golden },
    evaluation: {
      preset: 'support-deterministic',
      gates: [
        { metric: 'rouge1', min: 0.5 },
        { metric: 'coherence', min: 4 },
      ],
      judge: { model: judgeModel, budgetUsd: 10_000, allowUncalibrated: ['coherence'] },
    },
  });

/** Writes spec, prompt, cases and answers; the same numbers give the same bytes. `from` numbers the first case. */
export async function writeEvaluation({
  folder,
  cases,
  from = 0,
  prompt = firstWording,
}: {
  folder: string;
  cases: number;
  from?: number;
  prompt?: string;
}): Promise<EvaluationFiles> {
  const path = (name: string): string => join(folder, name);
  const files = {
    ...{ cases, spec: path('spec.yaml'), answers: path('answers.jsonl') },
    ...{ golden: path('golden.jsonl'), tests: path('tests.jsonl') },
  };
  const rows = function* <Row>(row: (number: number) => Row): Generator<Row> {
    for (let number = from; number < from + cases; number += 1) yield row(number);
  };
  const answer = (number: number): string => answerOf({ number, wording: 'first' });
  await writeLines({
    path: files.golden,
    rows: rows((number) => ({
      ...{ id: `case-${number}`, input: questionOf(number), reference: referenceOf(number) },
      ...{ cluster: `customer-${number % Math.ceil(cases / 4)}`, tags: { city: pick(cities, number) } },
    })),
  });
  await writeLines({ path: files.answers, rows: rows((number) => ({ id: `case-${number}`, answer: answer(number) })) });
  await writeLines({
    path: files.tests,
    rows: rows((number) => ({
      vars: { question: questionOf(number), reference: referenceOf(number), answer: answer(number) },
    })),
  });
  await writeFile(path('prompt.yaml'), stringify({ system: prompt }));
  await writeFile(files.spec, specOf({ golden: files.golden, prompt: path('prompt.yaml') }));
  return files;
}
