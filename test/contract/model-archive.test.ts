import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { x as extract } from 'tar';
import {
  type ArchivedFile,
  archiveDigest,
  ensureArchive,
  filesBelow,
} from '../../src/adapters/sagemaker-batch/model-archive.js';
import { startMoto } from '../support/moto-server.js';
import type { StartedServer } from '../support/await-server.js';
import { findVersitygw, s3Credentials, startVersitygw } from '../support/versitygw-server.js';
import { expectPortError } from './support/expect-port-error.js';

const never = new AbortController().signal;
/** More than one part of an upload. */
const weights = randomBytes(20 * 1024 * 1024);
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function archives(open: () => Promise<StartedServer | null>): void {
  let server: StartedServer | null;
  let client: S3Client;
  let folder: string;
  let files: ArchivedFile[];

  before(async function () {
    server = await open();
    if (server === null) return this.skip();
    const place = { region: 'us-east-1', credentials: s3Credentials, maxAttempts: 1 };
    client = new S3Client({ ...place, endpoint: server.endpoint, forcePathStyle: true });
    for (const Bucket of ['models', 'store']) await client.send(new CreateBucketCommand({ Bucket }));
    const put = (Bucket: string, Key: string, Body: Uint8Array) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body }));
    await put('models', 'bases/tiny/config.json', Buffer.from('{"hidden_size":64}'));
    await put('models', 'bases/tiny/deep/model.safetensors', weights);
    await put('models', 'bases/tiny-other/config.json', Buffer.from('another base'));
    await put('store', 'team/releases/r1/adapter/adapter_model.safetensors', Buffer.from('weights'));
    folder = await mkdtemp(join(tmpdir(), 'understudy-archive-'));
    const base = await filesBelow({ client, uri: 's3://models/bases/tiny/', folder: 'base' });
    const uri = 's3://store/team/releases/r1/adapter/';
    const adapter = await filesBelow({ client, uri, folder: 'adapter' });
    files = [...base, ...adapter.map((file) => ({ ...file, sha256: sha256Of(Buffer.from('weights')) }))];
  });
  after(async () => {
    client?.destroy();
    await server?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  const place = () => ({ client, bucket: 'store', prefix: 'team', kmsKey: null });
  const keysIn = async (prefix: string): Promise<string[]> => {
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: 'store', Prefix: prefix }));
    return (Contents ?? []).map(({ Key }) => Key!);
  };
  const bytesOf = async (Key: string): Promise<Uint8Array> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'store', Key }));
    return await Body!.transformToByteArray();
  };
  const openUploads = async (): Promise<number> =>
    (await client.send(new ListMultipartUploadsCommand({ Bucket: 'store' }))).Uploads?.length ?? 0;

  it('holds a base and an adapter, each below its folder, as any tar unpacks them', async () => {
    const key = 'archives/one/model.tar.gz';
    expect(await ensureArchive({ place: place(), key, files, signal: never })).to.deep.equal({ packed: true });
    const file = join(folder, 'model.tar.gz');
    await writeFile(file, await bytesOf(`team/${key}`));
    await extract({ file, cwd: folder, strict: true });
    expect((await readdir(join(folder, 'base'))).sort()).to.deep.equal(['config.json', 'deep']);
    expect(sha256Of(await readFile(join(folder, 'base/deep/model.safetensors')))).to.equal(sha256Of(weights));
    expect(await readFile(join(folder, 'adapter/adapter_model.safetensors'), 'utf8')).to.equal('weights');
  });

  it('is packed once, also by two at once, and named by what it holds', async () => {
    const key = 'archives/one/model.tar.gz';
    expect(await ensureArchive({ place: place(), key, files, signal: never })).to.deep.equal({ packed: false });
    const two = { place: place(), key: 'archives/two/model.tar.gz', files, signal: never };
    await Promise.all([ensureArchive(two), ensureArchive(two)]);
    expect(await keysIn('team/archives/two')).to.deep.equal([`team/${two.key}`]);
    expect(await openUploads()).to.equal(0);
    const [first, ...others] = files;
    expect(archiveDigest(files))
      .to.match(/^[0-9a-f]{16}$/)
      .and.equal(archiveDigest([...files]));
    expect(archiveDigest(files)).not.to.equal(archiveDigest([{ ...first!, entityTag: 'another' }, ...others]));
  });

  it('is not stored where a file is not what was written down, or where nobody wants it any more', async () => {
    const broken = files.map((file) => (file.sha256 === null ? file : { ...file, sha256: sha256Of(weights) }));
    const key = 'archives/broken/model.tar.gz';
    await expectPortError(
      ensureArchive({ place: place(), key, files: broken, signal: never }),
      'DigestMismatch',
      'adapter_model.safetensors',
    );
    const leaving = new AbortController();
    const packing = ensureArchive({ place: place(), key, files, signal: leaving.signal });
    const reason = new Error('cancelled');
    setTimeout(() => leaving.abort(reason), 30);
    expect(await packing.catch((error: unknown) => error)).to.equal(reason);
    const moved = files.map((file) => ({ ...file, entityTag: '"another"' }));
    await expectPortError(
      ensureArchive({ place: place(), key, files: moved, signal: never }),
      'Conflict',
      'was changed',
    );
    expect(await keysIn('team/archives/broken')).to.deep.equal([]);
    expect(await openUploads()).to.equal(0);
  });

  it('is refused for a base that lies nowhere', async () => {
    const listed = filesBelow({ client, uri: 's3://models/bases/none/', folder: 'base' });
    await expectPortError(listed, 'NotFound', 's3://models/bases/none/');
    const elsewhere = filesBelow({ client, uri: 's3://no-such-bucket/bases/', folder: 'base' });
    await expectPortError(elsewhere, 'NotFound', 'create the bucket');
  });
}

describe('the archive of a release for batch transform', function () {
  this.timeout(60_000);
  describe('on versitygw', () =>
    archives(async () => {
      const command = await findVersitygw();
      return command === null ? null : await startVersitygw({ command });
    }));
  describe('on moto', () => archives(startMoto));
});
