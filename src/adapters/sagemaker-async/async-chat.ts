import { InvokeEndpointAsyncCommand, type SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { z } from 'zod';
import { type ArtifactStore, type ChatModel, type ChatReply, PortError } from '../../activities/ports.js';
import { cutWords } from '../../domain/cut-text.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { awsFailure } from '../aws/aws-failure.js';
import { failureTypeOf } from '../http-failure.js';
import { completionReply } from '../openai-chat/completion-reply.js';
import { completionRequest } from '../openai-chat/completion-request.js';
import { Arrivals } from './arrivals.js';
import { asyncEndpointName, asyncKeys, modelOfAddress } from './async-address.js';

/** So many questions wait in SageMaker's queue at once: instances are added by its length. */
const mostAtOnce = 200;
const lookMilliseconds = 3_000;
/** An instance comes up in minutes, and a queue may be long; what waited longer is asked anew by who tries again. */
const waitSeconds = 3_600;
/** One answer of the model itself. */
const answerSeconds = 300;

const askedSchema = z.object({ output: z.string(), failure: z.string().nullable(), until: z.string() });
type Asked = z.infer<typeof askedSchema>;

/**
 * Releases behind SageMaker's asynchronous endpoints, which have instances only while questions wait. A question is known
 * by its digest: whoever asks it again, as after a crash, waits for the answer that is under way. What was asked and
 * answered goes away with the endpoint (`AsyncServing`).
 */
export class AsyncEndpointChat implements ChatModel {
  readonly #runtime: SageMakerRuntimeClient;
  readonly #store: ArtifactStore;
  readonly #uriOf: (key: string) => string;
  readonly #keyOf: (uri: string) => string | null;
  readonly #now: () => Date;
  readonly #waitSeconds: number;
  readonly #arrivals: Arrivals;

  constructor({
    runtime,
    store,
    uriOf,
    keyOf,
    now = () => new Date(),
    ...times
  }: {
    /** Tries nothing again by itself (`maxAttempts: 1`). */
    runtime: SageMakerRuntimeClient;
    store: ArtifactStore;
    /** The s3:// address of a key of the store, and the key of an address; null for one outside the store. */
    uriOf: (key: string) => string;
    keyOf: (uri: string) => string | null;
    now?: () => Date;
    lookMilliseconds?: number;
    waitSeconds?: number;
  }) {
    this.#runtime = runtime;
    this.#store = store;
    this.#uriOf = uriOf;
    this.#keyOf = keyOf;
    this.#now = now;
    this.#waitSeconds = times.waitSeconds ?? waitSeconds;
    this.#arrivals = new Arrivals({ store, lookMilliseconds: times.lookMilliseconds ?? lookMilliseconds });
  }

  atOnce(): number {
    return mostAtOnce;
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete(asked: Parameters<ChatModel['complete']>[0]): Promise<ChatReply> {
    const { endpoint: address, model: name, signal } = asked;
    const model = modelOfAddress(address);
    if (model === null)
      throw new PortError('InvalidInput', `endpoint ${address}: expected sagemaker-async://<model>/v1`);
    const endpoint = asyncEndpointName({ model, name });
    const what = `${name} at ${address}`;
    const body = Buffer.from(JSON.stringify(completionRequest(asked)));
    const digest = sha256Hex(body);
    const began = this.#now().getTime();
    const known = (await this.#underWay({ endpoint, digest })) ?? (await this.#ask({ endpoint, digest, body }));
    const answer = await this.#answer({ what, endpoint, digest, asked: known, signal });
    const milliseconds = this.#now().getTime() - began;
    return { milliseconds, queued: true, ...completionReply({ what, answer, asked }) };
  }

  /** Where an answer that somebody has asked for will lie; null where nobody has, or too long ago. */
  async #underWay({ endpoint, digest }: { endpoint: string; digest: string }): Promise<Asked | null> {
    const found = await this.#store.get({ key: asyncKeys.asked({ endpoint, digest }) });
    if (found === null) return null;
    const asked = askedSchema.parse(JSON.parse(Buffer.from(found.body).toString('utf8')));
    return Date.parse(asked.until) > this.#now().getTime() ? asked : null;
  }

  async #ask({ endpoint, digest, body }: { endpoint: string; digest: string; body: Buffer }): Promise<Asked> {
    const key = asyncKeys.question({ endpoint, digest });
    await this.#store.put({ key, body });
    const said = await this.#runtime
      .send(
        new InvokeEndpointAsyncCommand({
          // Without an id of ours, answers to what is asked anew lie elsewhere.
          ...{ EndpointName: endpoint, ContentType: 'application/json', InputLocation: this.#uriOf(key) },
          ...{ RequestTTLSeconds: this.#waitSeconds, InvocationTimeoutSeconds: answerSeconds },
        }),
      )
      .catch((error: unknown) => {
        throw awsFailure({ what: `asking ${endpoint}`, error });
      });
    const asked: Asked = {
      output: this.#inStore({ endpoint, uri: said.OutputLocation }),
      failure: said.FailureLocation === undefined ? null : this.#inStore({ endpoint, uri: said.FailureLocation }),
      until: new Date(this.#now().getTime() + this.#waitSeconds * 1000).toISOString(),
    };
    const stored = Buffer.from(JSON.stringify(asked));
    await this.#store.put({ key: asyncKeys.asked({ endpoint, digest }), body: stored });
    return asked;
  }

  #inStore({ endpoint, uri }: { endpoint: string; uri: string | undefined }): string {
    const key = uri === undefined ? null : this.#keyOf(uri);
    if (key !== null) return key;
    throw new PortError('InvalidInput', `endpoint ${endpoint}: answers into ${uri ?? 'nothing'}, outside the store`);
  }

  async #answer({
    what,
    endpoint,
    digest,
    asked: { output, failure, until },
    signal,
  }: {
    what: string;
    endpoint: string;
    digest: string;
    asked: Asked;
    signal: AbortSignal;
  }): Promise<string> {
    const keys = [output, ...(failure === null ? [] : [failure])];
    const inTime = new AbortController();
    const late = new PortError(
      'Timeout',
      `${what}: no answer within ${this.#waitSeconds} s; has it found an instance?`,
    );
    const left = Math.max(0, Date.parse(until) - this.#now().getTime());
    const timer = setTimeout(() => inTime.abort(late), left);
    // Who tries again asks anew.
    const forget = (): Promise<void> => this.#store.remove({ key: asyncKeys.asked({ endpoint, digest }) });
    try {
      const both = AbortSignal.any([signal, inTime.signal]);
      const key = await this.#arrivals.first({ folder: asyncKeys.out(endpoint), keys, signal: both });
      const text = Buffer.from((await this.#store.get({ key }))?.body ?? []).toString('utf8');
      if (key !== failure) return text;
      await forget();
      throw failureOf({ what, text });
    } catch (error) {
      if (error === late) await forget();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** SageMaker writes what the model's own server has said into one line of text: `Received client error (400) from ...`. */
function failureOf({ what, text }: { what: string; text: string }): PortError {
  const status = Number(/\bReceived (?:client|server) error \((\d{3})\)/.exec(text)?.[1] ?? NaN);
  const type = Number.isNaN(status) ? 'Unavailable' : failureTypeOf(status);
  return new PortError(type, `${what}: ${cutWords({ text, characters: 500 }) || 'failed without a reason'}`);
}
