import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MiniLm } from '../../src/adapters/minilm/minilm.js';
import { embeddingModelFolder } from '../support/embedding-model.js';
import { expectPortError } from './support/expect-port-error.js';

const cosine = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);

describe('MiniLm', function () {
  this.timeout(60_000);
  let embedder: MiniLm;
  before(async () => {
    embedder = await MiniLm.open({ folder: await embeddingModelFolder() });
  });

  it('names its weights and gives vectors of length 1', async () => {
    expect(embedder.id).to.equal('all-MiniLM-L6-v2-int8@8199be6f699a');
    const [vector] = await embedder.embed({ texts: ['When is the cutoff?'] });
    expect(vector).to.have.length(384);
    expect(cosine(vector!, vector!)).to.be.closeTo(1, 1e-5);
  });

  it('finds a paraphrase nearer than another subject', async () => {
    const [question, fact, other] = await embedder.embed({
      texts: [
        'What is the latest time to book next-day delivery for a parcel?',
        'The cutoff for next day service is 14:00.',
        'Bananas are yellow.',
      ],
    });
    expect(cosine(question!, fact!)).to.be.closeTo(0.44, 0.03);
    expect(cosine(question!, other!)).to.be.closeTo(0, 0.1);
  });

  it('gives a text nearly the same vector alone and among longer ones, in the order asked', async () => {
    const texts = ['short', 'a much longer text about parcels, depots and vans '.repeat(20), '', 'another'];
    const together = await embedder.embed({ texts });
    for (const [index, text] of texts.entries()) {
      const [alone] = await embedder.embed({ texts: [text] });
      // The int8 weights scale activations by run, so that the last digits differ.
      expect(cosine(alone!, together[index]!), text.slice(0, 10)).to.be.greaterThan(0.98);
    }
    expect(await embedder.embed({ texts: [] })).to.deep.equal([]);
  });

  it('leaves nothing to report to the makers of its runtime', async () => {
    const home = await mkdtemp(join(tmpdir(), 'understudy-minilm-'));
    const script = `
      import { MiniLm } from ${JSON.stringify(new URL('../../src/adapters/minilm/minilm.ts', import.meta.url).href)};
      const embedder = await MiniLm.open({ folder: ${JSON.stringify(await embeddingModelFolder())} });
      process.stdout.write(String((await embedder.embed({ texts: ['a'] })).length));`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const env = { PATH: process.env.PATH, HOME: home };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(stdout).to.equal('1');
    expect(await readdir(home)).to.deep.equal([]);
    await rm(home, { recursive: true });
  });

  it('stops where it is told to', async () => {
    const aborted = embedder.embed({ texts: ['a'], signal: AbortSignal.abort() });
    await aborted.then(
      () => expect.fail('should have stopped'),
      (error: Error) => expect(error.name).to.equal('AbortError'),
    );
  });

  it('refuses a folder without a model, and says how to make one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'no-model-'));
    try {
      const error = await expectPortError(MiniLm.open({ folder }), 'InvalidInput');
      expect(error.message).to.contain(folder).and.to.contain('--only embedding');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
