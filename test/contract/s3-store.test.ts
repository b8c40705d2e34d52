import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { request } from 'undici';
import { PortError } from '../../src/activities/ports.js';
import { S3Store } from '../../src/adapters/s3-store/s3-store.js';
import { startMoto } from '../support/moto-server.js';
import { findVersitygw, s3Credentials, startVersitygw } from '../support/versitygw-server.js';
import { describeArtifactStore } from './artifact-store-contract.js';
import { expectPortError } from './support/expect-port-error.js';

const bucket = 'understudy-test';
const bytes = (text: string): Uint8Array => Buffer.from(text);

interface Server {
  endpoint: string;
  stop: () => Promise<void>;
}

const clientOf = ({ endpoint, ...more }: { endpoint: string; credentials?: typeof s3Credentials }): S3Client =>
  new S3Client({
    endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: s3Credentials,
    maxAttempts: 1,
    ...more,
  });

/** Null skips the whole server, with the word that its start has said. */
function describeServer({
  name,
  start,
  createsRemovedAgain,
  checksSignatures,
}: {
  name: string;
  start: () => Promise<Server | null>;
  createsRemovedAgain: boolean;
  checksSignatures: boolean;
}): void {
  describe(`S3Store on ${name}`, () => {
    let server: Server | null = null;
    let client: S3Client;
    let copies: string;
    const storeAt = (prefix: string): S3Store =>
      new S3Store({ place: { client, bucket, prefix, kmsKey: null }, copies });

    before(async function () {
      this.timeout(600_000);
      server = await start();
      if (server === null) return this.skip();
      client = clientOf(server);
      copies = await mkdtemp(join(tmpdir(), 's3-copies-'));
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      const versioning = { Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' as const } };
      await client.send(new PutBucketVersioningCommand(versioning));
    });

    after(async () => {
      if (server === null) return;
      client.destroy();
      await server.stop();
      await rm(copies, { recursive: true });
    });

    describeArtifactStore({ name: `S3Store on ${name}`, open: () => storeAt(''), createsRemovedAgain });
    describeArtifactStore({
      name: `S3Store on ${name}, under a prefix,`,
      open: () => storeAt('teams/one'),
      createsRemovedAgain,
    });

    it('keeps two prefixes of a bucket apart', async () => {
      await storeAt('teams/a').put({ key: 'x', body: bytes('a') });
      expect(await storeAt('teams/b').get({ key: 'x' })).to.equal(null);
      const keys: string[] = [];
      for await (const { key } of storeAt('teams/a').list({ prefix: '' })) keys.push(key);
      expect(keys).to.deep.equal(['x']);
    });

    it('writes a file in parts, each checked, and reads it back in ranges, leaving no half upload', async function () {
      this.timeout(120_000);
      const folder = await mkdtemp(join(tmpdir(), 's3-file-'));
      try {
        const body = randomBytes(70 * 1024 * 1024);
        await writeFile(join(folder, 'adapter'), body);
        const store = storeAt('');
        const ref = await store.putFile({ key: 'big/adapter', path: join(folder, 'adapter') });
        expect(ref.sha256).to.equal(createHash('sha256').update(body).digest('hex'));
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'big/adapter' }));
        expect(head.ETag).to.match(/-5"$/);
        const copy = await store.localPath({ key: 'big/adapter' });
        expect((await readFile(copy)).equals(body)).to.equal(true);
        expect(copy).to.equal(join(copies, 'big/adapter'));
        expect(await store.localPath({ key: 'big/adapter' })).to.equal(copy);
        await writeFile(copy, 'spoilt');
        expect((await readFile(await store.localPath({ key: 'big/adapter' }))).equals(body)).to.equal(true);
        const open = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
        expect(open.Uploads ?? []).to.deep.equal([]);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('takes a file without bytes up and down', async () => {
      const folder = await mkdtemp(join(tmpdir(), 's3-file-'));
      try {
        await writeFile(join(folder, 'empty'), '');
        const ref = await storeAt('').putFile({ key: 'empty', path: join(folder, 'empty') });
        expect(ref).to.include({ bytes: 0, sha256: createHash('sha256').digest('hex') });
        expect(await readFile(await storeAt('').localPath({ key: 'empty' }))).to.have.length(0);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('lists more keys than one page holds', async function () {
      this.timeout(60_000);
      const store = storeAt('paged');
      const names = Array.from({ length: 1_050 }, (_, at) => `k/${String(at).padStart(5, '0')}`);
      for (let from = 0; from < names.length; from += 50)
        await Promise.all(names.slice(from, from + 50).map((key) => store.put({ key, body: bytes(key) })));
      const keys: string[] = [];
      for await (const { key } of store.list({ prefix: 'k/' })) keys.push(key);
      expect(keys).to.deep.equal(names);
    });

    it('refuses bytes that are not those that were written, and shows nobody a copy', async () => {
      const store = storeAt('');
      const Metadata = { sha256: createHash('sha256').update('other').digest('hex') };
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'spoilt', Body: 'bytes', Metadata }));
      await expectPortError(store.get({ key: 'spoilt' }), 'DigestMismatch', 'spoilt');
      await expectPortError(store.localPath({ key: 'spoilt' }), 'DigestMismatch', 'spoilt');
      expect(await readdir(join(copies, '.tmp'))).to.deep.equal([]);
      expect(await readdir(copies)).not.to.include('spoilt');
    });

    it('reads what another program has written without a digest', async () => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'foreign', Body: 'bytes' }));
      const sha256 = createHash('sha256').update('bytes').digest('hex');
      expect((await storeAt('').get({ key: 'foreign' }))!.ref.sha256).to.equal(sha256);
      const again = await storeAt('').putIfAbsent({ key: 'foreign', body: bytes('x') });
      expect(again).to.deep.include({ created: false });
      expect(again.ref).to.include({ sha256, bytes: 5 });
    });

    it('signs a link that reads the object without credentials, and only that one', async () => {
      await storeAt('').put({ key: 'report.html', body: bytes('<p>done</p>') });
      const link = await storeAt('').presignedLink({ key: 'report.html', seconds: 60 });
      const answer = await request(link);
      expect(answer.statusCode).to.equal(200);
      expect(answer.headers['content-type'], 'a browser shows it').to.equal('text/html; charset=utf-8');
      expect(await answer.body.text()).to.equal('<p>done</p>');
      if (!checksSignatures) return;
      await storeAt('').put({ key: 'other.html', body: bytes('<p>other</p>') });
      const turned = await request(link.replace('report.html', 'other.html'));
      expect(turned.statusCode).to.equal(403);
      await turned.body.dump();
    });

    it('says which bucket is missing instead of taking it for an empty one', async () => {
      const missing = new S3Store({ place: { client, bucket: 'no-such-bucket', prefix: '', kmsKey: null }, copies });
      await expectPortError(missing.check(), 'NotFound', 'no-such-bucket');
      await expectPortError(missing.get({ key: 'x' }), 'NotFound', 'no-such-bucket');
      await expectPortError(missing.put({ key: 'x', body: bytes('x') }), 'NotFound', 'create the bucket');
      await storeAt('').check();
    });

    it('says so where nobody answers', async () => {
      const lost = clientOf({ endpoint: 'http://127.0.0.1:9' });
      const store = new S3Store({ place: { client: lost, bucket, prefix: '', kmsKey: null }, copies });
      await expectPortError(store.get({ key: 'x' }), 'Unavailable', bucket);
      await expectPortError(store.putFile({ key: 'x', path: new URL(import.meta.url).pathname }), 'Unavailable');
    });
  });
}

describeServer({ name: 'moto', start: startMoto, createsRemovedAgain: true, checksSignatures: false });

describeServer({
  name: 'versitygw',
  createsRemovedAgain: false,
  checksSignatures: true,
  start: async () => {
    const command = await findVersitygw();
    return command === null ? null : startVersitygw({ command });
  },
});

describe('S3Store on versitygw, refusals', () => {
  let server: Server | null = null;

  before(async function () {
    this.timeout(600_000);
    const command = await findVersitygw();
    if (command === null) return this.skip();
    server = await startVersitygw({ command });
  });
  after(() => server?.stop());

  for (const [what, client, mend] of [
    ['a wrong secret', { credentials: { ...s3Credentials, secretAccessKey: 'wrong' } }, 'SignatureDoesNotMatch'],
    ['an unknown key', { credentials: { ...s3Credentials, accessKeyId: 'nobody' } }, 'give the process a role'],
  ] as const)
    it(`tells what to do about ${what}`, async () => {
      const place = { client: clientOf({ endpoint: server!.endpoint, ...client }), bucket, prefix: '', kmsKey: null };
      await expectPortError(new S3Store({ place, copies: tmpdir() }).check(), 'Unauthorised', mend);
    });

  it('tells what to do where there are no credentials at all', async () => {
    const none = (): Promise<never> => {
      const error = new Error('Could not load credentials from any providers');
      error.name = 'CredentialsProviderError';
      return Promise.reject(error);
    };
    const client = new S3Client({ endpoint: server!.endpoint, region: 'us-east-1', credentials: none, maxAttempts: 1 });
    const store = new S3Store({ place: { client, bucket, prefix: '', kmsKey: null }, copies: tmpdir() });
    await expectPortError(store.check(), 'Unauthorised', 'give the process a role');
    await store.get({ key: 'x' }).catch((error: unknown) => expect(error).to.be.instanceOf(PortError));
  });
});
