import type { ArtifactRef } from '../domain/artifact-ref.js';

export interface ServingPlatform {
  /** Get or create the release's serving; returns at once where it already serves. `adapter` null serves the base. */
  deploy(input: {
    model: string;
    releaseId: string;
    base: string;
    adapter: ArtifactRef | null;
  }): Promise<ServedRelease>;
  /** Whether there is room for one release more; `reason` quotes what was seen. */
  capacity(input: { model: string }): Promise<{ enough: boolean; reason: string }>;
  /** Whether a request would be answered now; `reason` says what is missing. */
  readiness(input: { releaseId: string }): Promise<{ ready: boolean; reason: string }>;
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
}
