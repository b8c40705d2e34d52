import type { JudgeAnswersInput } from '../../contracts/evaluation.js';
import { parseGoldenLine, scanGoldenLines, type GoldenCase } from '../../domain/dataset/golden.js';
import { answerSchema, type Answer } from '../../domain/evaluation/answer.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import type { Specification } from '../../domain/spec/specification.js';
import { askedIn } from '../evaluation-looks.js';
import { refuseGolden } from '../golden.js';
import type { ArtifactStore } from '../ports.js';
import { openLines, type StoredLines } from '../stored-json.js';
import type { ArmInputs } from './judge-one-case.js';

/** One metric of one case, with what a judge sees of it. */
export interface Task {
  one: GoldenCase;
  rubric: Rubric;
  inputs: ArmInputs;
}

/**
 * Every case by every rubric, cases in the order of the golden set. Cases and answers stay bytes until they are asked for:
 * as objects, a hundred thousand of them take several times the memory.
 */
export interface JudgeTasks {
  count: number;
  cases: number;
  at(index: number): Task;
}

interface ArmAnswers {
  of(id: string): Answer | undefined;
}

/**
 * Reads cases and answers.
 * @throws PortError `InvalidInput` naming the bad lines of the golden set.
 */
export async function openTasks({
  store,
  input: { challengerAnswers, championAnswers, part },
  golden,
  rubrics,
}: {
  store: Pick<ArtifactStore, 'get'>;
  input: Pick<JudgeAnswersInput, 'challengerAnswers' | 'championAnswers' | 'part'>;
  golden: Specification['golden'];
  rubrics: readonly Rubric[];
}): Promise<JudgeTasks> {
  const challenger = indexed(await openLines({ store, ref: challengerAnswers }));
  const champion = championAnswers && indexed(await openLines({ store, ref: championAnswers }));
  const lines = await openLines({ store, ref: golden.ref });
  const isAsked = await askedIn({ store, part });
  const asked: number[] = [];
  const problems = scanGoldenLines({
    lines: lines.all(),
    onCase: ({ id }, line) => {
      if (isAsked(id)) asked.push(line);
    },
  });
  refuseGolden({ golden, problems });
  const at = (index: number): Task => {
    const one = parseGoldenLine(lines.at(asked[Math.floor(index / rubrics.length)]!));
    return { one, rubric: rubrics[index % rubrics.length]!, inputs: inputsOf({ one, challenger, champion }) };
  };
  return { cases: asked.length, count: asked.length * rubrics.length, at };
}

const parsedAnswer = (line: string): Answer => answerSchema.parse(JSON.parse(line));

function indexed(lines: StoredLines): ArmAnswers {
  const lineOf = new Map<string, number>();
  let index = 0;
  for (const line of lines.all()) {
    if (line.trim() !== '') lineOf.set((JSON.parse(line) as Pick<Answer, 'id'>).id, index);
    index += 1;
  }
  return {
    of: (id) => {
      const line = lineOf.get(id);
      return line === undefined ? undefined : parsedAnswer(lines.at(line));
    },
  };
}

/** What a judge sees of a case, by arm; an arm that is not there is left out. */
function inputsOf({
  one,
  challenger,
  champion,
}: {
  one: GoldenCase;
  challenger: ArmAnswers;
  champion: ArmAnswers | null;
}): ArmInputs {
  const theirs = champion?.of(one.id);
  const championAnswer = theirs?.answer ?? null;
  const seen = (answer: Answer | undefined): NonNullable<ArmInputs['challenger']> =>
    answer === undefined || answer.answer === null
      ? { reason: answer?.reason ?? 'the case has no answer' }
      : {
          question: one.input,
          answer: answer.answer,
          reference: one.reference,
          documents: (answer.documents ?? []).flatMap(({ text }) => (text === undefined ? [] : [text])),
          ...(answer.documents?.length === 0 && { foundNothing: true }),
          championAnswer,
        };
  return { challenger: seen(challenger.of(one.id)), ...(champion && { champion: seen(theirs) }) };
}
