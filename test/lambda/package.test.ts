import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { execa } from 'execa';
import { openStore } from '../../src/adapters/open-store.js';
import { hashKey } from '../../src/gateway/key-ring.js';
import { startMoto } from '../support/moto-server.js';
import { s3Credentials } from '../support/versitygw-server.js';
import { startScriptedUpstream } from '../support/scripted-upstream.js';
import { eventOf } from './lambda-function.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const runtime = join(root, 'bench/support/lambda-process.mjs');
const bucket = 'understudy-lambda-package';
const model = 'support-assistant';
/** Lambda Developer Guide, Lambda quotas: 250 MB unpacked, the function and its layers together. */
const mostBytes = 250 * 1024 * 1024;

describe('the package of the function of Lambda', function () {
  this.timeout(180_000);
  let folder: string;
  let s3: Awaited<ReturnType<typeof startMoto>>;
  let upstream: Awaited<ReturnType<typeof startScriptedUpstream>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-lambda-'));
    [s3, upstream] = await Promise.all([startMoto(), startScriptedUpstream()]);
  });
  after(async () => {
    await Promise.all([s3.stop(), upstream.close()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('is as small as Lambda asks, and answers with nothing else beside it', async () => {
    const unpacked = join(folder, 'function');
    const { stdout } = await execa('node', ['scripts/pack-lambda.mjs', unpacked], { cwd: root });
    const told = JSON.parse(stdout) as { bytes: number; handler: string };
    expect(told).to.deep.include({ handler: 'dist/lambda/handler.handler', folder: unpacked });
    expect(told.bytes).to.be.within(1024 * 1024, mostBytes);
    const packages = await readdir(join(unpacked, 'node_modules'));
    expect(packages).to.include('fastify').and.not.include('typescript');
    expect(await ask({ entry: join(unpacked, 'dist/lambda/handler.js') })).to.equal(200);
  });

  /** Starts the packed function as Lambda does, over a store with a plan; returns the status of its answer. */
  async function ask({ entry }: { entry: string }): Promise<number> {
    const credentials = {
      AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
    };
    const client = new S3Client({
      ...{ endpoint: s3.endpoint, forcePathStyle: true, region: 'us-east-1', credentials: s3Credentials },
    });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const location = `s3://${bucket}/?endpoint=${encodeURIComponent(s3.endpoint)}&region=us-east-1`;
    const champion = { releaseId: 'm-r1', endpoint: upstream.endpoint, adapter: 'm-r1' };
    const plan = {
      ...{ model, revision: 1, owner: { workflowId: 'rollout:m-r1', epoch: 1 }, challenger: null },
      champion: { ...champion, promptDigest: null, indexVersion: null },
      ...{ challengerShare: 0, mirrorShare: 0, holdback: 0, lease: null, salt: 'salt', stickyKey: 'user' },
      ...{ reason: 'test', at: new Date().toISOString() },
    };
    const key = { id: 'app', sha256: hashKey('app'), scopes: ['query'], defaultModel: model, expiresAt: null };
    const keysFile = join(folder, 'keys.json');
    await writeFile(keysFile, JSON.stringify([{ ...key, rate: { perSecond: 10, burst: 10 }, quotaPerDay: null }]));
    const before = { ...process.env };
    Object.assign(process.env, credentials);
    try {
      const store = openStore({ location, copies: join(folder, 'copies') });
      await store.put({ key: `traffic/${model}.json`, body: Buffer.from(JSON.stringify(plan)) });
    } finally {
      process.env = before;
    }
    const { PATH } = process.env;
    const child = spawn(process.execPath, [runtime, entry], {
      cwd: folder,
      env: {
        ...{ PATH, ...credentials, UNDERSTUDY_STORE: location, UNDERSTUDY_HOME: join(folder, 'home') },
        ...{ GATEWAY_KEYS_FILE: keysFile, AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/22/[$LATEST]test' },
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const question = eventOf({
        ...{ method: 'POST', url: '/query', headers: { 'x-api-key': 'app', 'content-type': 'application/json' } },
        payload: JSON.stringify({ query: 'Where is it?', user: 'ann' }),
      });
      child.stdin.write(`${JSON.stringify(question)}\n`);
      for await (const line of createInterface({ input: child.stdout })) {
        if (line.startsWith('{"statusCode"')) return (JSON.parse(line) as { statusCode: number }).statusCode;
      }
      throw new Error('the function ended without an answer');
    } finally {
      child.kill('SIGKILL');
    }
  }
});
