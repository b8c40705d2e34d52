import { setMaxListeners } from 'node:events';
import { CancelledFailure } from '@temporalio/common';
import { type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { completionReply } from '../openai-chat/completion-reply.js';
import { completionRequest } from '../openai-chat/completion-request.js';
import { batchName, modelOfBatchAddress } from './batch-address.js';
import { megabytesOf } from './batch-plan.js';
import { type Asked, BatchRun, type BatchRunSettings } from './batch-run.js';
import { Gathering, type GatheringTimes } from './gathering.js';

/** So many questions are asked at once, and become one job: a golden set as a rule. */
const mostAtOnce = 2_000;
const times: GatheringTimes & { lookMilliseconds: number } = {
  quietMilliseconds: 10_000,
  longestMilliseconds: 120_000,
  lookMilliseconds: 20_000,
};

interface Question extends Asked {
  model: string;
  digest: string;
  /** Null once nobody waits for its answer any more; before it is asked, no run knows of it. */
  run: BatchRun | null;
  left: boolean;
}

/**
 * Releases that answer by batch transform: questions that come close after one another become one job of SageMaker, which
 * has instances of its own for as long as it runs. A question is known by its digest: whoever asks it again, as after a
 * crash, gets the answer that is there, or waits for the job that asks it.
 */
export class BatchChat implements ChatModel {
  readonly #settings: BatchRunSettings;
  readonly #gathering: Gathering<Question>;

  constructor(
    settings: Omit<BatchRunSettings, 'lookMilliseconds' | 'now'> & Partial<typeof times> & { now?: () => Date },
  ) {
    this.#settings = { now: () => new Date(), ...times, ...settings };
    this.#gathering = new Gathering({
      ...{ ...times, ...settings },
      most: mostAtOnce,
      together: (batch, questions) => this.#ask(batch, questions),
    });
  }

  atOnce(): number {
    return mostAtOnce;
  }

  /** Rejects with the signal's reason once that aborts; a job that nobody waits for any more is stopped where it was cancelled. */
  async complete(asked: Parameters<ChatModel['complete']>[0]): Promise<ChatReply> {
    const { endpoint: address, model: name, signal } = asked;
    const model = modelOfBatchAddress(address);
    if (model === null)
      throw new PortError('InvalidInput', `endpoint ${address}: expected sagemaker-batch://<model>/v1`);
    signal.throwIfAborted();
    const what = `${name} at ${address}`;
    const line = JSON.stringify(completionRequest(asked));
    this.#checkSize({ what, line });
    const began = this.#settings.now().getTime();
    const answer = await this.#answer({ batch: batchName({ model, name }), model, line, signal });
    const milliseconds = this.#settings.now().getTime() - began;
    try {
      return { milliseconds, queued: true, ...completionReply({ what, answer, asked }) };
    } catch (error) {
      // Whoever asked again would be given the same answer.
      throw new PortError('InvalidInput', (error as Error).message, null, { cause: error });
    }
  }

  #checkSize({ what, line }: { what: string; line: string }): void {
    const most = megabytesOf(this.#settings.queue);
    const bytes = Buffer.byteLength(line);
    if (bytes > most * 1024 * 1024)
      throw new PortError(
        'InvalidInput',
        `${what}: the question has ${bytes} bytes, expected ${most} MiB at most; a smaller requestsAtOnce lets it be longer`,
      );
  }

  async #answer({
    batch,
    model,
    line,
    signal,
  }: {
    batch: string;
    model: string;
    line: string;
    signal: AbortSignal;
  }): Promise<string> {
    return await new Promise<string>((resolve, reject) => {
      const question: Question = {
        ...{ line, model, digest: sha256Hex(Buffer.from(line)), run: null, left: false },
        answered: (text) => end(() => resolve(text)),
        failed: (error) => end(() => reject(error)),
      };
      const end = (tell: () => void): void => {
        signal.removeEventListener('abort', leave);
        tell();
      };
      const leave = (): void => {
        question.left = true;
        const gone = question.run?.leave({ digest: question.digest, one: question, stop: isCancelled(signal.reason) });
        // Whoever cancels can rely on what was begun being stopped.
        void Promise.resolve(gone)
          .catch(() => undefined)
          .then(() => reject(signal.reason as Error));
      };
      // All questions of an activity have one signal.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', leave, { once: true });
      this.#gathering.add(batch, question);
    });
  }

  #ask(batch: string, questions: Question[]): void {
    const waiting = questions.filter(({ left }) => !left);
    if (waiting.length === 0) return;
    const asked = new Map<string, Asked[]>();
    for (const one of waiting) asked.set(one.digest, [...(asked.get(one.digest) ?? []), one]);
    const run = new BatchRun({ ...this.#settings, batch, model: waiting[0]!.model, asked });
    for (const one of waiting) one.run = run;
    void run.run();
  }
}

/** Somebody wants the answers no more. A worker that shuts down, or was too slow, is followed by one that does. */
const isCancelled = (reason: unknown): boolean =>
  reason instanceof CancelledFailure && (reason.message === 'CANCELLED' || reason.message === 'NOT_FOUND');
