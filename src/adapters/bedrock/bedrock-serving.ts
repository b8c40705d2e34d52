import { z } from 'zod';
import {
  type ArtifactStore,
  type ChatModel,
  PortError,
  type ServedRelease,
  type ServingPlatform,
} from '../../activities/ports.js';
import { readJson } from '../../activities/stored-json.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import {
  addDesired,
  desiredOf,
  type DesiredRelease,
  readDesiredRelease,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';
import { bedrockEndpoint, importedModel } from './bedrock-endpoint.js';
import { type ImportAttempt, type ImportedModel, ImportJobs, type ImportSettings } from './import-jobs.js';
import { importName } from './import-name.js';
import type { MergedWeights } from './merged-weights.js';

export interface BedrockServingSettings extends ImportSettings {
  region: string;
  store: ArtifactStore;
  /** The s3:// address of a key of the store, which the role may read. */
  uriOf: (key: string) => string;
  merged: Pick<MergedWeights, 'bases' | 'folder' | 'remove'>;
  /** Asks whether a model answers, so its limit of time is short: one that is cold says so at once. */
  chat: ChatModel;
  /** Models that the account may have imported: a quota of AWS, 3 where it was not raised. */
  mostModels: number;
}

interface Wanted {
  releaseId: string;
  name: string;
  release: DesiredRelease;
}
interface Readiness {
  ready: boolean;
  reason: string;
}

/** Which attempt at an import is wanted: attempts of earlier deployments stay in Bedrock's list for good. */
const attemptSchema = z.object({ number: z.number().int().min(1) });
const attemptKey = ({ releaseId, name }: Wanted): string =>
  storeKeys.release({ releaseId, file: `merged/${name}.attempt.json` });

/**
 * Releases as models imported into Bedrock: base and adapter are merged, imported, and asked by Converse. Where a release
 * stands is read from the store and from Bedrock alone, so any worker goes on with it; `readiness` takes the next step.
 */
export class BedrockServing implements ServingPlatform {
  readonly #settings: BedrockServingSettings;
  readonly #imports: ImportJobs;

  constructor(settings: BedrockServingSettings) {
    this.#settings = settings;
    this.#imports = new ImportJobs(settings);
  }

  async deploy({ releaseId, ...release }: Parameters<ServingPlatform['deploy']>[0]): Promise<ServedRelease> {
    const { store, region, merged } = this.#settings;
    if (!merged.bases.includes(release.base))
      throw new PortError(
        'InvalidInput',
        `base ${release.base}: does not lie on this machine, where it would be merged; expected one of ${merged.bases.join(', ') || 'none, as none is set'}`,
      );
    if (release.adapter !== null) await readAdapterManifest({ store, adapter: release.adapter });
    const before = await readDesiredRelease({ store, releaseId });
    const name = importName({ releaseId, release });
    const old = before && importName({ releaseId, release: before });
    if (old !== null && old !== name) await this.#remove({ releaseId, name: old, release: before! });
    await addDesired({ store, releaseId, release });
    await this.#begin({ releaseId, name, release });
    const endpoint = bedrockEndpoint(region);
    return { endpoint, liveEndpoint: endpoint, adapter: importedModel(name) };
  }

  async capacity({ releaseId }: { releaseId: string }): Promise<{ enough: boolean; reason: string }> {
    const { mostModels, region, store } = this.#settings;
    if ((await readDesiredRelease({ store, releaseId })) !== null)
      return { enough: true, reason: `${releaseId} has its place among the imported models` };
    const models = await this.#imports.count();
    const enough = models < mostModels;
    return { enough, reason: `${models} models imported in ${region} ${enough ? '<' : '>='} ${mostModels}` };
  }

  /** Rejects with `NotReady` where the release can't get ready any more. */
  async readiness({ releaseId }: { releaseId: string }): Promise<Readiness> {
    const release = await readDesiredRelease({ store: this.#settings.store, releaseId });
    if (!release) return { ready: false, reason: `${releaseId} is not deployed` };
    return await this.#step({ releaseId, release, name: importName({ releaseId, release }) });
  }

  /** Rejects with `Unavailable` while the import runs: nobody can stop it, and its model would be left over. */
  async retire({ releaseId }: { model: string; releaseId: string }): Promise<void> {
    const { store } = this.#settings;
    const release = await readDesiredRelease({ store, releaseId });
    if (!release) return;
    await this.#remove({ releaseId, release, name: importName({ releaseId, release }) });
    await removeDesired({ store, releaseId });
  }

  async served({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ store: this.#settings.store, model });
  }

  /** What may go better at the next look is a reason for not being ready. */
  async #step(wanted: Wanted): Promise<Readiness> {
    try {
      return await this.#advance(wanted);
    } catch (error) {
      if (error instanceof PortError && error.retryable) return { ready: false, reason: error.message };
      throw error;
    }
  }

  /**
   * Writes down which attempt is wanted and takes the first step: another one where the last failed, or its model was
   * removed with an earlier deployment.
   */
  async #begin(wanted: Wanted): Promise<void> {
    const last = (await this.#imports.attempts(wanted)).at(-1);
    const isOver = last?.state === 'failed' || (last?.state === 'completed' && !(await this.#imports.model(wanted)));
    const number = last === undefined ? 1 : last.number + (isOver ? 1 : 0);
    await this.#settings.store.put({ key: attemptKey(wanted), body: Buffer.from(JSON.stringify({ number })) });
    await this.#step(wanted);
  }

  /** Takes the next step of a release. */
  async #advance(wanted: Wanted): Promise<Readiness> {
    const { name } = wanted;
    const model = await this.#imports.model(wanted);
    if (model) return await this.#look({ name, model });
    const number = await this.#wantedAttempt(wanted);
    const attempt = (await this.#imports.attempts(wanted)).find((one) => one.number === number);
    if (attempt) return await this.#underWay(attempt);
    const folder = await this.#settings.merged.folder(wanted);
    if (folder === null) return { ready: false, reason: `${name}: base and adapter are being merged` };
    await this.#imports.create({ ...wanted, number, uri: `${this.#settings.uriOf(folder)}/` });
    return { ready: false, reason: `${name}: import ${number} has begun` };
  }

  async #wantedAttempt(wanted: Wanted): Promise<number> {
    const found = await readJson({ store: this.#settings.store, key: attemptKey(wanted), schema: attemptSchema });
    return found?.number ?? 1;
  }

  async #underWay(attempt: ImportAttempt): Promise<Readiness> {
    const { state, jobName } = attempt;
    if (state === 'failed')
      throw new PortError('NotReady', `import job ${jobName} failed: ${await this.#imports.failure(attempt)}`);
    const reason = state === 'completed' ? 'has completed, and its model is not there (yet)' : 'is in progress';
    return { ready: false, reason: `import job ${jobName} ${reason}` };
  }

  async #look({ name, model }: { name: string; model: ImportedModel }): Promise<Readiness> {
    if (!model.canConverse)
      throw new PortError(
        'NotReady',
        `${name}: Bedrock can't converse with it; expected a base whose tokenizer has a chat template, of a kind that Converse supports`,
      );
    await this.#settings.chat.complete({
      endpoint: bedrockEndpoint(this.#settings.region),
      model: importedModel(name),
      messages: [{ role: 'user', content: 'Hello' }],
      maxTokens: 1,
      temperature: 0,
      signal: new AbortController().signal,
    });
    return { ready: true, reason: `${name} answers` };
  }

  async #remove(wanted: Wanted): Promise<void> {
    const { name } = wanted;
    if (await this.#imports.model(wanted)) await this.#imports.remove({ name });
    else {
      const last = (await this.#imports.attempts({ name })).at(-1);
      if (last?.state === 'inProgress')
        throw new PortError(
          'Unavailable',
          `import job ${last.jobName} still runs and can't be stopped; its model is removed after it`,
        );
    }
    await this.#settings.merged.remove(wanted);
    await this.#settings.store.remove({ key: attemptKey(wanted) });
  }
}
