import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import type { ArtifactStore } from '../../../activities/ports.js';
import { isBedrock } from '../../../adapters/bedrock/bedrock-endpoint.js';
import { StoreRouter } from '../../../adapters/store-router/store-router.js';
import { modelOfRelease } from '../../../contracts/names.js';
import { sha256Hex } from '../../../domain/release/evidence.js';
import { CannotRun } from '../command-context.js';

/** Whose answers an evaluation looks at; `name` is what people read. */
export type Arm =
  | { kind: 'file'; name: string; path: string; sha256: string }
  | { kind: 'release'; name: string; releaseId: string }
  | { kind: 'endpoint'; name: string; endpoint: string; model: string; revision: string | null };

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })) });
const answerWithinMilliseconds = 10_000;

/** The model that an endpoint serves, where it serves one. */
async function onlyModel({ endpoint, apiKey }: { endpoint: string; apiKey: string | null }): Promise<string> {
  const mend = `name the model behind a #, as in ${endpoint}#my-model`;
  const read = async (): Promise<string[]> => {
    const response = await fetch(`${endpoint}/models`, {
      headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(answerWithinMilliseconds),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return modelsSchema.parse(await response.json()).data.map(({ id }) => id);
  };
  const models = await read().catch((error: unknown) => {
    throw new CannotRun(`${endpoint}/models can't be read (${(error as Error).message}); ${mend}`);
  });
  if (models.length === 1) return models[0]!;
  throw new CannotRun(`${endpoint} serves ${models.join(', ') || 'nothing'}: expected one model; ${mend}`);
}

async function endpointArm({
  option,
  given,
  revision,
  apiKeyOf,
}: {
  option: string;
  given: string;
  revision: string | null;
  apiKeyOf: (endpoint: string) => string | null;
}): Promise<Arm> {
  if (!URL.canParse(given)) throw new CannotRun(`${option} ${given}: expected an address such as http://host/v1#model`);
  const url = new URL(given);
  if (url.username !== '' || url.password !== '')
    throw new CannotRun(`${option}: expected no name and password in the address; set OPENAI_API_KEY`);
  const named = decodeURIComponent(url.hash.slice(1));
  url.hash = '';
  const endpoint = url.href.replace(/\/+$/, '');
  if (named === '' && isBedrock(endpoint))
    throw new CannotRun(`${option} ${given}: expected the model after "#", such as ${endpoint}#<model id>`);
  const model = named === '' ? await onlyModel({ endpoint, apiKey: apiKeyOf(endpoint) }) : named;
  const name = `${model} at ${endpoint}${revision === null ? '' : ` (${revision})`}`;
  return { kind: 'endpoint', name, endpoint, model, revision };
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/**
 * What `--candidate` or `--against` names: an endpoint, a file of answers, a release, or `champion`.
 * @throws CannotRun saying what was expected.
 */
export async function armOf({
  option,
  given,
  model,
  store,
  revision,
  apiKeyOf,
}: {
  option: string;
  given: string;
  model: string;
  store: ArtifactStore;
  /** What an endpoint serves at the moment; its answers are kept by it. */
  revision: string | null;
  apiKeyOf: (endpoint: string) => string | null;
}): Promise<Arm> {
  if (/^(?:https?|bedrock):\/\//.test(given)) return await endpointArm({ option, given, revision, apiKeyOf });
  if (await isFile(given)) {
    const body = await readFile(given);
    return { kind: 'file', name: basename(given), path: given, sha256: sha256Hex(body) };
  }
  if (given === 'champion') {
    const plan = await new StoreRouter({ store }).read({ model });
    if (plan) return { kind: 'release', name: plan.champion.releaseId, releaseId: plan.champion.releaseId };
    throw new CannotRun(
      `${option} champion: ${model} has none in this store; name a release, a file of answers or an endpoint, or leave ${option} out`,
    );
  }
  if (modelOfRelease(given) !== null) return { kind: 'release', name: given, releaseId: given };
  throw new CannotRun(
    `${option} ${given}: expected an address such as http://host/v1#model, a file of answers that is there, a release such as ${model}-r2, or champion`,
  );
}

/** What the answers of an arm depend on, for the id of an evaluation. */
export const identityOf = (arm: Arm): unknown => {
  switch (arm.kind) {
    case 'file':
      return { sha256: arm.sha256 };
    case 'release':
      return { releaseId: arm.releaseId };
    case 'endpoint':
      return { endpoint: arm.endpoint, model: arm.model, revision: arm.revision };
  }
};
