import { expect } from 'chai';
import { SettingsError } from '../../../src/config/read-environment.js';
import { readRetrievalSettings } from '../../../src/config/retrieval-settings.js';

const read = (environment: Record<string, string>) => readRetrievalSettings({ environment });
const problemsOf = (environment: Record<string, string>): string[] => {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ name }) => name);
    throw error;
  }
  return [];
};

describe('settings of retrieval', () => {
  it('embed with MiniLM unless they say otherwise', () => {
    expect(read({})).to.deep.equal({
      embedder: { kind: 'minilm', folder: null },
      bedrockRegion: null,
      knowledgeBase: null,
      rerankApiKey: null,
    });
    expect(read({ UNDERSTUDY_EMBEDDING_MODEL: '/models/minilm' }).embedder).to.deep.equal({
      ...{ kind: 'minilm', folder: '/models/minilm' },
    });
  });

  it('name an endpoint with its model, key, dimension and pace', () => {
    const { embedder } = read({
      UNDERSTUDY_EMBEDDER: 'openai:text-embedding-3-small',
      UNDERSTUDY_EMBEDDING_URL: 'https://host/v1/',
      UNDERSTUDY_EMBEDDING_API_KEY: 'key',
      UNDERSTUDY_EMBEDDING_DIMENSION: '512',
      UNDERSTUDY_EMBEDDING_REQUESTS_PER_MINUTE: '60',
    });
    expect(embedder).to.deep.include({
      ...{ kind: 'openai', model: 'text-embedding-3-small', baseUrl: 'https://host/v1' },
      ...{ dimension: 512, requestsPerMinute: 60 },
    });
  });

  it('name Titan and a knowledge base on Bedrock, in one region', () => {
    const region = { BEDROCK_REGION: 'eu-central-1' };
    expect(read({ ...region, UNDERSTUDY_EMBEDDER: 'titan-v2' }).embedder).to.deep.equal({
      ...{ kind: 'titan', region: 'eu-central-1', dimension: null },
    });
    const short = { UNDERSTUDY_EMBEDDER: 'titan-v2', UNDERSTUDY_EMBEDDING_DIMENSION: '256' };
    expect(read({ ...region, ...short }).embedder).to.include({ dimension: 256 });
    expect(read({ ...region, UNDERSTUDY_VECTORS: 'bedrock:KB12345678' }).knowledgeBase).to.deep.equal({
      ...{ id: 'KB12345678', region: 'eu-central-1' },
    });
    expect(problemsOf({ UNDERSTUDY_EMBEDDER: 'titan-v2', UNDERSTUDY_EMBEDDING_DIMENSION: '300' })).to.deep.equal([
      'BEDROCK_REGION',
      'UNDERSTUDY_EMBEDDING_DIMENSION',
    ]);
    expect(problemsOf({ UNDERSTUDY_VECTORS: 'bedrock:KB12345678' })).to.deep.equal(['BEDROCK_REGION']);
    expect(problemsOf({ UNDERSTUDY_VECTORS: 'pinecone:x' })).to.deep.equal(['UNDERSTUDY_VECTORS']);
  });

  it('say what is wrong or missing', () => {
    expect(problemsOf({ UNDERSTUDY_EMBEDDER: 'openai:small' })).to.deep.equal(['UNDERSTUDY_EMBEDDING_URL']);
    expect(problemsOf({ UNDERSTUDY_EMBEDDER: 'word2vec' })).to.deep.equal(['UNDERSTUDY_EMBEDDER']);
    expect(problemsOf({ UNDERSTUDY_EMBEDDING_DIMENSION: 'many' })).to.deep.equal(['UNDERSTUDY_EMBEDDING_DIMENSION']);
  });
});
