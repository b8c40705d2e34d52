import type { ArtifactRef } from '../domain/artifact-ref.js';

/** Nobody waits for the answers: a platform may answer from what only comes up when it is asked. */
export interface OfflineUse {
  /** Releases that are asked the same questions; they serve already. */
  beside: readonly string[];
}

export interface ServingPlatform {
  /**
   * Get or create the release's serving; returns at once where it already serves. `adapter` null serves the base. With
   * `offline` a platform that has a place for it serves there, and at `liveEndpoint` only once it is deployed without.
   * Where that takes minutes, it rejects with the signal's reason once that aborts.
   */
  deploy(input: {
    model: string;
    releaseId: string;
    base: string;
    adapter: ArtifactRef | null;
    offline?: OfflineUse | undefined;
    signal?: AbortSignal | undefined;
  }): Promise<ServedRelease>;
  /** Whether there is room for this release, which takes none again once it is deployed; `reason` quotes what was seen. */
  capacity(input: { model: string; releaseId: string; base: string }): Promise<{ enough: boolean; reason: string }>;
  /** Whether a request would be answered now; `reason` says what is missing. */
  readiness(input: {
    releaseId: string;
    offline?: OfflineUse | undefined;
  }): Promise<{ ready: boolean; reason: string }>;
  /** Ends the serving of a release; one that is not there is no error. */
  retire(input: { model: string; releaseId: string }): Promise<void>;
  /** Releases that this platform keeps serving. */
  served(input: { model: string }): Promise<string[]>;
}

export interface ServedRelease {
  /** Where the evaluation asks, ending in /v1. */
  endpoint: string;
  /** Where the gateway asks, ending in /v1; the same unless something stands between. */
  liveEndpoint: string;
  adapter: string;
  /** Only this release is answered at `endpoint`: others of the model are asked where they serve. */
  alone?: true;
}
