import { createPacer, type Timing } from '../../../activities/judging/pacer.js';
import { sendCall } from '../../../activities/judging/send-call.js';
import type { ArtifactStore, ChatModel, Ports } from '../../../activities/ports.js';
import { foundDocuments, ground, retrievalOf } from '../../../activities/retrieval/ground.js';
import { helpersOf } from '../../../activities/retrieval/retrieval-helpers.js';
import { keepAnswer, readAnswer } from '../../../activities/stored-answer.js';
import { storeKeys } from '../../../contracts/store-keys.js';
import type { Answer } from '../../../domain/evaluation/answer.js';
import { digestOf } from '../../../domain/release/evidence.js';
import type { Specification } from '../../../domain/spec/specification.js';
import { replyFormatOf } from '../../../domain/summaries/reply-format.js';
import { CannotRun } from '../command-context.js';
import type { Arm } from './arm.js';

/** So many cases in a row without an answer, each asked several times, and the endpoint counts as down. */
const mostLost = 5;
const noTokens = { promptTokens: 0, completionTokens: 0 };

/** What is asked, and how its answer is known. */
export interface Question {
  id: string;
  input: string;
}

/** Where an arm that is asked here finds its facts. */
export type RetrievalPorts = Pick<Ports, 'chunks' | 'openEmbedder' | 'reranker'>;

class EndpointDown extends Error {}

/**
 * The answers of an endpoint to the golden set, many at once. Each is stored as soon as it is there, by endpoint, model,
 * revision, prompt, index and question: who starts again asks only for what is missing.
 * @throws CannotRun when the endpoint is down, with how far it came; PortError where facts can't be looked for.
 */
export async function askEndpoint({
  store,
  chat,
  arm,
  specification: { prompt, spec },
  cases,
  concurrency,
  timing,
  indexVersion,
  ports: { reranker, ...ports },
  onAnswered,
}: {
  store: ArtifactStore;
  chat: ChatModel;
  arm: Extract<Arm, { kind: 'endpoint' }>;
  specification: Specification;
  /** Golden cases, or probes made from them. */
  cases: readonly Question[];
  concurrency: number;
  timing: Timing;
  /** Of the spec's retrieval; null where the spec retrieves nothing. */
  indexVersion: string | null;
  ports: RetrievalPorts;
  onAnswered: (counts: { answered: number; stored: number; of: number }) => void;
}): Promise<Answer[]> {
  const { endpoint, model, revision } = arm;
  const maxTokens = Math.min(spec.evaluation.maxAnswerTokens, prompt.maxTokens);
  const limits = { concurrency, requestsPerMinute: null, tokensPerMinute: null };
  const retrieval = retrievalOf({ settings: spec.retrieval, indexVersion });
  const helpers = helpersOf({ settings: spec.retrieval, target: { endpoint, adapter: model }, chat, reranker });
  const pacer = createPacer({ limits, timing });
  const answers = new Array<Answer>(cases.length);
  let [next, answered, stored, kept, lost] = [0, 0, 0, 0, 0];

  async function answerOf({ id, input }: Question): Promise<Answer> {
    const settings = { maxTokens, temperature: 0 };
    const key = storeKeys.answers({
      digest: digestOf({ endpoint, model, revision, prompt, input, settings, ...(retrieval && { retrieval }) }),
    });
    const known = await readAnswer({ store, key, id });
    if (known) {
      stored += 1;
      kept += 1;
      return known;
    }
    const { messages, found, otherwise } = await ground({ question: input, prompt, retrieval, helpers, ...ports });
    const retrieved = foundDocuments({ retrieval, found });
    if (otherwise !== null)
      return await keep({ id, answer: otherwise, reason: null, milliseconds: 0, ...noTokens, ...retrieved });
    const replyFormat = replyFormatOf({ prompt, query: input });
    const sent = await sendCall({
      ...{ judge: { endpoint, chat }, pacer, timing, model, messages, maxTokens },
      ...(replyFormat && { replyFormat }),
    });
    if (sent.reply === null) {
      const { reason, of } = sent;
      if (of !== 'question') lost += 1;
      if (of === 'everyCall' || lost >= mostLost) throw new EndpointDown(reason);
      return { id, answer: null, reason };
    }
    lost = 0;
    const { text, model: _model, inFormat, ...observed } = sent.reply;
    const unformatted = replyFormat && !inFormat ? { unformatted: true as const } : {};
    return await keep({ id, answer: text, reason: null, ...observed, ...unformatted, ...retrieved });

    async function keep(answer: Answer): Promise<Answer> {
      await keepAnswer({ store, key, answer });
      kept += 1;
      return answer;
    }
  }

  const lane = async (): Promise<void> => {
    for (let index = next++; index < cases.length; index = next++) {
      answers[index] = await answerOf(cases[index]!).catch((error: unknown) => {
        // The other lanes must not go on asking for an evaluation that has ended.
        next = cases.length;
        throw error;
      });
      answered += 1;
      onAnswered({ answered, stored, of: cases.length });
    }
  };
  const lanes = Array.from({ length: Math.min(concurrency, cases.length) }, lane);
  const ended = await Promise.allSettled(lanes);
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed === undefined) return answers;
  const { reason } = failed as { reason: Error };
  if (!(reason instanceof EndpointDown)) throw reason;
  throw new CannotRun(
    `${reason.message}; ${kept} of ${cases.length} answers are stored, the same command goes on from there`,
  );
}
