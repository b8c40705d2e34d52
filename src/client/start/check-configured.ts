import { z } from 'zod';
import { CannotRunError } from './checks.js';
import { missingSearchAttributes } from './temporal-health.js';
import type { Wiring } from './wiring.js';

const askMilliseconds = 5000;

async function complaint(what: string, check: () => Promise<string | null>): Promise<string[]> {
  try {
    const problem = await check();
    return problem === null ? [] : [`${what}: ${problem}`];
  } catch (error) {
    const { cause, message } = error as Error;
    // What fetch says itself is only that it failed.
    const why = cause instanceof Error ? cause.message : message;
    return [`${what}: does not answer (${why}); start it, or unset it to have one started`];
  }
}

async function answersAt(url: string, headers: Record<string, string> = {}): Promise<string | null> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(askMilliseconds) });
  await response.arrayBuffer();
  return response.ok ? null : `${url} answered ${response.status}; check the address and its key`;
}

const served = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Null where the endpoint serves the base model and takes adapters while it runs; a release would find out after its training. */
async function unfit({
  url,
  base,
  headers,
}: {
  url: string;
  base: string;
  headers: Record<string, string>;
}): Promise<string | null> {
  const problem = await answersAt(`${url}/models`, headers);
  if (problem !== null) return problem;
  const signal = AbortSignal.timeout(askMilliseconds);
  const listed = served.safeParse(await (await fetch(`${url}/models`, { headers, signal })).json().catch(() => null));
  const ids = listed.data?.data.map((model) => model.id);
  if (ids === undefined) return `${url}/models is no list of models; name an OpenAI-compatible endpoint, ending in /v1`;
  if (!ids.includes(base))
    return `it serves ${ids.join(', ') || 'nothing'}, expected the base model ${base}; start it with --served-model-name ${base}`;
  const order = await fetch(`${url}/load_lora_adapter`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    // Named by nobody, so that a server that takes such orders refuses it.
    body: '{}',
    signal: AbortSignal.timeout(askMilliseconds),
  });
  await order.arrayBuffer();
  return order.status === 404 || order.status === 405
    ? `it can't load adapters while it runs (${url}/load_lora_adapter answered ${order.status}); start vLLM with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`
    : null;
}

/**
 * Checks the servers that are configured instead of started.
 * @throws CannotRunError naming every one that can't be used, with how to mend it.
 */
export async function checkConfigured({ wiring, apiKey }: { wiring: Wiring; apiKey: string | null }): Promise<void> {
  const { temporal, mlflow, endpoint } = wiring;
  const headers: Record<string, string> = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  const problems = await Promise.all([
    temporal.own
      ? []
      : complaint(`TEMPORAL_ADDRESS=${temporal.address}, namespace ${temporal.namespace}`, async () => {
          const missing = await missingSearchAttributes(temporal);
          return missing.length === 0
            ? null
            : `search attributes ${missing.join(', ')} are not registered; "understudy doctor --fix" registers them`;
        }),
    mlflow.own ? [] : complaint(`MLFLOW_TRACKING_URI=${mlflow.uri}`, () => answersAt(`${mlflow.uri}/health`)),
    endpoint.own
      ? []
      : complaint(`OPENAI_BASE_URL=${endpoint.url}`, () => unfit({ url: endpoint.url, base: wiring.base.id, headers })),
  ]);
  const all = problems.flat();
  if (all.length > 0) throw new CannotRunError(['What is configured can not be used:', ...all].join('\n  '));
}
