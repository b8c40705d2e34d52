import type { ServedTarget } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { GoldenCase } from '../domain/dataset/golden.js';
import { answerSchema, type Answer } from '../domain/evaluation/answer.js';
import { canonicalJson, digestOf } from '../domain/release/evidence.js';
import { renderPrompt } from '../domain/release/prompt.js';
import type { Specification } from '../domain/spec/specification.js';
import { loadGolden } from './golden.js';
import { cancellationSignal, heartbeat, throwIfCancelled } from './heartbeat.js';
import { PortError, type Ports } from './ports.js';
import { loadSpecification } from './specifications.js';
import { jsonLines } from './stored-json.js';

const concurrency = 8;

/** Answers of one release to the golden set, each stored as soon as it is there, so that a retry repeats none. */
export function createAnswerActivities({ store, chat }: Pick<Ports, 'store' | 'chat'>) {
  async function answerCase({
    target,
    prompt,
    maxTokens,
    one,
  }: {
    target: ServedTarget;
    prompt: Specification['prompt'];
    maxTokens: number;
    one: GoldenCase;
  }): Promise<Answer> {
    const settings = { maxTokens: Math.min(maxTokens, prompt.maxTokens), temperature: 0 };
    const key = storeKeys.answers({
      digest: digestOf({ release: target.releaseId, base: target.adapter, prompt, input: one.input, settings }),
    });
    const stored = await store.get({ key });
    if (stored) return { ...answerSchema.parse(JSON.parse(Buffer.from(stored.body).toString('utf8'))), id: one.id };
    const answer = await ask();
    if (answer.answer !== null) await store.put({ key, body: Buffer.from(canonicalJson(answer)) });
    return answer;

    async function ask(): Promise<Answer> {
      try {
        const reply = await chat.complete({
          endpoint: target.endpoint,
          model: target.adapter,
          messages: renderPrompt({ prompt, query: one.input }),
          ...settings,
          signal: cancellationSignal(),
        });
        const { text, promptTokens, completionTokens, milliseconds } = reply;
        return { id: one.id, answer: text, reason: null, promptTokens, completionTokens, milliseconds };
      } catch (error) {
        if (!(error instanceof PortError) || error.retryable) throw error;
        if (error.type === 'NotFound')
          throw new PortError('Unavailable', `${target.adapter} is not served at the moment: ${error.message}`, 2000, {
            cause: error,
          });
        return {
          id: one.id,
          answer: null,
          reason: error.message,
          promptTokens: 0,
          completionTokens: 0,
          milliseconds: 0,
        };
      }
    }
  }

  return {
    async generateAnswers({
      releaseId,
      specification: ref,
      target,
    }: {
      releaseId: string;
      model: string;
      specification: ArtifactRef;
      target: ServedTarget;
    }): Promise<ArtifactRef> {
      const asked = await loadSpecification({ store, ref });
      const own =
        target.specification.sha256 === ref.sha256
          ? asked
          : await loadSpecification({ store, ref: target.specification });
      const cases = await loadGolden({ store, golden: asked.golden });
      const answers = new Array<Answer>(cases.length);
      let next = 0;
      let done = 0;
      const work = async (): Promise<void> => {
        for (let index = next++; index < cases.length; index = next++) {
          throwIfCancelled();
          answers[index] = await answerCase({
            target,
            prompt: own.prompt,
            maxTokens: own.spec.evaluation.maxAnswerTokens,
            one: cases[index]!,
          });
          done += 1;
          heartbeat({ answered: done, of: cases.length });
        }
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      return await store.put({
        key: storeKeys.release({ releaseId, file: `evaluation/answers-${target.releaseId}.jsonl` }),
        body: jsonLines(answers),
      });
    },
  };
}
