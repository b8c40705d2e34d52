import type { ArtifactStore } from '../../activities/ports.js';
import {
  addDesired,
  desiredOf,
  type DesiredList,
  type DesiredRelease,
  readDesired,
  removeDesired,
} from '../vllm-serving/desired-adapters.js';

export interface WantedRelease {
  releaseId: string;
  release: DesiredRelease;
}

/** Where releases answer what can wait, apart from the instances of users. */
export interface OfflineServing {
  /** Under which a model's releases are asked. */
  address(model: string): string;
  /** Get or create what answers for these releases; each is known from now on. */
  deploy(releases: readonly WantedRelease[], signal: AbortSignal): Promise<void>;
  /** What keeps these releases from taking questions; null where nothing does. */
  trouble(releases: readonly WantedRelease[]): Promise<string | null>;
  /** Removes what answers for a release with all that was asked there; one that is not known is no error. */
  retire(input: { releaseId: string }): Promise<void>;
  /** The ids of a model's releases that are known. */
  servedOf(input: { model: string }): Promise<string[]>;
  known(): Promise<Readonly<Record<string, DesiredRelease>>>;
}

/** The name that a release answers to: its own where it has an adapter, else its base's. */
export const nameOf = ({ releaseId, release }: WantedRelease): string =>
  release.adapter === null ? release.base : releaseId;

/** Which releases answer what can wait, and at which place; several releases without an adapter share one. */
export class OfflineReleases {
  readonly #list: Required<DesiredList>;
  readonly #placeOf: (wanted: WantedRelease) => string;

  constructor({
    store,
    key,
    placeOf,
  }: {
    store: ArtifactStore;
    key: string;
    placeOf: (wanted: WantedRelease) => string;
  }) {
    this.#list = { store, key };
    this.#placeOf = placeOf;
  }

  async add(wanted: WantedRelease): Promise<void> {
    await addDesired({ ...this.#list, ...wanted });
  }

  /** Forgets a release, last: `remove` ends its place first, where no other release answers there. */
  async retire({
    releaseId,
    remove,
  }: {
    releaseId: string;
    remove: (place: string, model: string) => Promise<void>;
  }): Promise<void> {
    const { [releaseId]: release, ...others } = await this.known();
    if (release === undefined) return;
    const place = this.#placeOf({ releaseId, release });
    const shared = Object.entries(others).some(([id, one]) => this.#placeOf({ releaseId: id, release: one }) === place);
    if (!shared) await remove(place, release.model);
    await removeDesired({ ...this.#list, releaseId });
  }

  async servedOf({ model }: { model: string }): Promise<string[]> {
    return await desiredOf({ ...this.#list, model });
  }

  async known(): Promise<Readonly<Record<string, DesiredRelease>>> {
    return await readDesired(this.#list);
  }
}
