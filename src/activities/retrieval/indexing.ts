import type { IndexCheck, IndexResult, OpenedIndex } from '../../contracts/indexing.js';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import {
  holdsExactly,
  planIndex,
  versionName,
  type IndexManifest,
  type IndexPlan,
  type IndexShape,
} from '../../domain/retrieval/index-plan.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Specification } from '../../domain/spec/specification.js';
import type { DocumentSource, ListedDocument } from '../document-source-port.js';
import type { Embedder } from '../embedder-port.js';
import { loadGolden } from '../golden.js';
import { alive, cancellationSignal } from '../heartbeat.js';
import { PortError, type Ports } from '../ports.js';
import { loadSpecification } from '../specifications.js';
import { loadJson, readJson } from '../stored-json.js';
import type { VectorStore } from '../vector-store-port.js';
import { checkVersion } from './index-check.js';
import { indexDocuments } from './index-documents.js';
import {
  batchSchema,
  currentManifest,
  isStanding,
  manifestSchema,
  planSchema,
  stagedSchema,
  type IndexBatch,
} from './index-manifest.js';
import { dropOldVersions } from './old-versions.js';

const documentsPerBatch = 32;
/** How often a long step gives a sign of life. */
const beatMilliseconds = 2000;
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const digestsOf = ({ documents }: IndexManifest): Record<string, string> =>
  Object.fromEntries(Object.entries(documents).map(([id, { digest }]) => [id, digest]));

export interface IndexStep {
  specification: ArtifactRef;
  plan: ArtifactRef;
}

type Context = Pick<Ports, 'store' | 'chunks' | 'openEmbedder' | 'documents'> & {
  router: Pick<Ports['router'], 'read'>;
};
interface Parts {
  specification: Specification;
  settings: RetrievalSpec;
  chunks: VectorStore;
  documents: DocumentSource;
  embedder: Embedder;
}

/** The steps of bringing an index up to date; each may be done again with the same effect. */
export function createIndexActivities({ store, router, chunks, openEmbedder, documents }: Context) {
  async function partsOf(ref: ArtifactRef): Promise<Parts> {
    const specification = await loadSpecification({ store, ref });
    const settings = specification.spec.retrieval;
    if (!settings?.source)
      throw new PortError('InvalidInput', `${specification.spec.model}: retrieval.source is null; name its documents`);
    if (!chunks || !documents || !openEmbedder)
      throw new PortError(
        'InvalidInput',
        'no embedding model is set; run "node scripts/setup/main.mjs --only embedding" and set UNDERSTUDY_EMBEDDING_MODEL',
      );
    return { specification, settings, chunks, documents, embedder: await openEmbedder() };
  }

  const keyOf = ({ index }: RetrievalSpec, version: string, file: string): string =>
    storeKeys.index({ index, version, file });
  const batchFile = (batch: number): string => `batch-${String(batch).padStart(5, '0')}.json`;

  async function readBatch(key: string): Promise<IndexBatch | null> {
    return await readJson({ store, key, schema: batchSchema });
  }

  return {
    /** Compares the documents with the version in use and lays down what is to be done. */
    async openIndex({ specification: ref }: { specification: ArtifactRef }): Promise<OpenedIndex> {
      const { settings, chunks: known, documents: source, embedder } = await partsOf(ref);
      const { index, chunk, fields } = settings;
      const current = await currentManifest({ store, chunks: known, index });
      const changes = await source.changes({ source: settings.source!, known: current && digestsOf(current) });
      const { position } = changes ?? { position: null };
      const listed = changes?.documents ?? (await source.list({ source: settings.source! }));
      const shape = { embedder: embedder.id, dimension: embedder.dimension, chunk, fields };
      const named = await versionOf({ index, shape, documents: listed, chunks: known });
      const plan = planIndex({ ...named, shape, documents: listed, current, position });
      const { version } = named;
      const counts = {
        changed: plan.changed.length,
        removed: plan.removed.length,
        kept: Object.keys(plan.kept).length,
      };
      if (current?.version === version) {
        if (position !== null) await source.confirm({ source: settings.source!, position });
        return { version, plan: null, batches: 0, ...counts };
      }
      const written = await store.put({ key: keyOf(settings, version, 'plan.json'), body: bytes(plan) });
      return { version, plan: written, batches: Math.ceil(plan.changed.length / documentsPerBatch), ...counts };
    },

    /** Makes the collection of the new version, with what stays of the old one; one that is begun is gone on with. */
    async stageIndex({ specification: ref, plan: planRef }: IndexStep): Promise<void> {
      const { settings, chunks: known } = await partsOf(ref);
      const { version, from, removed, shape } = await loadJson({ store, ref: planRef, schema: planSchema });
      if (from === version) return;
      const staged = keyOf(settings, version, 'staged.json');
      const begun = await readJson({ store, key: staged, schema: stagedSchema });
      // What another plan began holds other batches.
      if (begun?.plan === planRef.sha256 && (await known.describe({ collection: version })) !== null) return;
      for await (const { key } of store.list({ prefix: keyOf(settings, version, 'batch-') }))
        await store.remove({ key });
      const stage = async (): Promise<void> => {
        if (from !== null) await known.copyCollection({ from, to: version });
        else await known.dropCollection({ collection: version });
        const { embedder, dimension, fields } = shape;
        await known.createCollection({ collection: version, embedder, dimension, fields });
        await known.removeDocuments({ collection: version, documents: removed });
      };
      await alive({ everyMilliseconds: beatMilliseconds, details: () => ({ version }), work: stage });
      await store.put({ key: staged, body: bytes({ plan: planRef.sha256 }) });
    },

    /** Indexes one batch of changed documents; a batch that is done is left alone. */
    async indexBatch({ specification: ref, plan: planRef, batch }: IndexStep & { batch: number }): Promise<void> {
      const parts = await partsOf(ref);
      const plan = await loadJson({ store, ref: planRef, schema: planSchema });
      const key = keyOf(parts.settings, plan.version, batchFile(batch));
      if ((await readBatch(key)) !== null) return;
      const changed = plan.changed.slice(batch * documentsPerBatch, (batch + 1) * documentsPerBatch);
      const done = await alive({
        everyMilliseconds: beatMilliseconds,
        details: () => ({ batch }),
        work: () => indexDocuments({ plan, changed, ...parts, signal: cancellationSignal() }),
      });
      await store.put({ key, body: bytes(done) });
    },

    /** Brings search up to date and looks at the version; nothing is switched by it. */
    async checkIndex({ specification: ref, plan: planRef }: IndexStep): Promise<IndexCheck> {
      const { specification, settings, chunks: known, embedder } = await partsOf(ref);
      const plan = await loadJson({ store, ref: planRef, schema: planSchema });
      const manifest = await manifestOf({ plan, settings });
      const expected = Object.values(manifest.documents).reduce((sum, one) => sum + one.chunks, 0);
      const golden = await loadGolden({ store, golden: specification.golden });
      const { version } = plan;
      const check = async (): Promise<IndexCheck> => {
        const before = await comparableInUse({ chunks: known, settings, version, embedder });
        return await checkVersion({ version, expected, settings, golden, before, embedder, chunks: known });
      };
      return await alive({ everyMilliseconds: beatMilliseconds, details: () => ({ checking: version }), work: check });
    },

    /** Points the index's name to the checked version, and drops versions beyond those that are kept. */
    async switchIndex(input: IndexStep & { check: IndexCheck }): Promise<IndexResult> {
      const { settings, chunks: known, specification, documents: source } = await partsOf(input.specification);
      const plan = await loadJson({ store, ref: input.plan, schema: planSchema });
      const manifest = await manifestOf({ plan, settings });
      const { version, index } = { version: plan.version, index: settings.index };
      await store.put({ key: keyOf(settings, version, 'manifest.json'), body: bytes(manifest) });
      const before = (await known.aliases())[index];
      await known.setAlias({ alias: index, collection: version });
      // Releases go on asking for what was dropped behind our back by its name.
      for (const alias of plan.lost) await known.setAlias({ alias, collection: version });
      if (plan.position !== null) await source.confirm({ source: settings.source!, position: plan.position });
      const traffic = await router.read({ model: specification.spec.model });
      const served = [traffic?.champion, traffic?.challenger].flatMap((one) => one?.indexVersion ?? []);
      const inUse = [version, ...served, ...(before === undefined ? [] : [before])];
      await dropOldVersions({ store, chunks: known, settings, inUse });
      return {
        version,
        switched: before !== version,
        documents: Object.keys(manifest.documents).length,
        changed: plan.changed.length,
        removed: plan.removed.length,
        deadLetters: manifest.deadLetters.length,
        check: input.check,
      };
    },
  };

  async function manifestOf(input: { plan: IndexPlan; settings: RetrievalSpec }): Promise<IndexManifest> {
    const { plan, settings } = input;
    const { version, shape, kept, from } = plan;
    const manifest: IndexManifest = { version, shape, documents: { ...kept }, deadLetters: [] };
    const before = from === null ? null : await store.get({ key: keyOf(settings, from, 'manifest.json') });
    const known = before ? manifestSchema.parse(JSON.parse(Buffer.from(before.body).toString('utf8'))) : null;
    manifest.deadLetters.push(...(known?.deadLetters.filter(({ document }) => Object.hasOwn(kept, document)) ?? []));
    for (let batch = 0; batch * documentsPerBatch < plan.changed.length; batch += 1) {
      const done = await readBatch(keyOf(settings, version, batchFile(batch)));
      if (!done) throw new PortError('DataRefused', `index version ${version}: batch ${batch + 1} is not done`);
      Object.assign(manifest.documents, done.documents);
      manifest.deadLetters.push(...done.deadLetters);
    }
    return manifest;
  }

  /**
   * The name of a version with these documents, and its manifest where it was built before. One that was built and dropped
   * behind our back is built under another name: nobody may be answered from it while it is half there.
   */
  async function versionOf(content: {
    index: string;
    shape: IndexShape;
    documents: readonly ListedDocument[];
    chunks: VectorStore;
  }): Promise<{ version: string; built: IndexManifest | null; lost: string[] }> {
    const { index, chunks: known, documents: listed } = content;
    const lost: string[] = [];
    for (let attempt = 0; ; attempt += 1) {
      const version = versionName({ ...content, attempt });
      const key = storeKeys.index({ index, version, file: 'manifest.json' });
      const built = await readJson({ store, key, schema: manifestSchema });
      if (!built) return { version, built, lost };
      if (!holdsExactly({ manifest: built, documents: listed })) continue;
      if (await isStanding({ chunks: known, version })) return { version, built, lost };
      lost.push(version);
    }
  }
}

/** The version in use, where the same questions can be asked of it; null where another embedder made it, or it lacks a field. */
async function comparableInUse({
  chunks,
  settings: { index, fields },
  version,
  embedder,
}: {
  chunks: VectorStore;
  settings: RetrievalSpec;
  version: string;
  embedder: Embedder;
}): Promise<string | null> {
  const inUse = await chunks.describe({ collection: index });
  if (!inUse || inUse.collection === version) return null;
  const fits = inUse.embedder === embedder.id && inUse.dimension === embedder.dimension;
  return fits && Object.keys(fields).every((field) => Object.hasOwn(inUse.fields, field)) ? inUse.collection : null;
}
