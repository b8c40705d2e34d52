import { z } from 'zod';
import { PortError } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

const quickMilliseconds = 10_000;
/** Loading reads the weights; on a slow disk that takes a while. */
const loadMilliseconds = 120_000;
const answerMilliseconds = 60_000;

/** The calls of one vLLM server that serving needs. Every failure is a `PortError`. */
export class VllmApi {
  readonly #endpoint: string;
  readonly #apiKey: string | null;

  /** `endpoint` ends in /v1. */
  constructor({ endpoint, apiKey }: { endpoint: string; apiKey: string | null }) {
    this.#endpoint = endpoint.replace(/\/+$/, '');
    this.#apiKey = apiKey;
  }

  /** Rejects where the server is not healthy. An endpoint without `/health` (not vLLM) passes. */
  async health(): Promise<void> {
    const url = `${this.#endpoint.replace(/\/v1$/, '')}/health`;
    const answer = await this.#fetch({ url, timeoutMilliseconds: quickMilliseconds });
    if (answer.status >= 400 && answer.status !== 404) throw await failure({ url, answer });
    await answer.body?.cancel();
  }

  /** The Prometheus text of its metrics; null where it has none (not vLLM). */
  async metrics(): Promise<string | null> {
    const url = `${this.#endpoint.replace(/\/v1$/, '')}/metrics`;
    const answer = await this.#fetch({ url, timeoutMilliseconds: quickMilliseconds });
    if (answer.ok) return await answer.text();
    if (answer.status !== 404) throw await failure({ url, answer });
    await answer.body?.cancel();
    return null;
  }

  /** The names that can be asked for: the base and every loaded adapter. */
  async models(): Promise<Set<string>> {
    const url = `${this.#endpoint}/models`;
    const answer = await this.#fetch({ url, timeoutMilliseconds: quickMilliseconds });
    if (!answer.ok) throw await failure({ url, answer });
    const parsed = modelsSchema.safeParse(await answer.json().catch(() => null));
    if (!parsed.success)
      throw new PortError('Unavailable', `${url}: answered with something that is no list of models`);
    return new Set(parsed.data.data.map(({ id }) => id));
  }

  /** Loads an adapter; one of this name that is loaded already is left as it is. */
  async load({ name, path }: { name: string; path: string }): Promise<void> {
    const url = `${this.#endpoint}/load_lora_adapter`;
    const answer = await this.#fetch({
      url,
      body: { lora_name: name, lora_path: path },
      timeoutMilliseconds: loadMilliseconds,
    });
    const said = await answer.text();
    if (answer.ok || (answer.status === 400 && /already (been )?loaded/i.test(said))) return;
    if ((answer.status === 404 && isMissingRoute(said)) || answer.status === 405)
      throw new PortError(
        'InvalidInput',
        `${url}: this endpoint can't load adapters at run time; start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`,
      );
    const rank = /LoRA rank (\d+) is greater than max_lora_rank (\d+)/.exec(said);
    if (rank)
      throw new PortError(
        'InvalidInput',
        `loading ${name}: the adapter's rank ${rank[1]} > ${rank[2]}, the endpoint's --max-lora-rank; ` +
          'lower training.rank, or start vLLM with a higher --max-lora-rank',
      );
    throw httpFailure({
      what: `loading ${path} as ${name}`,
      status: answer.status,
      headers: answer.headers,
      detail: said,
    });
  }

  /** Unloads an adapter; one that is not loaded is no error. */
  async unload({ name }: { name: string }): Promise<void> {
    const url = `${this.#endpoint}/unload_lora_adapter`;
    const answer = await this.#fetch({ url, body: { lora_name: name }, timeoutMilliseconds: quickMilliseconds });
    if (!answer.ok && answer.status !== 404) throw await failure({ url, answer });
    await answer.body?.cancel();
  }

  /** Asks for one token, the only proof that the model really answers. */
  async askOneToken({ name }: { name: string }): Promise<void> {
    const url = `${this.#endpoint}/chat/completions`;
    const messages = [{ role: 'user', content: 'Hello' }];
    const answer = await this.#fetch({
      url,
      body: { model: name, messages, max_tokens: 1, temperature: 0 },
      timeoutMilliseconds: answerMilliseconds,
    });
    if (!answer.ok) throw await failure({ url, answer });
    await answer.body?.cancel();
  }

  async #fetch({
    url,
    body,
    timeoutMilliseconds,
  }: {
    url: string;
    body?: object;
    timeoutMilliseconds: number;
  }): Promise<Response> {
    try {
      return await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(this.#apiKey === null ? {} : { authorization: `Bearer ${this.#apiKey}` }),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
    } catch (error) {
      throw networkFailure({ what: url, error });
    }
  }
}

/** FastAPI's words for a path that it doesn't have; vLLM's own 404s carry an `error`. */
const isMissingRoute = (said: string): boolean => /"detail"\s*:\s*"Not Found"/i.test(said);

async function failure({ url, answer }: { url: string; answer: Response }): Promise<PortError> {
  const detail = await answer.text().catch(() => '');
  return httpFailure({ what: url, status: answer.status, headers: answer.headers, detail });
}
