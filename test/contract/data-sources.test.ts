import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { PortError } from '../../src/activities/ports.js';
import { ExternalSources } from '../../src/adapters/data-sources/data-sources.js';
import { startMoto } from '../support/moto-server.js';

const digest = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');
const body = randomBytes(300_000);
const refused = async (work: Promise<unknown>): Promise<PortError> => {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(PortError);
  return error as PortError;
};

describe('sources elsewhere', function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-sources-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const copy = async (sources: ExternalSources, uri: string, maximumBytes = 1e9): Promise<Buffer> => {
    const path = join(folder, 'copy');
    await sources.download({ uri, path, maximumBytes, onProgress: () => undefined });
    return await readFile(path);
  };

  describe('over HTTP', () => {
    let server: Server;
    let asked: (string | undefined)[];
    /** How a request is answered; the default knows ranges. */
    let answer: (request: IncomingMessage, response: ServerResponse) => void;
    const sources = new ExternalSources();
    const uri = (path = '/rows.csv'): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

    const ranged = (request: IncomingMessage, response: ServerResponse, upTo = body.length): void => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, etag: '"one"' });
      response.write(body.subarray(from, Math.min(body.length, from + upTo)), () => {
        if (from + upTo < body.length) response.destroy();
        else response.end();
      });
    };

    beforeEach(async () => {
      asked = [];
      answer = (request, response) => ranged(request, response);
      server = createServer((request, response) => {
        asked.push(request.headers.range);
        answer(request, response);
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    });
    afterEach(() => new Promise((closed) => server.close(closed)));

    it('copies a file', async () => {
      expect(digest(await copy(sources, uri()))).to.equal(digest(body));
    });

    it('goes on where it broke off, bound to the same file', async () => {
      answer = (request, response) => ranged(request, response, 120_000);
      expect(digest(await copy(sources, uri()))).to.equal(digest(body));
      const [first, ...others] = asked;
      expect(first).to.equal(undefined);
      expect(others).to.have.length.at.least(2);
      const offsets = others.map((range) => Number(/^bytes=(\d+)-$/.exec(range!)![1]));
      expect(offsets).to.deep.equal(offsets.toSorted((one, other) => one - other));
    });

    it('fails clearly when it keeps breaking off, and when the server can not resume', async () => {
      answer = (_, response) => {
        response.writeHead(200, { 'content-length': body.length });
        response.write(body.subarray(0, 1000), () => response.destroy());
      };
      const cut = await refused(copy(sources, uri()));
      expect(cut.type).to.equal('Unavailable');
      expect(cut.message).to.contain(`broke off after 1000 of ${body.length} bytes`);
      answer = (_, response) => response.destroy();
      expect((await refused(copy(sources, uri()))).message).to.contain('does not answer (');
      answer = (request, response) => {
        if (request.headers.range === undefined) return ranged(request, response, 1000);
        response.writeHead(200, { 'content-length': 5, etag: '"two"' });
        return response.end('other');
      };
      expect((await refused(copy(sources, uri()))).message).to.contain('changed while it was copied');
    });

    it('names a missing file, one that is too large, and http:// beyond this machine', async () => {
      answer = (_, response) => response.writeHead(404).end();
      expect((await refused(copy(sources, uri()))).type).to.equal('NotFound');
      answer = (request, response) => ranged(request, response);
      const large = await refused(copy(sources, uri('/rows.csv?token=secret'), 1000));
      expect(large.message).to.contain('300000 bytes > 1000').and.not.contain('secret');
      expect((await refused(copy(sources, 'http://example.com/rows.csv?token=secret'))).message)
        .to.contain('expected https://')
        .and.not.contain('secret');
      expect((await refused(copy(sources, 'https:///'))).message).to.contain('expected https://<host>/<path>');
    });

    it('follows no redirect over http:// beyond this machine', async () => {
      answer = (_, response) => response.writeHead(302, { location: 'http://192.0.2.1/rows.csv?token=secret' }).end();
      expect((await refused(copy(sources, uri()))).message)
        .to.contain('leads to http://192.0.2.1')
        .and.not.contain('secret');
    });
  });

  describe('in S3', () => {
    let moto: Awaited<ReturnType<typeof startMoto>>;
    let sources: ExternalSources;
    before(async () => {
      moto = await startMoto();
      const s3 = {
        endpoint: moto.endpoint,
        region: 'eu-central-1',
        forcePathStyle: true,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      };
      sources = new ExternalSources({ s3 });
      const client = new S3Client(s3);
      const place = { LocationConstraint: 'eu-central-1' as const };
      await client.send(new CreateBucketCommand({ Bucket: 'raw', CreateBucketConfiguration: place }));
      await client.send(new PutObjectCommand({ Bucket: 'raw', Key: '2026/rows.csv', Body: body }));
      client.destroy();
    });
    after(() => moto?.stop());

    it('copies an object', async () => {
      expect(digest(await copy(sources, 's3://raw/2026/rows.csv'))).to.equal(digest(body));
    });

    it('names a missing object, one that is too large, and an address that is none', async () => {
      expect((await refused(copy(sources, 's3://raw/none.csv'))).type).to.equal('NotFound');
      expect((await refused(copy(sources, 's3://raw/2026/rows.csv', 1000))).message).to.contain('300000 bytes > 1000');
      expect((await refused(copy(sources, 's3://raw'))).message).to.contain('expected s3://<bucket>/<key>');
    });
  });
});
