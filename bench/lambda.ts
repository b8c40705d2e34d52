import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openStore } from '../src/adapters/open-store.js';
import type { ArtifactStore } from '../src/activities/ports.js';
import { hashKey } from '../src/gateway/key-ring.js';
import { eventOf } from '../test/lambda/lambda-function.js';
import { startScriptedUpstream } from '../test/support/scripted-upstream.js';
import { findVersitygw, s3Credentials, startVersitygw } from '../test/support/versitygw-server.js';
import { compiledSource } from './support/compiled-source.js';
import { median, report, reportMachine, spreadOf } from './support/report.js';

const bench = 'lambda';
const starts = 9;
const warmRequests = 50;
const bucket = 'understudy-lambda';
const model = 'support-assistant';

interface Told {
  statusCode: number;
  /** Milliseconds from the start of the process until the handler could be called. */
  loaded: number;
  took: number;
  /** Milliseconds from the start of the process to the answer. */
  since: number;
  /** Microseconds of processor time since the process began. */
  cpu: NodeJS.CpuUsage;
}

const event = JSON.stringify(
  eventOf({
    method: 'POST',
    url: '/query',
    headers: { 'x-api-key': 'app', 'content-type': 'application/json' },
    payload: JSON.stringify({ query: 'Where is it?', user: 'ann' }),
  }),
);

async function writePlan({ store, endpoint }: { store: ArtifactStore; endpoint: string }): Promise<void> {
  const champion = { releaseId: 'm-r1', endpoint, adapter: 'm-r1', promptDigest: null, indexVersion: null };
  const plan = {
    ...{ model, revision: 1, owner: { workflowId: 'rollout:m-r1', epoch: 1 }, champion, challenger: null },
    ...{ challengerShare: 0, mirrorShare: 0, holdback: 0, lease: null, salt: 'salt', stickyKey: 'user' },
    ...{ reason: 'bench', at: new Date().toISOString() },
  };
  await store.put({ key: `traffic/${model}.json`, body: Buffer.from(JSON.stringify(plan)) });
}

/** Starts a process as Lambda does, and asks it so often. */
async function run(input: { entry: string; environment: NodeJS.ProcessEnv; requests: number }): Promise<Told[]> {
  const runtime = fileURLToPath(new URL('support/lambda-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [runtime, input.entry], {
    env: input.environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const told: Told[] = [];
  child.stdin.write(`${event}\n`);
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(JSON.parse(line) as Told);
    if (told.length < input.requests) child.stdin.write(`${event}\n`);
    else child.stdin.end();
  }
  const refused = told.find(({ statusCode }) => statusCode !== 200);
  if (refused || told.length < input.requests)
    throw new Error(`the function answered ${refused?.statusCode ?? 'nothing'}`);
  return told;
}

/** From the start of a process to its first answer, over a real S3 server and an endpoint that answers at once. */
async function measure(): Promise<void> {
  const command = await findVersitygw();
  if (command === null) throw new Error('there is no S3 server to measure with');
  const folder = await mkdtemp(join(tmpdir(), 'lambda-bench-'));
  const [s3, upstream] = await Promise.all([startVersitygw({ command }), startScriptedUpstream()]);
  try {
    const { accessKeyId, secretAccessKey } = s3Credentials;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    process.env.AWS_REGION = 'us-east-1';
    await new S3Client({ endpoint: s3.endpoint, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: bucket }),
    );
    const location = `s3://${bucket}/?endpoint=${encodeURIComponent(s3.endpoint)}`;
    await writePlan({ store: openStore({ location, copies: folder }), endpoint: upstream.endpoint });
    const key = { id: 'app', sha256: hashKey('app'), scopes: ['query'], defaultModel: model, expiresAt: null };
    const keysFile = join(folder, 'keys.json');
    await writeFile(
      keysFile,
      JSON.stringify([{ ...key, rate: { perSecond: 1e6, burst: 1_000_000 }, quotaPerDay: null }]),
    );
    const environment = {
      ...process.env,
      ...{ UNDERSTUDY_STORE: location, GATEWAY_KEYS_FILE: keysFile, GATEWAY_LOG_LEVEL: 'error' },
      AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/22/[$LATEST]bench',
    };
    const entry = join(await compiledSource(), 'lambda', 'handler.js');
    const cold: Told[] = [];
    for (let start = 0; start < starts; start += 1) cold.push((await run({ entry, environment, requests: 1 }))[0]!);
    const warm = (await run({ entry, environment, requests: warmRequests })).slice(1).map(({ took }) => took);
    tell({ metric: 'start of the process to the first answer', values: cold.map(({ since }) => since) });
    tell({ metric: 'of which loading', values: cold.map(({ loaded }) => loaded) });
    const used = cold.map(({ cpu: { user, system } }) => (user + system) / 1000);
    tell({ metric: 'processor time until the first answer', values: used });
    tell({ metric: 'a later answer, counters written', values: warm });
  } finally {
    await Promise.all([s3.stop(), upstream.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

const tell = ({ metric, values }: { metric: string; values: number[] }): void =>
  report({ bench, metric, value: median(values), unit: 'ms', target: null, ok: null, spread: spreadOf(values) });

reportMachine({ bench });
await measure();
