import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { BaseTokenizers } from '../../src/activities/base-tokenizers-port.js';
import type { BuiltDataset } from '../../src/activities/dataset-build.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { builtDataset } from './support/built-dataset.js';

const filler = (index: number): string => Array.from({ length: 100 }, (_, at) => `w${index * 101 + at}`).join(' ');
const ticket = (index: number): string =>
  JSON.stringify({
    ...{ ticket_id: index, customer_id: index, category: 'tracking', resolved: true },
    customer_query: `Where is the parcel ${index} that I sent to shelf ${index * 3}?`,
    agent_response: `Parcel ${index} waits. ${index % 3 === 0 ? filler(index) : ''}`,
  });

/** Words stand for tokens. */
const words: BaseTokenizers = {
  open: async ({ base }) => ({
    sha256: 'a'.repeat(64),
    isLonger: ({ chat: { messages }, limit }) =>
      base === 'tiny' && messages.flatMap(({ content }) => content.split(/\s+/)).length > limit,
  }),
};

describe('tokens of a data set', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-tokens-'));
    await writeFile(join(folder, 'tickets.jsonl'), Array.from({ length: 200 }, (_, index) => ticket(index)).join('\n'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function build(
    home: string,
    maxTokens: number | null,
    tokenizers: BaseTokenizers = { open: async () => null },
  ): Promise<BuiltDataset> {
    const store = new DirectoryStore({ root: join(folder, home) });
    const source = { kind: 'jsonl', uri: join(folder, 'tickets.jsonl') };
    return await builtDataset({ store, data: { source, maxTokens }, question: 'How much is it?', tokenizers });
  }

  it('are counted by the tokenizer of the base; the version is the same where that is missing', async () => {
    const counted = await build('one', 64, words);
    const { tokens } = counted;
    expect(tokens).to.include({ limit: 64, tokenizer: 'a'.repeat(64) });
    expect(tokens!.train + tokens!.validation).to.equal(67);
    expect(tokens!.validation).to.be.above(0);
    expect(counted.manifest.provenance.tokens).to.deep.equal(tokens);
    const elsewhere = await build('two', 64);
    expect(elsewhere.tokens).to.equal(null);
    expect(elsewhere.manifest.digest).to.equal(counted.manifest.digest);
    expect((await build('two', 64, words)).tokens).to.deep.equal(tokens);
  });

  it('are not counted without a limit', async () => {
    expect((await build('three', null, words)).tokens).to.equal(null);
  });
});
