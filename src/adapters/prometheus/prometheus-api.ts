import { z } from 'zod';
import { hideSecrets, withoutSecrets, type HideSecrets } from '../../activities/hide-secrets.js';
import { PortError } from '../../activities/ports.js';
import { httpFailure, networkFailure } from '../http-failure.js';

const timeoutMilliseconds = 5000;

const sampleSchema = z.object({
  metric: z.record(z.string(), z.string()),
  value: z.tuple([z.number(), z.string()]),
});
const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({ resultType: z.literal('vector'), result: z.array(sampleSchema) }),
});

export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Writes a value into a PromQL string: backslashes, quotes and line ends can't end it. */
export const quoted = (value: string): string => JSON.stringify(value);

/** The query API of a Prometheus server, or of anything that speaks it. Every failure is a `PortError`. */
export class PrometheusApi {
  readonly #address: string;
  readonly #token: string | null;
  readonly #hide: HideSecrets;

  /** `address` without `/api/v1`; `token` is sent as bearer. */
  constructor({ address, token }: { address: string; token: string | null }) {
    this.#address = address.replace(/\/+$/, '');
    this.#token = token;
    this.#hide = hideSecrets(token === null ? [] : [token]);
  }

  /**
   * An instant query whose result is a vector.
   * @param at ISO 8601.
   */
  async query(asked: { query: string; at: string }): Promise<Sample[]> {
    try {
      return await this.#query(asked);
    } catch (error) {
      // What it says becomes the reason of a verdict, and may repeat what it was sent.
      throw withoutSecrets(error, this.#hide);
    }
  }

  async #query({ query, at }: { query: string; at: string }): Promise<Sample[]> {
    const url = `${this.#address}/api/v1/query`;
    const seconds = String(Date.parse(at) / 1000);
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ query, time: seconds, timeout: `${timeoutMilliseconds}ms` }),
      headers: this.#token === null ? {} : { authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(timeoutMilliseconds),
    }).catch((error: unknown) => {
      throw networkFailure({ what: url, error });
    });
    const text = await answer.text().catch((error: unknown) => {
      throw networkFailure({ what: url, error });
    });
    if (!answer.ok) throw httpFailure({ what: url, status: answer.status, headers: answer.headers, detail: text });
    const parsed = answerSchema.safeParse(jsonOf(text));
    if (!parsed.success) throw new PortError('Unavailable', `${url}: answered with something that is no vector`);
    return parsed.data.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
