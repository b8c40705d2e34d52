import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { startMlflow, type MlflowServer } from '../../packages/mlflow-ts-client/test/support/mlflow-server.js';
import { OpenAiChat } from '../../src/adapters/openai-chat/openai-chat.js';
import { UnderstudyClient } from '../../src/client/index.js';
import type { EndedRelease } from '../../src/domain/release/lifecycle-state.js';
import { expectPortError } from '../contract/support/expect-port-error.js';
import { reply, startScriptedServer, type ScriptedServer } from '../contract/support/scripted-server.js';
import { localEnvironment } from '../support/temporal.js';
import { waitFor } from '../workflows/support/started-release.js';

const model = 'desk';
/**
 * No key of Temporal's, with which it is spoken to over TLS alone, and no payload keys, with which nothing else could be
 * found in a history: temporal-tls.test.ts and encrypted-payloads.test.ts have them.
 */
const secrets = {
  OPENAI_API_KEY: 'sk-planted-endpoint-0001',
  JUDGE_API_KEY: 'sk-planted-judge-0002',
  MLFLOW_TRACKING_TOKEN: 'planted-mlflow-token-0003',
  UNDERSTUDY_WEBHOOK_SECRET: 'planted-webhook-secret-0004',
  UNDERSTUDY_APPROVER_KEY: 'planted-approver-key-0005',
  UNDERSTUDY_PSEUDONYM_KEY: 'planted-pseudonym-key-0006',
  TEMPORAL_GRPC_META_AUTHORIZATION: 'Bearer planted-header-0007',
  UNDERSTUDY_RERANK_API_KEY: 'planted-rerank-key-0008',
  UNDERSTUDY_CODEC_TOKEN: 'planted-codec-token-0009',
};
/** What channels need; each stands within a setting. */
const ofChannels = {
  slack: '/services/T00000000/B00000000/plantedSlackHook0010',
  pagerDuty: 'plantedPagerDutyKey0011',
  smtp: 'planted-smtp-password-0012',
};
const planted = [...Object.values(secrets), 'planted-header-0007', ...Object.values(ofChannels)];
/** What is no secret stands where it was said, in the clear: a search that misses it would miss the others. */
const harmless = 'harmless words of a test';
const personal = ['grace.hopper@navy.example.org', '+44 20 7946 0958'];

/** Tickets of a desk; one of them says who and where its customer is. */
function tickets(): string {
  const rows = Array.from({ length: 80 }, (_, at) => {
    const said = at === 7 ? ` Write to ${personal[0]} or call ${personal[1]}.` : '';
    const question = `Where is parcel ${1000 + at} that I sent on day ${at}?${said}`;
    return [`T-${at}`, `2026-01-${String((at % 28) + 1).padStart(2, '0')}T09:00:00Z`, `C-${at}`, question]
      .concat([`Parcel ${1000 + at} left the depot on day ${at} and comes soon.`, 'tracking', 'true', '5', 'en'])
      .map((cell) => `"${cell}"`)
      .join(',');
  });
  const head = 'ticket_id,created_at,customer_id,customer_query,agent_response,category,resolved,rating,language';
  return `${head}\n${rows.join('\n')}\n`;
}

/** Temporal and MLflow still run, and take journals of their databases away. */
const textOf = (path: string): Promise<string> =>
  readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

describe('secrets and personal data that a worker is given', function () {
  this.timeout(180_000);
  let folder: string;
  let environment: TestWorkflowEnvironment;
  let mlflow: MlflowServer;
  let endpoint: ScriptedServer;
  let receiver: ScriptedServer;
  let worker: ChildProcess;
  let log = '';
  let client: UnderstudyClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-planted-'));
    for (const name of ['temporal', 'mlflow', 'desk']) await mkdir(join(folder, name));
    environment = await localEnvironment({ databaseFile: join(folder, 'temporal', 'temporal.db') });
    mlflow = await startMlflow({ directory: join(folder, 'mlflow') });
    // Says what it was sent, as some endpoints do.
    endpoint = await startScriptedServer(({ headers, path }, response) =>
      path.endsWith('/models')
        ? reply(response, { body: { data: [{ id: 'tiny' }] } })
        : reply(response, { status: 401, body: { error: { message: `wrong: ${headers.authorization}` } } }),
    );
    // Slack's and PagerDuty's stand behind proxies that say what they were sent.
    receiver = await startScriptedServer(({ path, body }, response) =>
      path === '/hook'
        ? reply(response, { body: 'ok' })
        : reply(response, { status: 404, body: `Cannot POST ${path} with ${body}` }),
    );
    const python = join(folder, 'python');
    // It is given no header of Temporal's; a proxy before the server is what would repeat one.
    const header = `proxy: no ${secrets.TEMPORAL_GRPC_META_AUTHORIZATION}`;
    const said = `wrong token $MLFLOW_TRACKING_TOKEN, ${header}, have $(env)`;
    await writeFile(python, `#!/bin/sh\necho "${said}" >&2\nexit 3\n`);
    await chmod(python, 0o755);
    const settings = {
      ...secrets,
      UNDERSTUDY_SLACK_WEBHOOKS: JSON.stringify({ ops: `${receiver.url}${ofChannels.slack}` }),
      UNDERSTUDY_PAGERDUTY_KEYS: JSON.stringify({ ops: ofChannels.pagerDuty }),
      UNDERSTUDY_PAGERDUTY_URL: receiver.url,
      // Nobody listens there.
      UNDERSTUDY_SMTP_URL: `smtp://desk:${ofChannels.smtp}@127.0.0.1:1`,
      UNDERSTUDY_SMTP_FROM: 'understudy@example.com',
      PATH: process.env['PATH'] ?? '',
      UNDERSTUDY_HOME: join(folder, 'home'),
      UNDERSTUDY_PYTHON: python,
      UNDERSTUDY_BASE_MODELS: JSON.stringify({ tiny: folder }),
      TEMPORAL_ADDRESS: environment.address,
      MLFLOW_TRACKING_URI: mlflow.uri,
      OPENAI_BASE_URL: `${endpoint.url}/v1`,
      JUDGE_BASE_URL: `${endpoint.url}/v1`,
    };
    // Bundles its workflows first.
    worker = spawn(process.execPath, ['--import', 'tsx', 'src/workers/main.ts'], { env: settings });
    for (const stream of [worker.stdout!, worker.stderr!])
      stream.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')));
    client = await UnderstudyClient.connect({
      address: environment.address,
      storeDirectory: join(folder, 'home', 'store'),
    });
    const desk = join(folder, 'desk');
    await writeFile(join(desk, 'tickets.csv'), tickets());
    await writeFile(join(desk, 'golden.jsonl'), '{"id":"1","input":"Where is my box?","reference":"It comes soon."}\n');
    const spec = {
      ...{ apiVersion: 'understudy/v1', model, base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'tickets.csv' }, goldenSet: 'golden.jsonl' },
      evaluation: { preset: 'support-deterministic' },
      notify: [
        { kind: 'log', from: 'info' },
        { kind: 'webhook', url: `${receiver.url}/hook`, from: 'info' },
        { kind: 'slack', channel: 'ops', from: 'info' },
        { kind: 'pagerduty', channel: 'ops', from: 'info' },
        { kind: 'email', to: ['team@example.com'], from: 'info' },
      ],
    };
    await writeFile(join(desk, 'understudy.yaml'), stringify(spec));
  });
  after(async () => {
    if (worker && worker.exitCode === null) {
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    }
    await client?.close();
    await environment?.teardown();
    await mlflow?.stop();
    await endpoint?.close();
    await receiver?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ending = (releaseId: string): Promise<EndedRelease> =>
    waitFor(async () => (await client.status({ model, releaseId })).ended);

  it('fail a release, by a training script that repeats them', async () => {
    await client.apply({ path: join(folder, 'desk', 'understudy.yaml'), by: 'ada' });
    const { releaseId } = await client.requestRelease({ model, reason: harmless, requestedBy: 'ada' });
    const { outcome, reasons } = await ending(releaseId!);
    expect(outcome).to.equal('failed');
    expect(reasons.join(' ')).to.contain('wrong token (secret), proxy: no (secret)');
    const isAsked = (path: string): boolean => receiver.seen.some((one) => one.path === path);
    await waitFor(async () => (['/hook', ofChannels.slack, '/v2/enqueue'].every(isAsked) ? true : null));
    // What they said of it stands in the histories of what brings messages.
    const refused = `WorkflowType = "deliverNotification" AND ExecutionStatus = "Failed"`;
    await waitFor(async () => {
      const { count } = await environment.client.workflow.count(refused);
      return count >= 2 ? true : null;
    });
  });

  it('are hidden in what an endpoint repeats', async () => {
    const chat = new OpenAiChat({ apiKey: secrets.OPENAI_API_KEY });
    const question = {
      model: 'tiny',
      messages: [],
      maxTokens: 8,
      temperature: 0,
      signal: new AbortController().signal,
    };
    const refusal = chat.complete({ ...question, endpoint: `${endpoint.url}/v1` });
    await expectPortError(refusal, 'Unauthorised', 'wrong: Bearer (secret)');
  });

  it('stand in no history, log, record, notification, audit entry or run', async () => {
    const places: [string, string][] = [['log of the worker', log]];
    for (const one of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(one.parentPath, one.name);
      // What a team brings, the script that the test put there, and the log that this script has written itself.
      const theirs = [join(folder, 'desk'), join(folder, 'python'), join(folder, 'home', 'training')];
      if (!one.isFile() || theirs.some((place) => path.startsWith(place))) continue;
      places.push([path.slice(folder.length), await textOf(path)]);
    }
    for (const { path, headers, body } of receiver.seen) {
      const own = path === '/v2/enqueue' ? [ofChannels.pagerDuty] : [];
      const text = own.reduce((left, one) => left.replaceAll(one, ''), `${JSON.stringify(headers)} ${body}`);
      places.push([path === '/hook' ? 'webhook' : 'channel', text]);
    }
    const controls = {
      ...{ 'temporal.db': harmless, 'mlflow.db': 'desk-r1', 'record.json': '(secret)', 'audit/desk': 'desk-r1' },
      ...{ 'notifications.jsonl': 'desk-r1', webhook: 'desk-r1', channel: 'desk-r1' },
    };
    for (const [where, known] of Object.entries(controls))
      expect(
        places.filter(([place, text]) => place.includes(where) && text.includes(known)),
        `${known} in ${where}`,
      ).not.to.deep.equal([]);
    const found = places.flatMap(([place, text]) =>
      [...planted, ...personal].filter((one) => text.includes(one)).map((one) => `${one} in ${place}`),
    );
    expect(found).to.deep.equal([]);
  });
});
