import { type KnowledgeBaseRetrievalResult, RetrieveCommand } from '@aws-sdk/client-bedrock-agent-runtime';
import { PortError } from '../../activities/ports.js';
import type { ChunkReader, CollectionShape } from '../../activities/vector-store-port.js';
import type { FieldValue, ScoredChunk } from '../../domain/retrieval/chunk.js';
import { chunkId } from '../../domain/retrieval/chunk-id.js';
import { sha256Hex } from '../../domain/release/evidence.js';
import { awsFailure } from '../aws/aws-failure.js';
import { withOwnSignal } from '../own-signal.js';
import { bedrockClients, type BedrockClients } from './clients.js';
import { knowledgeBaseFilter } from './knowledge-base-filter.js';

const mostResults = 100;
const timeoutMilliseconds = 30_000;
/** What Bedrock itself says of a chunk stands under such names. */
const ownPrefix = 'x-amz-bedrock-kb-';
/** Versions that we build are named so. */
const versionPattern = /^[a-z0-9][a-z0-9-]*-[0-9a-f]{12}$/;

/** A knowledge base as plans and settings name it, `bedrock:<id>`. */
export const knowledgeBaseName = (id: string): string => `bedrock:${id}`;
const namePattern = /^bedrock:([0-9A-Za-z]{1,10})$/;

/**
 * A knowledge base of Bedrock, which embeds questions itself (Agents for Amazon Bedrock API Reference, Retrieve). Read
 * only: what is in it is AWS's to sync. Every index leads to it, and its name stands for its one version.
 */
export class KnowledgeBase implements ChunkReader {
  readonly #id: string;
  readonly #region: string;
  readonly #clients: (region: string) => BedrockClients;

  constructor({
    id,
    region,
    clients = bedrockClients,
  }: {
    id: string;
    region: string;
    clients?: (region: string) => BedrockClients;
  }) {
    this.#id = id;
    this.#region = region;
    this.#clients = clients;
  }

  /** An index leads to this knowledge base, and a knowledge base to itself; a version of another store is not here. */
  describe({ collection }: { collection: string }): Promise<(CollectionShape & { collection: string }) | null> {
    if (versionPattern.test(collection)) return Promise.resolve(null);
    const name = namePattern.test(collection) ? collection : knowledgeBaseName(this.#id);
    return Promise.resolve({ collection: name, embedder: name, dimension: 0, fields: {} });
  }

  /** The best chunks first. Rejects with a `PortError`, `NotFound` for no such knowledge base. */
  async search({
    collection,
    question,
    limit,
    filter = [],
    signal,
  }: Parameters<NonNullable<ChunkReader['search']>>[0]): Promise<ScoredChunk[]> {
    const knowledgeBaseId = namePattern.exec(collection)?.[1] ?? this.#id;
    const what = `knowledge base ${knowledgeBaseId} in ${this.#region}`;
    const asked = knowledgeBaseFilter(filter);
    const command = new RetrieveCommand({
      knowledgeBaseId,
      retrievalQuery: { text: question },
      retrievalConfiguration: {
        vectorSearchConfiguration: { numberOfResults: Math.min(limit, mostResults), ...(asked && { filter: asked }) },
      },
    });
    const { retrievalResults } = await withOwnSignal({
      what,
      signal: signal ?? new AbortController().signal,
      timeoutMilliseconds,
      call: (abortSignal) =>
        this.#clients(this.#region)
          .agent.send(command, { abortSignal })
          .catch((error: unknown) => {
            throw awsFailure({ what, error });
          }),
    });
    // Pictures and rows of tables have no text that a prompt could hold.
    return (retrievalResults ?? []).filter(({ content }) => content?.text).map(scoredChunk);
  }

  nearest(): Promise<ScoredChunk[]> {
    return this.#askedOtherwise();
  }

  matching(): Promise<ScoredChunk[]> {
    return this.#askedOtherwise();
  }

  /** Bedrock tells no values of its fields. */
  fieldValues(): Promise<string[]> {
    return Promise.resolve([]);
  }

  #askedOtherwise(): Promise<never> {
    const name = knowledgeBaseName(this.#id);
    return Promise.reject(
      new PortError('InvalidInput', `${name} embeds by itself: it takes a question, no vector and no words`),
    );
  }
}

function scoredChunk({ content, location, score, metadata = {} }: KnowledgeBaseRetrievalResult): ScoredChunk {
  const text = content!.text!;
  const own = (name: string): string | null => textOf(metadata[`${ownPrefix}${name}`]);
  const document = own('source-uri') ?? addressOf(location) ?? 'unknown';
  const place = { document, version: sha256Hex(text), start: 0, end: text.length };
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(metadata as Record<string, unknown>))
    if (!name.startsWith(ownPrefix) && isFieldValue(value)) fields[name] = value;
  return { chunk: { id: own('chunk-id') ?? chunkId(place), ...place, headings: [], text, fields }, score: score ?? 0 };
}

/** Every kind of source names its document in a member of its own: `s3Location.uri`, `webLocation.url` and so on. */
function addressOf(location: KnowledgeBaseRetrievalResult['location']): string | null {
  for (const place of Object.values(location ?? {}) as unknown[]) {
    if (typeof place !== 'object' || place === null) continue;
    const { uri, url, id } = place as { uri?: unknown; url?: unknown; id?: unknown };
    const found = textOf(uri) ?? textOf(url) ?? textOf(id);
    if (found !== null) return found;
  }
  return null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const isFieldValue = (value: unknown): value is FieldValue => ['string', 'number', 'boolean'].includes(typeof value);
