import type { JudgeAnswersInput, JudgedAnswers } from '../../contracts/evaluation.js';
import { storeKeys } from '../../contracts/store-keys.js';
import type { Disagreement } from '../../domain/evaluation/judge/tiers.js';
import type { Rubric } from '../../domain/evaluation/judge/rubric.js';
import { digestOf } from '../../domain/release/evidence.js';
import type { ArtifactStore } from '../ports.js';
import { partSuffix } from '../evaluation-looks.js';
import { judgingSchema } from './judged-file.js';
import { parseJson } from '../../domain/parse-json.js';

/** The keys of what judging leaves in the store. */
export const judgedKeys = ({ releaseId, part }: Pick<JudgeAnswersInput, 'releaseId' | 'part'>) => ({
  scores: storeKeys.release({ releaseId, file: `evaluation/judged${partSuffix(part)}.jsonl` }),
  judging: storeKeys.release({ releaseId, file: `evaluation/judging${partSuffix(part)}.json` }),
});

/** The digest of everything that a judge's scores follow from: two evaluations of one digest have the same scores. */
export const judgedFrom = ({
  input: { specification, challengerAnswers, championAnswers, part },
  endpoint,
  rubrics,
  disagreements,
}: {
  input: JudgeAnswersInput;
  endpoint: string;
  rubrics: readonly Rubric[];
  disagreements: ReadonlyMap<string, Disagreement[]>;
}): string =>
  digestOf({
    version: 1,
    endpoint,
    rubrics: rubrics.map(({ metric, digest }) => ({ metric, digest })),
    specification: specification.sha256,
    answers: { challenger: challengerAnswers.sha256, champion: championAnswers?.sha256 ?? null },
    part: part ? { looks: part.looks.sha256, index: part.index } : null,
    disagreements: [...disagreements].map(([metric, scores]) => ({
      metric,
      scores: scores.map((one) => ({ ...one })),
    })),
  });

/**
 * What this evaluation left when it judged the same answers before; null where it did not, or left a case unmeasured,
 * which may go better now. It spares a repetition the looking up of every single judgement.
 */
export async function judgedBefore({
  store,
  input,
  inputs,
}: {
  store: Pick<ArtifactStore, 'get'>;
  input: JudgeAnswersInput;
  /** As `judgedFrom` gives it. */
  inputs: string;
}): Promise<JudgedAnswers | null> {
  const keys = judgedKeys(input);
  const judging = await store.get({ key: keys.judging });
  const read = judging && judgingSchema.safeParse(parseJson(Buffer.from(judging.body).toString('utf8')));
  if (!read?.success || read.data.inputs !== inputs || read.data.unmeasured > 0) return null;
  const scores = await store.get({ key: keys.scores });
  return scores?.ref.sha256 === read.data.scores ? { scores: scores!.ref, judging: judging!.ref } : null;
}
