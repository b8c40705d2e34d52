import { evidenceSchema } from '../../../activities/evidence-file.js';
import { loadGolden } from '../../../activities/golden.js';
import {
  judgedRowSchema,
  judgingSchema,
  type JudgedRow,
  type Judging,
} from '../../../activities/judging/judged-file.js';
import type { ArtifactStore } from '../../../activities/ports.js';
import { loadJsonLines } from '../../../activities/stored-json.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import type { GoldenCase } from '../../../domain/dataset/golden.js';
import { answerSchema, type Answer } from '../../../domain/evaluation/answer.js';
import type { AnsweredCase } from '../../../domain/evaluation/judge/label-sheet.js';
import type { Specification } from '../../../domain/spec/specification.js';
import { CannotRun } from '../command-context.js';
import { parseJson, specificationFor } from '../evaluate/load-evaluation.js';

/** What an evaluation's judge saw and said. */
export interface JudgedEvaluation {
  id: string;
  specification: Specification;
  cases: GoldenCase[];
  arms: { challenger: Answer[]; champion: Answer[] | null };
  rows: JudgedRow[];
  judging: Judging;
}

/**
 * A judged evaluation as it lies in the store.
 * @throws CannotRun where a part of it is not there.
 */
export async function loadJudged({ store, id }: { store: ArtifactStore; id: string }): Promise<JudgedEvaluation> {
  const read = async (file: string) =>
    await store.get({ key: storeKeys.release({ releaseId: id, file: `evaluation/${file}` }) });
  const stored = await read('evidence.json');
  if (stored === null)
    throw new CannotRun(`${id} has no evaluation in the store; expected a release or an evaluation that was finished`);
  const evidence = evidenceSchema.parse(parseJson(stored.body));
  const { inputs, files = {} } = evidence;
  const judging = await read('judging.json');
  const judged = await read('judged.jsonl');
  if (inputs['judgedScores'] === undefined || judging === null || judged === null)
    throw new CannotRun(`${id} was not judged: its spec names no judge, or no gate on what a judge measures`);
  const specification = await specificationFor({ store, evidence });
  const answersOf = async (name: string): Promise<Answer[] | null> => {
    const ref = files[name];
    return ref ? await loadJsonLines({ store, ref, schema: answerSchema }) : null;
  };
  return {
    id,
    specification,
    cases: await loadGolden({ store, golden: specification.golden }),
    arms: {
      challenger: (await answersOf('challengerAnswers')) ?? [],
      champion: await answersOf('championAnswers'),
    },
    rows: await loadJsonLines({ store, ref: judged.ref, schema: judgedRowSchema }),
    judging: judgingSchema.parse(parseJson(judging.body)),
  };
}

const textsOf = ({ documents }: Answer): string[] =>
  (documents ?? []).flatMap(({ text }) => (text === undefined ? [] : [text]));

/** Every case with the answers of both arms. */
export function answeredCases({ cases, arms }: JudgedEvaluation): AnsweredCase[] {
  const byId = [arms.challenger, arms.champion ?? []].map((answers) => new Map(answers.map((one) => [one.id, one])));
  return cases.map(({ id, input, reference }) => ({
    ...{ id, input, reference },
    answers: byId.flatMap((answers) => {
      const one = answers.get(id);
      return one ? [{ answer: one.answer, documents: textsOf(one) }] : [];
    }),
  }));
}
