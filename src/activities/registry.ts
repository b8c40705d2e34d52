import type { ReleaseInput } from '../contracts/release.js';
import { servingDocumentOf } from '../contracts/serving-document.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { Cause } from '../domain/audit/cause.js';
import { canonicalJson } from '../domain/release/evidence.js';
import { lifecycleSettings } from '../domain/release/admission.js';
import type { ModelSpec } from '../domain/spec/model-spec.js';
import { requireJudge } from './judging/require-judge.js';
import { requireChannels } from './notifications.js';
import type { Ports } from './ports.js';
import { holdVersion } from './retrieval/held-versions.js';
import { indexInUse } from './retrieval/index-in-use.js';
import { loadSpecification } from './specifications.js';

const bytes = (value: unknown): Uint8Array => Buffer.from(canonicalJson(value));

/** What a workflow needs of a spec; the whole of it stays in the store. */
export interface OpenedRelease {
  runId: string;
  promptDigest: string;
  base: string;
  trainingDeadline: string;
  /** The version of the spec's index that was in use; absent where nothing is retrieved. */
  indexVersion?: string;
  rollout: ModelSpec['rollout'];
}

/** The run, the model version and the aliases of a release. */
export function createRegistryActivities({
  store,
  registry,
  audit,
  judge,
  channels,
  chunks = null,
}: Pick<Ports, 'store' | 'registry' | 'audit' | 'judge' | 'channels' | 'chunks'>) {
  return {
    async readSpecification({
      specification: ref,
      by,
      step = null,
    }: {
      specification: ArtifactRef;
      /** Who applies it; absent in histories of 0.1.0. */
      by?: string;
      /** Names this time of applying it: going back to an earlier spec is an entry of its own. */
      step?: string | null;
    }): Promise<{ digest: string; settings: ReturnType<typeof lifecycleSettings> }> {
      const { spec } = await loadSpecification({ store, ref });
      requireJudge({ spec: spec.evaluation, judge });
      requireChannels({ routes: spec.notify, channels });
      if (by !== undefined)
        await audit.append({
          model: spec.model,
          entry: {
            key: ['specification', ref.sha256, by, step].filter((part) => part !== null).join('/'),
            kind: 'specification',
            actor: by,
            releaseId: null,
            reason: `spec ${ref.sha256.slice(0, 12)} applied`,
            evidenceDigest: null,
            details: { specification: ref.sha256 },
          },
        });
      return { digest: ref.sha256, settings: lifecycleSettings(spec) };
    },

    /** Get or create the release's run, and put where the gateway looks what it needs to serve the release. */
    async openRelease(input: ReleaseInput & { workflowId: string }): Promise<OpenedRelease> {
      const { releaseId, model } = input;
      const { spec, prompt, promptDigest, golden, overlays } = await loadSpecification({
        store,
        ref: input.specification,
      });
      requireJudge({ spec: spec.evaluation, judge });
      const { runId } = await registry.ensureRun({
        model,
        releaseId,
        tags: {
          'understudy.kind': input.kind,
          'understudy.trigger': input.trigger,
          'understudy.requestedBy': input.requestedBy.join(', '),
          'understudy.workflow': input.workflowId,
          'understudy.specification': input.specification.sha256,
          'understudy.golden': `${golden.name}/${golden.version}`,
          'understudy.overlays': overlays.join(', '),
          ...(input.candidate && { 'understudy.candidate': input.candidate.version }),
          ...(input.indexVersion && { 'understudy.index': input.indexVersion }),
        },
      });
      await store.put({ key: storeKeys.prompt({ releaseId }), body: bytes(prompt) });
      const indexVersion = await indexInUse({ chunks, retrieval: spec.retrieval });
      const served = input.indexVersion ?? input.candidate?.indexVersion ?? input.champion?.target.indexVersion;
      const version = served ?? indexVersion;
      if (spec.retrieval && version !== null) {
        const { keepReleases } = spec.rollout;
        await holdVersion({ store, index: spec.retrieval.index, model, releaseId, version, keepReleases });
      }
      if (spec.retrieval) await store.put({ key: storeKeys.retrieval({ releaseId }), body: bytes(spec.retrieval) });
      await store.put({ key: storeKeys.notify({ model }), body: bytes(spec.notify) });
      await store.put({ key: storeKeys.serving({ model }), body: bytes(servingDocumentOf(spec)) });
      return {
        runId,
        promptDigest,
        ...(indexVersion !== null && { indexVersion }),
        base: spec.base.id,
        trainingDeadline: spec.training.deadline,
        rollout: spec.rollout,
      };
    },

    /** Get or create the version; it exists only for releases whose evaluation passed. */
    async registerVersion({
      model,
      releaseId,
      runId,
      evidenceDigest,
    }: {
      model: string;
      releaseId: string;
      runId: string;
      evidenceDigest: string;
    }): Promise<{ version: string }> {
      const { version } = await registry.ensureVersion({
        model,
        releaseId,
        runId,
        tags: { 'understudy.evidence': evidenceDigest },
      });
      await registry.setAlias({ model, alias: 'challenger', version });
      return { version };
    },

    /** Moves the aliases; a null takes one off. `step` is what the audit entry is known by. */
    async moveAliases({
      model,
      champion,
      challenger,
      step,
      reason,
      cause = null,
    }: {
      model: string;
      champion: string | null;
      challenger: string | null;
      step: string;
      reason: string;
      /** Absent in histories of 0.1.0. */
      cause?: Cause | null;
    }): Promise<void> {
      for (const [alias, version] of Object.entries({ champion, challenger })) {
        if (version === null) await registry.removeAlias({ model, alias });
        else await registry.setAlias({ model, alias, version });
      }
      const details = { champion, challenger };
      await audit.append({
        model,
        entry: {
          key: `aliases/${step}`,
          kind: 'promotion',
          actor: cause?.actor ?? step,
          releaseId: cause?.releaseId ?? null,
          reason,
          evidenceDigest: cause?.evidenceDigest ?? null,
          details,
        },
      });
    },
  };
}
