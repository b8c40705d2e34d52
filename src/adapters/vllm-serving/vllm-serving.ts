import { dirname } from 'node:path';
import { type ArtifactStore, PortError, type ServedRelease, type ServingPlatform } from '../../activities/ports.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import { readAdapterManifest } from '../adapter-manifest.js';
import { digestFile } from '../directory-store/atomic-files.js';
import { addDesired, desiredOf, readDesired, readDesiredRelease, removeDesired } from './desired-adapters.js';
import { VllmApi } from './vllm-api.js';
import { capacityOf, readVllmLoad } from './vllm-load.js';

export interface VllmServingSettings {
  store: ArtifactStore;
  /** Ends in /v1. */
  endpoint: string;
  /** Where the gateway asks, where something stands between; ends in /v1. */
  liveEndpoint?: string;
  apiKey: string | null;
  /** The name under which the endpoint serves each base model, by the base's id. */
  bases: Readonly<Record<string, string>>;
}

/**
 * Releases as LoRA adapters of one vLLM server, loaded and unloaded at run time, each under its release id.
 *
 * What should be served is kept in the store before it is loaded; vLLM forgets its adapters when it restarts, and
 * `reconcile` loads them again. vLLM reads an adapter from the store's local path, which must stay.
 */
export class VllmServing implements ServingPlatform {
  readonly #settings: VllmServingSettings;
  readonly #api: VllmApi;

  constructor(settings: VllmServingSettings) {
    this.#settings = settings;
    this.#api = new VllmApi({ endpoint: settings.endpoint, apiKey: settings.apiKey });
  }

  async deploy({
    model,
    releaseId,
    base,
    adapter,
  }: {
    model: string;
    releaseId: string;
    base: string;
    adapter: ArtifactRef | null;
  }): Promise<ServedRelease> {
    const { store, endpoint } = this.#settings;
    const name = this.#servedName({ releaseId, base, adapter });
    const path = adapter && (await this.#adapterPath(adapter));
    const { replaces } = await addDesired({ store, releaseId, release: { model, base, adapter } });
    if (replaces) await this.#api.unload({ name: releaseId });
    if (path !== null && !(await this.#api.models()).has(name)) await this.#api.load({ name, path });
    return { endpoint, liveEndpoint: this.#settings.liveEndpoint ?? endpoint, adapter: name };
  }

  async capacity(): Promise<{ enough: boolean; reason: string }> {
    const text = await this.#api.metrics();
    return capacityOf(readVllmLoad(text ?? ''));
  }

  async readiness({ releaseId }: { releaseId: string }): Promise<{ ready: boolean; reason: string }> {
    const release = await readDesiredRelease({ store: this.#settings.store, releaseId });
    if (!release) return { ready: false, reason: `${releaseId} is not deployed` };
    const name = this.#servedName({ releaseId, ...release });
    try {
      await this.#api.health();
      const models = await this.#api.models();
      if (!models.has(name))
        return {
          ready: false,
          reason: `${name} is not loaded; the endpoint serves ${[...models].join(', ') || 'nothing'}`,
        };
      await this.#api.askOneToken({ name });
      return { ready: true, reason: `${name} answers` };
    } catch (error) {
      if (error instanceof PortError) return { ready: false, reason: error.message };
      throw error;
    }
  }

  async retire({ releaseId }: { model: string; releaseId: string }): Promise<void> {
    await removeDesired({ store: this.#settings.store, releaseId });
    await this.#api.unload({ name: releaseId });
  }

  async served({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ store: this.#settings.store, model });
  }

  /**
   * Loads every adapter that should be served and is not, for example after a restart of the endpoint. What can't be
   * loaded is named with its reason and does not keep the others from being loaded.
   */
  async reconcile(): Promise<{ loaded: string[]; failed: { releaseId: string; reason: string }[] }> {
    const loaded: string[] = [];
    const failed: { releaseId: string; reason: string }[] = [];
    if ((await this.#wanted()).length === 0) return { loaded, failed };
    const models = await this.#api.models();
    // Read after the endpoint was asked: what is deployed anew meanwhile must not be loaded as it was before.
    for (const { releaseId, adapter } of await this.#wanted()) {
      if (models.has(releaseId)) continue;
      try {
        await this.#api.load({ name: releaseId, path: await this.#adapterPath(adapter) });
        if (await this.#isWanted({ releaseId, adapter })) loaded.push(releaseId);
        else await this.#api.unload({ name: releaseId });
      } catch (error) {
        failed.push({ releaseId, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    return { loaded, failed };
  }

  /** The releases that should be served by an adapter. */
  async #wanted(): Promise<{ releaseId: string; adapter: ArtifactRef }[]> {
    const releases = Object.entries(await readDesired({ store: this.#settings.store }));
    return releases.flatMap(([releaseId, { adapter }]) => (adapter === null ? [] : [{ releaseId, adapter }]));
  }

  async #isWanted({ releaseId, adapter }: { releaseId: string; adapter: ArtifactRef }): Promise<boolean> {
    const release = await readDesiredRelease({ store: this.#settings.store, releaseId });
    return release?.adapter?.sha256 === adapter.sha256;
  }

  /** The name to ask the endpoint for: the release id, or the base's own name where there is no adapter. */
  #servedName({ releaseId, base, adapter }: { releaseId: string; base: string; adapter: unknown }): string {
    const { bases, endpoint } = this.#settings;
    const name = Object.hasOwn(bases, base) ? bases[base]! : null;
    if (name === null)
      throw new PortError(
        'InvalidInput',
        `base ${base}: ${endpoint} does not serve it; expected one of ${Object.keys(bases).join(', ') || 'none, as none is configured'}`,
      );
    return adapter === null ? name : releaseId;
  }

  /** The folder with the adapter's files, each checked against its digest. */
  async #adapterPath(adapter: ArtifactRef): Promise<string> {
    const { store } = this.#settings;
    const folders = new Set<string>();
    for (const { key, name, sha256 } of await readAdapterManifest({ store, adapter })) {
      const path = await store.localPath({ key });
      const found = await digestFile(path);
      if (found.sha256 !== sha256)
        throw new PortError('DigestMismatch', `${key}: sha256 ${found.sha256}, expected ${sha256}`);
      if (!name.includes('/')) folders.add(dirname(path));
    }
    const [folder, ...others] = folders;
    if (folder === undefined || others.length > 0)
      throw new PortError(
        'InvalidInput',
        `adapter ${adapter.uri}: its files lie in ${folders.size} folders, expected 1`,
      );
    return folder;
  }
}
