import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { digestFile } from '../../src/adapters/directory-store/atomic-files.js';
import { S3Store } from '../../src/adapters/s3-store/s3-store.js';
import type { StartedServer } from '../support/await-server.js';
import { findVersitygw, s3Credentials, startVersitygw } from '../support/versitygw-server.js';

const bucket = 'large';
const chunkBytes = 16 * 1024 * 1024;
const chunks = 320;
/** The file, the server's parts and its object, and the copy. */
const neededDiskBytes = 22 * 1024 ** 3;
/** Four parts of 16 MiB under way, what a range holds before it is on the disk, and what the collector leaves lying. */
const mostGrownBytes = 400 * 1024 ** 2;

describe('a file of 5 GiB in S3', function () {
  this.timeout(1_200_000);
  let server: StartedServer;
  let client: S3Client;
  let folder: string | null = null;

  before(async function () {
    const command = await findVersitygw();
    const { bavail, bsize } = await statfs(tmpdir());
    if (command === null || bavail * bsize < neededDiskBytes) {
      process.stderr.write(`NO ROOM for a large file in ${tmpdir()}, or no versitygw: its test is skipped\n`);
      return this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), 's3-large-'));
    server = await startVersitygw({ command });
    const place = { endpoint: server.endpoint, forcePathStyle: true, region: 'us-east-1' };
    client = new S3Client({ ...place, credentials: s3Credentials, maxAttempts: 1 });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  });
  after(async () => {
    if (folder === null) return;
    client.destroy();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** Does `work` and says how long it took, and by how much the process was larger meanwhile than before. */
  async function measured<Value>(
    work: () => Promise<Value>,
  ): Promise<{ value: Value; seconds: number; grown: number }> {
    const before = process.memoryUsage.rss();
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20);
    const began = performance.now();
    const value = await work().finally(() => clearInterval(timer));
    return { value, seconds: (performance.now() - began) / 1000, grown: most - before };
  }

  it('goes up and comes down in constant memory, with the same digest', async () => {
    const path = join(folder!, 'weights');
    const hash = createHash('sha256');
    const file = await open(path, 'w');
    const chunk = randomBytes(chunkBytes);
    for (let at = 0; at < chunks; at += 1) {
      chunk.writeUInt32LE(at);
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.close();
    const sha256 = hash.digest('hex');
    const store = new S3Store({
      place: { client, bucket, prefix: '', kmsKey: null },
      copies: join(folder!, 'copies'),
    });
    const up = await measured(() => store.putFile({ key: 'weights', path }));
    expect(up.value).to.include({ sha256, bytes: chunkBytes * chunks });
    await rm(path);
    const down = await measured(() => store.localPath({ key: 'weights' }));
    expect((await digestFile(down.value)).sha256).to.equal(sha256);
    const told = ({ seconds, grown }: { seconds: number; grown: number }): string =>
      `${seconds.toFixed(0)} s, ${Math.round(grown / 1024 ** 2)} MiB more`;
    process.stderr.write(`5 GiB up: ${told(up)}; down: ${told(down)}\n`);
    expect(up.grown).to.be.below(mostGrownBytes);
    expect(down.grown).to.be.below(mostGrownBytes);
  });
});
