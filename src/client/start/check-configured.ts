import { CannotRunError } from './checks.js';
import { missingSearchAttributes } from './temporal-health.js';
import type { Wiring } from './wiring.js';

const askMilliseconds = 5000;

async function complaint(what: string, check: () => Promise<string | null>): Promise<string[]> {
  try {
    const problem = await check();
    return problem === null ? [] : [`${what}: ${problem}`];
  } catch (error) {
    return [`${what}: does not answer (${(error as Error).message}); start it, or unset it to have one started`];
  }
}

async function answersAt(url: string, headers: Record<string, string> = {}): Promise<string | null> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(askMilliseconds) });
  await response.arrayBuffer();
  return response.ok ? null : `${url} answered ${response.status}; check the address and its key`;
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
      : complaint(`OPENAI_BASE_URL=${endpoint.url}`, () => answersAt(`${endpoint.url}/models`, headers)),
  ]);
  const all = problems.flat();
  if (all.length > 0) throw new CannotRunError(['What is configured can not be used:', ...all].join('\n  '));
}
