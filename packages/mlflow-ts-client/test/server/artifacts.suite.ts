import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { MlflowNotFoundError } from '../../src/errors.js';
import { collect } from '../../src/paging.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

const mebibyte = 1024 * 1024;
const fileBytes = 128 * mebibyte;
const pieceBytes = mebibyte;
/** Between two looks at the memory, each of which collects all garbage of a large process. */
const lookBytes = 16 * mebibyte;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of buffers that are in use, without what is garbage already. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

export function artifactsSuite(context: Context): void {
  let runId: string;
  beforeEach(async () => {
    const { experiments, runs } = context().client;
    const { experimentId } = await experiments.getOrCreate({ name: 'artifacts' });
    ({ runId } = await runs.create({ experimentId }));
  });

  it('stores and reads text, bytes and nothing, under names of all kinds', async () => {
    const { artifacts } = context().client;
    for (const path of ['record.json', 'a/b c/é +&=.txt', '100%', 'empty']) {
      const content = path === 'empty' ? '' : `${path} ü`;
      await artifacts.upload({ runId, path, content });
      expect(await artifacts.downloadText({ runId, path })).to.equal(content);
    }
    const paths = (await collect({ items: artifacts.walk({ runId }) })).map(({ path }) => path);
    expect(paths.sort()).to.deep.equal(['100%', 'a/b c/é +&=.txt', 'empty', 'record.json']);
    const { artifactUri } = await context().client.runs.get({ runId });
    expect(await artifacts.downloadText({ artifactUri, path: 'record.json' })).to.equal('record.json ü');
  });

  it('streams 128 MB up and down without holding them', async () => {
    const { artifacts } = context().client;
    const before = heldBytes();
    let peak = 0;
    let seen = 0;
    const look = (bytes: number) => {
      if (Math.floor((seen + bytes) / lookBytes) > Math.floor(seen / lookBytes)) peak = Math.max(peak, heldBytes());
      seen += bytes;
    };
    const hash = createHash('sha256');
    async function* source() {
      for (let made = 0; made < fileBytes; made += pieceBytes) {
        const piece = randomBytes(pieceBytes);
        hash.update(piece);
        look(piece.length);
        yield piece;
      }
    }
    await artifacts.upload({ runId, path: 'big', content: source() });
    const expected = hash.digest('hex');
    const file = join(context().directory, uniqueName('big'));
    expect(await artifacts.downloadFile({ runId, path: 'big', file })).to.deep.equal({ bytes: fileBytes });
    await artifacts.uploadFile({ runId, path: 'again', file });
    const { body, size } = await artifacts.download({ runId, path: 'again' });
    const received = createHash('sha256');
    for await (const part of body) {
      received.update(part);
      look(part.length);
    }
    expect(size).to.equal(fileBytes);
    expect(received.digest('hex')).to.equal(expected);
    expect(peak - before).to.be.below(fileBytes / 2);
  });

  it('replaces what was there', async () => {
    const { artifacts } = context().client;
    await artifacts.upload({ runId, path: 'a', content: 'a longer text' });
    await artifacts.upload({ runId, path: 'a', content: 'short' });
    expect(await artifacts.downloadText({ runId, path: 'a' })).to.equal('short');
  });

  it('lists a directory, and nothing where nothing is', async () => {
    const { artifacts } = context().client;
    await artifacts.upload({ runId, path: 'adapter/config.json', content: '{}' });
    expect(await artifacts.list({ runId })).to.deep.equal([{ path: 'adapter', isDirectory: true, size: 0 }]);
    expect(await artifacts.list({ runId, path: 'adapter' })).to.deep.equal([
      { path: 'adapter/config.json', isDirectory: false, size: 2 },
    ]);
    expect(await artifacts.list({ runId, path: 'none' })).to.deep.equal([]);
  });

  it('stores a directory with all below it', async () => {
    const directory = join(context().directory, uniqueName('adapter'));
    await mkdir(join(directory, 'deep'), { recursive: true });
    await writeFile(join(directory, 'weights.bin'), randomBytes(1000));
    await writeFile(join(directory, 'deep', 'config.json'), '{"r":16}');
    const { artifacts } = context().client;
    expect(await artifacts.uploadDirectory({ runId, path: 'adapter', directory })).to.deep.equal([
      'adapter/deep/config.json',
      'adapter/weights.bin',
    ]);
    expect(await artifacts.downloadText({ runId, path: 'adapter/deep/config.json' })).to.equal('{"r":16}');
  });

  it('deletes, and has typed errors for what is missing', async () => {
    const { artifacts } = context().client;
    await artifacts.upload({ runId, path: 'a', content: 'x' });
    await artifacts.delete({ runId, path: 'a' });
    expect(await failureOf(artifacts.download({ runId, path: 'a' }))).to.be.instanceOf(MlflowNotFoundError);
    expect(await failureOf(artifacts.list({ runId: '0'.repeat(32) }))).to.be.instanceOf(MlflowNotFoundError);
  });

  it('leaves nothing readable of an upload that broke off', async () => {
    const { artifacts } = context().client;
    async function* broken() {
      yield randomBytes(100_000);
      throw new Error('disk gone');
    }
    expect(await failureOf(artifacts.upload({ runId, path: 'part', content: broken() }))).to.have.property(
      'message',
      'disk gone',
    );
    expect(await failureOf(artifacts.download({ runId, path: 'part' }))).to.be.instanceOf(MlflowNotFoundError);
  });
}
