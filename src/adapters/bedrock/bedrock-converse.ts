import { GetImportedModelCommand } from '@aws-sdk/client-bedrock';
import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { LRUCache } from 'lru-cache';
import { PortError } from '../../activities/ports.js';
import { awsErrorOf, awsFailure } from '../aws/aws-failure.js';
import { withOwnSignal } from '../own-signal.js';
import { importedName, regionOf } from './bedrock-endpoint.js';
import { bedrockClients, type BedrockClients } from './clients.js';
import { converseAnswer, type ConverseAnswer, finishOf, type Finish } from './converse-answer.js';
import { converseInput, type ConverseQuestion } from './converse-question.js';

export interface BedrockConverseSettings {
  /** Of one request, in milliseconds. */
  timeoutMilliseconds?: number;
  clients?: (region: string) => BedrockClients;
}

export interface ConverseCall {
  /** `bedrock://<region>/v1`. */
  endpoint: string;
  /** A model id, an inference profile, an ARN, or `imported/<name>`. */
  model: string;
  question: ConverseQuestion;
  signal: AbortSignal;
}

/** What comes of a stream: words, and last how it ended. */
export type ConversePart = { text: string } | { finish: Finish; promptTokens: number; completionTokens: number };

const defaultTimeoutMilliseconds = 120_000;
const knownMilliseconds = 3_600_000;

/** Asks models on Bedrock by Converse, whatever the model (Amazon Bedrock API Reference). Never retries: Temporal does. */
export class BedrockConverse {
  readonly #timeoutMilliseconds: number;
  readonly #clients: (region: string) => BedrockClients;
  readonly #arns = new LRUCache<string, string>({ max: 1000, ttl: knownMilliseconds });

  constructor({
    timeoutMilliseconds = defaultTimeoutMilliseconds,
    clients = bedrockClients,
  }: BedrockConverseSettings = {}) {
    this.#timeoutMilliseconds = timeoutMilliseconds;
    this.#clients = clients;
  }

  /** Rejects with the signal's reason once that aborts. */
  async complete(call: ConverseCall): Promise<ConverseAnswer> {
    const what = nameOf(call);
    const { runtime } = this.#clients(regionOf(call.endpoint));
    return await withOwnSignal({
      what,
      signal: call.signal,
      timeoutMilliseconds: this.#timeoutMilliseconds,
      call: async (abortSignal) => {
        const send = (modelId: string) =>
          runtime.send(new ConverseCommand(converseInput({ modelId, question: call.question })), { abortSignal });
        return converseAnswer({ what, output: await this.#asked({ call: { ...call, signal: abortSignal }, send }) });
      },
    });
  }

  /**
   * The parts of a streamed answer as they come. How long each may take is the caller's signal.
   * @throws PortError also in the middle, where the service reports a failure inside the stream or it breaks off
   */
  async *stream(call: ConverseCall): AsyncGenerator<ConversePart> {
    const what = nameOf(call);
    const { runtime } = this.#clients(regionOf(call.endpoint));
    const send = (modelId: string) =>
      runtime.send(new ConverseStreamCommand(converseInput({ modelId, question: call.question })), {
        abortSignal: call.signal,
      });
    const { stream } = await this.#asked({ call, send });
    let finish: Finish | null = null;
    let ended = false;
    try {
      for await (const event of stream ?? []) {
        const text = event.contentBlockDelta?.delta?.text;
        if (text) yield { text };
        if (event.messageStop) finish = finishOf({ what, stopReason: event.messageStop.stopReason });
        const usage = event.metadata?.usage;
        if (!usage || finish === null) continue;
        ended = true;
        yield { finish, promptTokens: usage.inputTokens ?? 0, completionTokens: usage.outputTokens ?? 0 };
      }
    } catch (error) {
      throw awsFailure({ what, error });
    }
    if (!ended) throw new PortError('Unavailable', `${what}: the stream broke off`);
  }

  /** Asks by the ARN of an imported model, which only its name leads to, and again where it was imported anew since. */
  async #asked<Output>(input: { call: ConverseCall; send: (modelId: string) => Promise<Output> }): Promise<Output> {
    const { call, send } = input;
    const what = nameOf(call);
    const name = importedName(call.model);
    const failed = (error: unknown): never => {
      throw awsFailure({ what, error });
    };
    if (name === null) return await send(call.model).catch(failed);
    const place = `${call.endpoint} ${name}`;
    const known = this.#arns.get(place);
    const modelId = known ?? (await this.#arnOf({ ...call, name }));
    this.#arns.set(place, modelId);
    try {
      return await send(modelId);
    } catch (error) {
      if (awsErrorOf(error).name !== 'ResourceNotFoundException') return failed(error);
      this.#arns.delete(place);
      return known === undefined ? failed(error) : await this.#asked(input);
    }
  }

  async #arnOf({
    endpoint,
    name,
    signal,
  }: Pick<ConverseCall, 'endpoint' | 'signal'> & { name: string }): Promise<string> {
    const { control } = this.#clients(regionOf(endpoint));
    const what = `imported model ${name}`;
    const command = new GetImportedModelCommand({ modelIdentifier: name });
    const { modelArn } = await control.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw awsFailure({ what, error });
    });
    if (modelArn === undefined) throw new PortError('Unavailable', `${what}: has no ARN`);
    return modelArn;
  }
}

const nameOf = ({ endpoint, model }: Pick<ConverseCall, 'endpoint' | 'model'>): string => `${model} at ${endpoint}`;
