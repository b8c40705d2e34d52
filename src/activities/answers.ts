import type { GenerateAnswersInput } from '../contracts/evaluation.js';
import type { ServedTarget } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Answer } from '../domain/evaluation/answer.js';
import { probeSchema, type Probe } from '../domain/evaluation/behaviour/probe.js';
import { digestOf } from '../domain/release/evidence.js';
import type { Specification } from '../domain/spec/specification.js';
import { replyFormatOf } from '../domain/summaries/reply-format.js';
import { casesOfPart, partSuffix } from './evaluation-looks.js';
import { loadGolden } from './golden.js';
import { alive, cancellationSignal, heartbeat, throwIfCancelled } from './heartbeat.js';
import { inParallel } from './in-parallel.js';
import { PortError, type Ports } from './ports.js';
import { foundDocuments, ground, retrievalOf } from './retrieval/ground.js';
import { helpersOf } from './retrieval/retrieval-helpers.js';
import { loadSpecification } from './specifications.js';
import { keepAnswer, readAnswer } from './stored-answer.js';
import { jsonLines, loadJsonLines } from './stored-json.js';

const concurrency = 8;
const beatMilliseconds = 5_000;
const noTokens = { promptTokens: 0, completionTokens: 0 };

type Question = Pick<Probe, 'id' | 'input'>;

/** Answers of one release to the golden set or to probes made from it, each stored as soon as it is there, so that a retry repeats none. */
export function createAnswerActivities({
  store,
  chat,
  chunks = null,
  openEmbedder = null,
  reranker,
}: Pick<Ports, 'store' | 'chat' | 'chunks' | 'openEmbedder' | 'reranker'>) {
  async function answerCase({
    target,
    prompt,
    maxTokens,
    retrieval,
    one,
  }: {
    target: ServedTarget;
    prompt: Specification['prompt'];
    maxTokens: number;
    retrieval: ReturnType<typeof retrievalOf>;
    one: Question;
  }): Promise<Answer> {
    const settings = { maxTokens: Math.min(maxTokens, prompt.maxTokens), temperature: 0 };
    const key = storeKeys.answers({
      digest: digestOf({
        release: target.releaseId,
        base: target.adapter,
        prompt,
        input: one.input,
        settings,
        ...(retrieval && { retrieval }),
      }),
    });
    const stored = await readAnswer({ store, key, id: one.id });
    if (stored) return stored;
    const answer = await ask();
    if (answer.answer !== null) await keepAnswer({ store, key, answer });
    return answer;

    async function ask(): Promise<Answer> {
      try {
        const signal = cancellationSignal();
        const helpers = helpersOf({ settings: retrieval?.settings ?? null, target, chat, reranker });
        const { messages, found, otherwise } = await ground({
          ...{ question: one.input, prompt, retrieval, chunks, openEmbedder, helpers, signal },
        });
        const retrieved = foundDocuments({ retrieval, found });
        if (otherwise !== null)
          return { id: one.id, answer: otherwise, reason: null, milliseconds: 0, ...noTokens, ...retrieved };
        const replyFormat = replyFormatOf({ prompt, query: one.input });
        const reply = await chat.complete({
          endpoint: target.endpoint,
          model: target.adapter,
          messages,
          ...settings,
          signal,
          ...(replyFormat && { replyFormat }),
        });
        const { text, model: _model, queued, milliseconds, inFormat, ...observed } = reply;
        const timed = queued ? {} : { milliseconds };
        const unformatted = replyFormat && !inFormat ? { unformatted: true as const } : {};
        return { id: one.id, answer: text, reason: null, ...timed, ...observed, ...unformatted, ...retrieved };
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
      probes,
      part,
    }: GenerateAnswersInput): Promise<ArtifactRef> {
      const asked = await loadSpecification({ store, ref });
      const own =
        target.specification.sha256 === ref.sha256
          ? asked
          : await loadSpecification({ store, ref: target.specification });
      const cases: Question[] = probes
        ? await casesOfPart({
            ...{ store, part, idOf: ({ caseId }: Probe) => caseId },
            cases: await loadJsonLines({ store, ref: probes, schema: probeSchema }),
          })
        : await casesOfPart({
            ...{ store, part, idOf: ({ id }: Question) => id },
            cases: await loadGolden({ store, golden: asked.golden }),
          });
      const answers = new Array<Answer>(cases.length);
      let done = 0;
      const details = (): unknown => ({ answered: done, of: cases.length });
      const work = async (index: number): Promise<void> => {
        throwIfCancelled();
        answers[index] = await answerCase({
          target,
          prompt: own.prompt,
          retrieval: retrievalOf({ settings: own.spec.retrieval, indexVersion: target.indexVersion }),
          maxTokens: own.spec.evaluation.maxAnswerTokens,
          one: cases[index]!,
        });
        done += 1;
        heartbeat(details());
      };
      const atOnce = chat.atOnce?.({ endpoint: target.endpoint }) ?? concurrency;
      await alive({
        everyMilliseconds: beatMilliseconds,
        details,
        work: () => inParallel({ count: cases.length, atOnce, work }),
      });
      return await store.put({
        key: storeKeys.release({
          releaseId,
          file: `evaluation/${probes ? 'probe-answers' : 'answers'}-${target.releaseId}${partSuffix(part)}.jsonl`,
        }),
        body: jsonLines(answers),
      });
    },
  };
}
