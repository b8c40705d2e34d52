import type { TLSConfig } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Progress } from '../contracts/release.js';
import type { ReleaseKind } from '../domain/release/kinds.js';
import type { EndedRelease } from '../domain/release/lifecycle-state.js';

export interface ConnectOptions {
  /** host:port of Temporal. */
  address: string;
  namespace?: string;
  apiKey?: string;
  /** Certificates, where the server asks for them or is signed by nobody this machine trusts. */
  tls?: TLSConfig;
  /** Headers of each call. */
  metadata?: Record<string, string>;
  /** How payloads are written and read, as the workers have it; see `dataConverterOf`. */
  dataConverter?: DataConverter;
  /** Folder of the artifact store. */
  storeDirectory: string;
  /** Set where one namespace holds several deployments. */
  queuePrefix?: string;
  /** Proves who approves or rejects, as `understudy token` makes it. */
  approverToken?: string;
}

export interface ReleaseStatus {
  releaseId: string;
  /** Null while it waits in the queue, or when it has ended. */
  progress: Progress | null;
  /** Null until it has ended. */
  ended: EndedRelease | null;
}

/** What somebody says to a release that waits for people. */
export interface Answer {
  releaseId: string;
  by: string;
  /** Of the evidence that was read; absent: what the release shows now. */
  evidenceDigest?: string;
  reason?: string;
}

/** A release that a person or a service asks for. */
export interface ReleaseAsked {
  model: string;
  kind?: ReleaseKind;
  reason: string;
  requestedBy: string;
  priority?: 'normal' | 'high';
  /** A service that says `api` is held back by cooldown and quiet hours; absent: a person. */
  trigger?: 'person' | 'api';
  /** Of an index release: what it is to serve with. */
  indexVersion?: string;
  /** Asked again under the same id, nothing new starts. */
  requestId?: string;
}
