import { ServiceError } from './service-error.js';

type Value = string | number | boolean;
export interface StoredChunk {
  uri: string;
  text: string;
  metadata: Record<string, Value>;
}
type Comparison = { key: string; value: Value | Value[] };
type Filter = Record<string, Comparison | Filter[]>;

const refuse = (message: string): never => {
  throw new ServiceError(400, 'ValidationException', message);
};
const words = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

/** Knowledge bases with chunks in memory, best by the share of the question's words. */
export class KnowledgeBasesOfStub {
  readonly bases = new Map<string, StoredChunk[]>();
  /** Every configuration of a search that was asked for. */
  readonly asked: unknown[] = [];

  retrieve({ id, request }: { id: string; request: Record<string, unknown> }): unknown {
    const chunks = this.bases.get(id);
    if (!/^[0-9a-zA-Z]{1,10}$/.test(id))
      refuse(
        `1 validation error detected: Value at 'knowledgeBaseId' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-zA-Z]+`,
      );
    if (!chunks)
      throw new ServiceError(404, 'ResourceNotFoundException', `Knowledge Base with id ${id} does not exist`);
    const { text } = request.retrievalQuery as { text: string };
    if (text.length < 1 || text.length > 20_000) refuse(`Value at 'retrievalQuery.text' failed to satisfy constraint`);
    const { vectorSearchConfiguration: search } = request.retrievalConfiguration as {
      vectorSearchConfiguration: { numberOfResults: number; filter?: Filter };
    };
    this.asked.push(search);
    if (search.numberOfResults < 1 || search.numberOfResults > 100)
      refuse(`Value '${search.numberOfResults}' at 'numberOfResults' failed to satisfy constraint`);
    const asked = words(text);
    const ranked = chunks
      .filter(({ metadata }) => search.filter === undefined || holds({ filter: search.filter, metadata }))
      .map((chunk) => ({ chunk, score: [...words(chunk.text)].filter((word) => asked.has(word)).length / asked.size }))
      .sort((one, other) => other.score - one.score)
      .slice(0, search.numberOfResults);
    return {
      retrievalResults: ranked.map(({ chunk, score }, index) => ({
        content: { text: chunk.text, type: 'TEXT' },
        location: { type: 'S3', s3Location: { uri: chunk.uri } },
        metadata: {
          'x-amz-bedrock-kb-source-uri': chunk.uri,
          'x-amz-bedrock-kb-chunk-id': `1%3A0%3A${id}${index}`,
          'x-amz-bedrock-kb-data-source-id': 'DATASOURCE',
          ...chunk.metadata,
        },
        score,
      })),
    };
  }
}

function holds({ filter, metadata }: { filter: Filter; metadata: Record<string, Value> }): boolean {
  const [[operator, operand] = refuse('a filter has exactly one member')] = Object.entries(filter);
  if (operator === 'andAll' || operator === 'orAll') {
    const parts = operand as Filter[];
    if (parts.length < 2)
      refuse(
        `Value at 'filter.${operator}' failed to satisfy constraint: Member must have length greater than or equal to 2`,
      );
    const one = (part: Filter): boolean => holds({ filter: part, metadata });
    return operator === 'andAll' ? parts.every(one) : parts.some(one);
  }
  const { key, value } = operand as Comparison;
  const own = metadata[key];
  const list = value as Value[];
  switch (operator) {
    case 'equals':
      return own === value;
    case 'notEquals':
      return own !== value;
    case 'in':
      return own !== undefined && list.includes(own);
    case 'notIn':
      return own === undefined || !list.includes(own);
    case 'greaterThanOrEquals':
      return typeof own === 'number' && own >= (value as number);
    case 'lessThanOrEquals':
      return typeof own === 'number' && own <= (value as number);
    default:
      return refuse(`filter ${operator} is unknown`);
  }
}
