import { answerSchema, type Answer } from '../domain/evaluation/answer.js';
import { canonicalJson } from '../domain/release/evidence.js';
import type { ArtifactStore } from './ports.js';
import { readJson } from './stored-json.js';

/** The answer that was stored under a key, as the answer to `id`: one text may be asked under several ids. */
export async function readAnswer({
  store,
  key,
  id,
}: {
  store: Pick<ArtifactStore, 'get'>;
  key: string;
  id: string;
}): Promise<Answer | null> {
  const answer = await readJson({ store, key, schema: answerSchema });
  return answer && { ...answer, id };
}

/** Stores an answer as soon as it is there, so that nobody asks for it again. */
export const keepAnswer = async ({
  store,
  key,
  answer,
}: {
  store: Pick<ArtifactStore, 'put'>;
  key: string;
  answer: Answer;
}): Promise<void> => void (await store.put({ key, body: Buffer.from(canonicalJson(answer)) }));
