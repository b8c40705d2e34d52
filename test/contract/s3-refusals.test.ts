import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { refusalRetry } from '../../src/adapters/s3-store/refusal-retry.js';
import { S3Store } from '../../src/adapters/s3-store/s3-store.js';
import { s3Credentials } from '../support/versitygw-server.js';
import { expectPortError } from './support/expect-port-error.js';
import { type ScriptedServer, type SeenRequest, startScriptedServer } from './support/scripted-server.js';

interface Refusal {
  status: number;
  code: string;
  message: string;
}

/** An S3 that says no as AWS's says it; those that our other servers can't say. */
describe('S3Store refused by AWS', () => {
  let server: ScriptedServer;
  let client: S3Client;
  let folder: string;
  let refuse: (request: SeenRequest) => Refusal | null;
  const store = (): S3Store =>
    new S3Store({ place: { client, bucket: 'models', prefix: '', kmsKey: 'alias/models' }, copies: folder });
  const put = () => store().put({ key: 'x', body: Buffer.from('x') });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-refusals-'));
    server = await startScriptedServer((asked, response) => {
      const no = refuse(asked);
      if (no !== null) {
        const body = `<?xml version="1.0"?><Error><Code>${no.code}</Code><Message>${no.message}</Message></Error>`;
        return void response.writeHead(no.status, { 'content-type': 'application/xml' }).end(body);
      }
      const begun =
        '<?xml version="1.0"?><InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>';
      return void response.writeHead(200, { etag: '"e"' }).end(asked.path.includes('uploads') ? begun : '');
    });
    client = new S3Client({
      ...{ endpoint: server.url, forcePathStyle: true, region: 'us-east-1', credentials: s3Credentials },
      retryStrategy: refusalRetry({ random: () => 0 }),
    });
  });
  after(async () => {
    client.destroy();
    await server.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    server.seen.length = 0;
  });

  const refusals: [string, Refusal, string, string][] = [
    [
      'a token that has expired',
      { status: 400, code: 'ExpiredToken', message: 'The provided token has expired.' },
      ...(['Unauthorised', 'give the process a role'] as const),
    ],
    [
      'a bucket of another region',
      { status: 301, code: 'PermanentRedirect', message: 'The bucket must be addressed using the specified endpoint.' },
      ...(['InvalidInput', 'set AWS_REGION'] as const),
    ],
    [
      'a request signed for another region',
      { status: 400, code: 'AuthorizationHeaderMalformed', message: "the region 'us-east-1' is wrong" },
      ...(['InvalidInput', 'set AWS_REGION'] as const),
    ],
    [
      'a key of KMS that the role may not use',
      { status: 403, code: 'AccessDenied', message: 'not authorized to perform: kms:GenerateDataKey' },
      ...(['Unauthorised', 'allow this action to the role'] as const),
    ],
    [
      'a key of KMS that is switched off',
      { status: 400, code: 'KMS.DisabledException', message: 'arn:aws:kms:... is disabled.' },
      ...(['Unauthorised', 'enable the key'] as const),
    ],
  ];
  for (const [what, refusal, type, mend] of refusals)
    it(`tells what to do about ${what}, and asks once`, async () => {
      refuse = () => refusal;
      await expectPortError(put(), type as 'Unauthorised', refusal.message, mend);
      expect(server.seen).to.have.length(1);
    });

  it('asks again where it is too busy, and passes it on when it stays so', async () => {
    const busy = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
    refuse = () => (server.seen.length < 4 ? busy : null);
    await put();
    expect(server.seen).to.have.length(4);
    server.seen.length = 0;
    refuse = () => busy;
    await expectPortError(put(), 'RateLimited', 'SlowDown');
    expect(server.seen).to.have.length(5);
  });

  it('asks for the key of KMS with every write', async () => {
    refuse = () => null;
    await put();
    expect(server.seen[0]!.headers).to.include({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'alias/models',
    });
  });

  it('takes back a file of which a part was refused', async () => {
    refuse = ({ path }) =>
      path.includes('partNumber=2') ? { status: 403, code: 'AccessDenied', message: 'no kms:Decrypt' } : null;
    const path = join(folder, 'file');
    await writeFile(path, Buffer.alloc(40 * 1024 * 1024));
    await expectPortError(store().putFile({ key: 'file', path }), 'Unauthorised', 'no kms:Decrypt');
    const methods = server.seen.map(({ method, path: asked }) => `${method} ${asked.split('?')[1] ?? ''}`);
    expect(methods.at(-1)).to.match(/^DELETE .*uploadId=u1/);
    expect(methods.filter((one) => one.startsWith('POST') && one.includes('uploadId'))).to.deep.equal([]);
  });
});
