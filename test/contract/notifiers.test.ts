import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { ConsoleNotifier } from '../../src/adapters/notifiers/console-notifier.js';
import { LogNotifier } from '../../src/adapters/notifiers/log-notifier.js';
import { SentOnce } from '../../src/adapters/notifiers/sent-once.js';
import { verifySignature } from '../../src/adapters/notifiers/signature.js';
import { WebhookNotifier } from '../../src/adapters/notifiers/webhook-notifier.js';
import { describeNotifier, notification } from './notifier-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { type ScriptedServer, reply, startScriptedServer } from './support/scripted-server.js';

let home: string;
let server: ScriptedServer;
let script: { status: number; headers?: Record<string, string>; body?: unknown }[];
const secret = 'correct horse';

before(async () => {
  server = await startScriptedServer((_request, response) =>
    reply(response, script.shift() ?? { status: 204, body: '' }),
  );
});
after(() => server.close());
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'understudy-notifiers-'));
  script = [];
  server.seen.length = 0;
});
afterEach(() => rm(home, { recursive: true, force: true }));

const store = (): DirectoryStore => new DirectoryStore({ root: join(home, 'store') });
const logged = async (): Promise<Record<string, unknown>[]> =>
  (await readFile(join(home, 'notifications.jsonl'), 'utf8').catch(() => ''))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

let written: string[];
describeNotifier({
  name: 'ConsoleNotifier',
  open: () => {
    written = [];
    const inner = new ConsoleNotifier({ write: (text) => void written.push(text) });
    return { open: () => new SentOnce({ store: store(), channel: 'console', inner }), sent: async () => written };
  },
});
describeNotifier({
  name: 'LogNotifier',
  open: () => ({
    open: () => new SentOnce({ store: store(), channel: 'log', inner: new LogNotifier({ home }) }),
    sent: async () => (await logged()).map((line) => JSON.stringify(line)),
  }),
});
describeNotifier({
  name: 'WebhookNotifier',
  open: () => ({
    open: () =>
      new SentOnce({ store: store(), channel: 'webhook', inner: new WebhookNotifier({ url: server.url, secret }) }),
    sent: async () => server.seen.map(({ body }) => body),
  }),
});

describe('WebhookNotifier', () => {
  const webhook = (settings: { timeoutMilliseconds?: number } = {}): WebhookNotifier =>
    new WebhookNotifier({ url: `${server.url}/hooks/sesame`, secret, ...settings });

  it('signs what it posts so that only the secret makes it', async () => {
    await webhook().notify(notification('größer'));
    const { headers, body, method } = server.seen[0]!;
    expect(method).to.equal('POST');
    expect(JSON.parse(body)).to.deep.equal(notification('größer'));
    expect(headers['x-understudy-key']).to.equal(encodeURIComponent('größer'));
    const given = {
      timestamp: String(headers['x-understudy-timestamp']),
      signature: String(headers['x-understudy-signature']),
      body,
      now: Date.now(),
    };
    expect(verifySignature({ ...given, secret })).to.equal(true);
    expect(verifySignature({ ...given, secret: 'another' })).to.equal(false);
    expect(verifySignature({ ...given, secret, body: `${body} ` })).to.equal(false);
    expect(verifySignature({ ...given, secret, now: Date.now() + 301_000 })).to.equal(false);
    expect(verifySignature({ ...given, secret, timestamp: `${Number(given.timestamp) - 1}` })).to.equal(false);
    expect(verifySignature({ ...given, secret, timestamp: 'yesterday' })).to.equal(false);
    expect(verifySignature({ ...given, secret, signature: '' })).to.equal(false);
    expect(verifySignature({ ...given, secret, signature: `v1=00, ${given.signature}` })).to.equal(true);
  });

  for (const [status, type] of [
    [429, 'RateLimited'],
    [503, 'Unavailable'],
    [401, 'Unauthorised'],
    [404, 'NotFound'],
    [400, 'InvalidInput'],
    [302, 'InvalidInput'],
  ] as const)
    it(`says ${type} for HTTP ${status}, without the address's path`, async () => {
      script = [{ status, headers: { 'retry-after': '7', location: 'http://127.0.0.1:1/' }, body: { error: 'no' } }];
      const error = await expectPortError(webhook().notify(notification('a')), type, String(status));
      expect(error.message).not.to.include('sesame');
      expect(error.retryAfterMilliseconds).to.equal(7000);
    });

  it('says Unavailable when nobody listens and Timeout when nobody answers', async () => {
    const silent = await startScriptedServer(() => undefined);
    try {
      const waiting = new WebhookNotifier({ url: silent.url, secret, timeoutMilliseconds: 50 });
      await expectPortError(waiting.notify(notification('a')), 'Timeout');
    } finally {
      await silent.close();
    }
    const gone = new WebhookNotifier({ url: silent.url, secret });
    await expectPortError(gone.notify(notification('a')), 'Unavailable', 'ECONNREFUSED');
  });
});
