import type { IndexCheck } from '../../contracts/indexing.js';
import type { GoldenCase } from '../../domain/dataset/golden.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import { formatShare } from '../../domain/statistics/format.js';
import type { Embedder } from '../embedder-port.js';
import { heartbeat } from '../heartbeat.js';
import { PortError } from '../ports.js';
import type { VectorStore } from '../vector-store-port.js';
import { retrieve } from './retrieve.js';

const probes = 50;
const neighbours = 10;
/** So many points fewer golden hits than the version in use are chance. */
const goldenMargin = 0.05;

/** Share of the true neighbours of stored chunks that a search finds. */
async function recallOf({ chunks, collection }: { chunks: VectorStore; collection: string }): Promise<number> {
  const sample = await chunks.scan({ collection, after: null, limit: probes });
  let shared = 0;
  let wanted = 0;
  for (const { vector } of sample) {
    const asked = { collection, vector, limit: neighbours };
    const found = new Set((await chunks.nearest(asked)).map(({ chunk }) => chunk.id));
    const exact = await chunks.nearest({ ...asked, exact: true });
    wanted += exact.length;
    shared += exact.filter(({ chunk }) => found.has(chunk.id)).length;
    heartbeat({ checked: wanted });
  }
  return wanted === 0 ? 1 : shared / wanted;
}

async function goldenHits(input: {
  questions: readonly GoldenCase[];
  collection: string;
  settings: RetrievalSpec;
  embedder: Embedder;
  chunks: VectorStore;
}): Promise<number> {
  const { questions, collection, settings, embedder, chunks } = input;
  let hits = 0;
  for (const { input: question, relevantDocuments = [] } of questions) {
    const { found } = await retrieve({ question, collection, settings, embedder, chunks });
    if (found.some(({ chunk: { document } }) => relevantDocuments.includes(document))) hits += 1;
    heartbeat({ hits });
  }
  return hits;
}

/**
 * Looks at a version that is built before anybody is switched to it.
 * @throws PortError `DataRefused` with both numbers where chunks are missing, too few neighbours are found, or golden
 * questions find their documents less often than in the version in use
 */
export async function checkVersion(input: {
  version: string;
  expected: number;
  settings: RetrievalSpec;
  golden: readonly GoldenCase[];
  before: string | null;
  embedder: Embedder;
  chunks: VectorStore;
}): Promise<IndexCheck> {
  const { version, expected, settings, golden, before, embedder, chunks } = input;
  const refuse = (why: string): never => {
    throw new PortError('DataRefused', `index version ${version} is not switched to: ${why}`);
  };
  await chunks.optimise({ collection: version });
  const found = await chunks.count({ collection: version });
  if (found !== expected) refuse(`it holds ${found} chunks, expected ${expected}`);
  if (found === 0) refuse('it holds no chunk; see its dead letters');
  const recall = await recallOf({ chunks, collection: version });
  const { minimumRecall } = settings;
  if (recall < minimumRecall)
    refuse(`recall ${formatShare(recall)} of brute force < ${formatShare(minimumRecall)} (retrieval.minimumRecall)`);
  const questions = golden.filter(({ relevantDocuments = [] }) => relevantDocuments.length > 0);
  if (questions.length === 0) return { chunks: found, recall, golden: null };
  const asked = { questions, settings, embedder, chunks };
  const hits = await goldenHits({ ...asked, collection: version });
  const hitsBefore = before === null ? null : await goldenHits({ ...asked, collection: before });
  if (hitsBefore !== null && hits < hitsBefore - goldenMargin * questions.length)
    refuse(`${hits} of ${questions.length} golden questions find their document, ${hitsBefore} in ${before}`);
  return { chunks: found, recall, golden: { hits, before: hitsBefore, questions: questions.length } };
}
