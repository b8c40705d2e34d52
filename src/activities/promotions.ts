import type { RequestReleaseResult } from '../contracts/lifecycle.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { canonicalJson, sha256Hex } from '../domain/release/evidence.js';
import type { Candidate } from '../domain/release/lifecycle-state.js';
import type { ReleaseRecord } from '../domain/release/release-record.js';
import type { Specification } from '../domain/spec/specification.js';
import { heartbeat } from './heartbeat.js';
import type { Ports } from './ports.js';
import { readRecord } from './read-record.js';
import { loadSpecification } from './specifications.js';

/** A person who moves this alias to a version asks for the version's rollout. */
export const promoteAlias = 'promote';

/** The tag of a version in which the person who moves the alias names themselves. */
export const promotedByTag = 'understudy.promotedBy';

/** As long as a name that a person gives us may be. */
const longestName = 200;

/** Who moved the alias, as far as MLflow says: whoever is named can't approve the release. */
const nameOf = (described: { tags: Readonly<Record<string, string>>; user: string | null } | null): string =>
  [described?.tags[promotedByTag], described?.user]
    .map((one) => one?.trim().slice(0, longestName) ?? '')
    .find((one) => one !== '') ?? 'somebody in MLflow who is not named';

export type CandidateAnswer = { by: string } & ({ candidate: Candidate } | { problem: string });

/** Rollouts of model versions that exist already. */
export function createPromotionActivities({ store, registry }: Pick<Ports, 'store' | 'registry'>) {
  /**
   * The adapter that a release serves: its own, that of the version it rolled out, or that of the champion it kept. Null
   * only where that is the base model: what nobody knows must not be served as the base model in its name.
   */
  async function adapterOf(record: ReleaseRecord): Promise<{ adapter: ArtifactRef | null } | { problem: string }> {
    let found = record;
    while (found.adapter === null) {
      const { releaseId, kind, candidate, champion } = found;
      if (kind === 'training' && !candidate)
        return {
          problem: `${releaseId} was to train, but its record names no adapter, so that nothing says what it serves with; ask for a release`,
        };
      const before = candidate?.releaseId ?? champion;
      if (before === null) return { adapter: null };
      const next = await readRecord({ store, releaseId: before });
      if (!next)
        return {
          problem: `${before}, whose adapter ${releaseId} serves, has no record in the store; put ${storeKeys.record({ releaseId: before })} back, or ask for a release`,
        };
      found = next;
    }
    return { adapter: found.adapter };
  }

  /** The rules in force, with what the version was made with. */
  async function specificationFor({
    current,
    record,
  }: {
    current: ArtifactRef;
    record: ReleaseRecord;
  }): Promise<ArtifactRef> {
    const now = await loadSpecification({ store, ref: current });
    const then = await loadSpecification({ store, ref: record.specification });
    const { base, training, prompt, retrieval } = then.spec;
    const specification: Specification = {
      ...now,
      spec: { ...now.spec, base, training, prompt, retrieval },
      prompt: then.prompt,
      promptDigest: then.promptDigest,
    };
    const body = Buffer.from(canonicalJson(specification));
    const key = storeKeys.specification({ model: record.model, digest: sha256Hex(body) });
    return (await store.putIfAbsent({ key, body })).ref;
  }

  return {
    /** Versions that somebody wants rolled out, as the alias says. */
    async findPromotions(): Promise<{ model: string; version: string }[]> {
      heartbeat({ alias: promoteAlias });
      return await registry.aliased({ alias: promoteAlias });
    },

    /**
     * What a version would be rolled out with, or why it can't be. Null where it was asked for by the alias, and that
     * stands elsewhere by now.
     */
    async readCandidate({
      model,
      version,
      byAlias,
      specification,
      champion,
    }: {
      model: string;
      version: string;
      byAlias: boolean;
      specification: ArtifactRef;
      /** The version that serves. */
      champion: string | null;
    }): Promise<CandidateAnswer | null> {
      const described = await registry.describeVersion({ model, version });
      if (byAlias && !described?.aliases.includes(promoteAlias)) return null;
      const by = nameOf(described);
      const no = (problem: string): CandidateAnswer => ({ by, problem });
      if (!described) return no(`${model} has no version ${version}; MLflow names those there are`);
      if (version === champion) return no(`version ${version} serves already`);
      const { releaseId } = described;
      if (releaseId === null)
        return no(`no release registered version ${version}, so nothing says what it serves with; ask for a release`);
      const record = await readRecord({ store, releaseId });
      if (!record) return no(`${releaseId}, which registered version ${version}, has no record in the store`);
      const served = await adapterOf(record);
      if ('problem' in served) return no(served.problem);
      const candidate: Candidate = {
        ...{ releaseId, version, adapter: served.adapter },
        indexVersion: record.indexVersion,
        specification: await specificationFor({ current: specification, record }),
      };
      return { by, candidate };
    },

    /**
     * Takes the alias off the version it was answered for, and says at the version what became of it. The name of whoever
     * had moved it goes with it.
     */
    async answerPromotion({
      model,
      version,
      decision,
      releaseId,
      reason,
    }: { model: string; version: string } & RequestReleaseResult): Promise<void> {
      const answer = [decision, releaseId, reason].filter(Boolean).join(': ');
      // Whoever moves the alias next, and leaves no name, must not pass for the one who was answered.
      const tags = { 'understudy.promotion': answer, [promotedByTag]: '' };
      await registry.setVersionTags({ model, version, tags });
      const described = await registry.describeVersion({ model, version });
      if (described?.aliases.includes(promoteAlias)) await registry.removeAlias({ model, alias: promoteAlias });
    },
  };
}
