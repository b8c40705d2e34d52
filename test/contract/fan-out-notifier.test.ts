import { expect } from 'chai';
import { notification } from './notifier-contract.js';
import { expectPortError } from './support/expect-port-error.js';
import { notifierWorld, type NotifierWorld } from './support/notifier-world.js';
import { reply, startScriptedServer, type ScriptedServer } from './support/scripted-server.js';

describe('FanOutNotifier', () => {
  let server: ScriptedServer;
  let statuses: number[];
  let world: NotifierWorld;
  before(async () => {
    server = await startScriptedServer((_request, response) =>
      reply(response, { status: statuses.shift() ?? 204, body: '' }),
    );
  });
  after(() => server.close());
  beforeEach(async () => {
    statuses = [];
    server.seen.length = 0;
    world = await notifierWorld({ UNDERSTUDY_WEBHOOK_SECRET: 'correct horse' });
  });
  afterEach(() => world.remove());
  const webhook = (more: object = {}) => ({ kind: 'webhook', url: `${server.url}/hooks/sesame`, ...more });

  it('sends through the routes whose severity is reached: at once on this machine, else on its way', async () => {
    const fanOut = world.notifier({ routes: [{ kind: 'log' }, webhook({ from: 'critical' })] });
    await fanOut.notify({ ...notification('a'), severity: 'warning' });
    await fanOut.notify({ ...notification('b'), severity: 'critical' });
    expect((await world.logged()).map((line) => line['key'])).to.deep.equal(['a', 'b']);
    expect(world.posted.map(({ notification: { key } }) => key)).to.deep.equal(['b']);
    expect(server.seen).to.have.length(0);
    expect(JSON.stringify(world.posted)).not.to.contain('sesame');
  });

  it('delivers once, and again only what failed', async () => {
    statuses = [503];
    const fanOut = world.notifier({ routes: [webhook()] });
    await fanOut.notify(notification('a'));
    const [delivery] = world.posted;
    await expectPortError(fanOut.deliver(delivery!), 'Unavailable');
    expect(await fanOut.deliver(delivery!)).to.deep.equal({ heldUntil: null });
    expect(await world.notifier({ routes: [webhook()] }).deliver(delivery!)).to.deep.equal({ heldUntil: null });
    expect(server.seen).to.have.length(2);
  });

  it('writes down here what no retry brings', async () => {
    statuses = [410];
    const fanOut = world.notifier({ routes: [webhook()] });
    await fanOut.notify(notification('a'));
    await expectPortError(fanOut.deliver(world.posted[0]!), 'NotFound');
    const [line] = await world.logged();
    expect(line).to.include({ key: 'a', severity: 'critical' });
    expect(line!['body']).to.contain('not delivered').and.to.contain('410').and.not.to.contain('sesame');
  });

  it('writes down no secret that a channel repeats', async () => {
    const repeating = await startScriptedServer(({ path }, response) =>
      reply(response, { status: 404, body: `Cannot POST ${path}` }),
    );
    try {
      const url = `${repeating.url}/services/T0/B0/sesame`;
      await world.remove();
      world = await notifierWorld({ UNDERSTUDY_SLACK_WEBHOOKS: JSON.stringify({ ops: url }) });
      const fanOut = world.notifier({ routes: [{ kind: 'slack', channel: 'ops' }] });
      await fanOut.notify(notification('a'));
      await expectPortError(fanOut.deliver(world.posted[0]!), 'NotFound');
      const [line] = await world.logged();
      expect(line!['body']).to.contain('not delivered').and.to.contain('Cannot POST (secret)');
      expect(line!['body']).not.to.contain('sesame');
    } finally {
      await repeating.close();
    }
  });

  it('holds what is not critical in quiet hours, until they end', async () => {
    const quietHours = { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' };
    const routes = [webhook({ quietHours })];
    const night = world.notifier({ routes, now: '2026-01-10T23:30:00Z' });
    await night.notify({ ...notification('a'), severity: 'warning' });
    expect(await night.deliver(world.posted[0]!)).to.deep.equal({ heldUntil: '2026-01-11T06:00:00.000Z' });
    expect(server.seen).to.have.length(0);
    await night.notify({ ...notification('b'), severity: 'critical' });
    expect(await night.deliver(world.posted[1]!)).to.deep.equal({ heldUntil: null });
    const morning = world.notifier({ routes, now: '2026-01-11T06:00:00Z' });
    expect(await morning.deliver(world.posted[0]!)).to.deep.equal({ heldUntil: null });
    expect(server.seen).to.have.length(2);
  });

  it('goes by each line of a channel that a spec names twice', async () => {
    const quietHours = { from: '22:00', to: '07:00', timezone: 'UTC' };
    const routes = [webhook({ quietHours }), webhook({ from: 'warning' })];
    const night = world.notifier({ routes, now: '2026-01-10T23:30:00Z' });
    await night.notify({ ...notification('a'), severity: 'warning' });
    const { notification: warning, route } = world.posted[0]!;
    const note = { notification: { ...warning, key: 'b', severity: 'info' as const }, route };
    expect(await night.deliver(note)).to.deep.equal({ heldUntil: '2026-01-11T07:00:00.000Z' });
    expect(server.seen).to.have.length(0);
    expect(await night.deliver({ notification: warning, route })).to.deep.equal({ heldUntil: null });
    expect(server.seen).to.have.length(1);
  });

  it('drops what a newer spec wants sent nowhere', async () => {
    await world.notifier({ routes: [webhook()] }).notify(notification('a'));
    const changed = world.notifier({ routes: [{ kind: 'log' }] });
    expect(await changed.deliver(world.posted[0]!)).to.deep.equal({ heldUntil: null });
    expect(server.seen).to.have.length(0);
  });

  it('says what each route lacks and how to mend it', async () => {
    const bare = await notifierWorld();
    try {
      const problems = bare.notifier({ routes: [] }).problems([
        { kind: 'log', from: 'info' },
        { kind: 'slack', channel: 'ml-ops', from: 'warning', quietHours: null },
        { kind: 'pagerduty', channel: 'night', from: 'critical', quietHours: null },
        { kind: 'email', to: ['ada@example.com'], from: 'info', quietHours: null },
        { kind: 'webhook', url: server.url, from: 'info', quietHours: null },
      ]);
      const [slack, pagerDuty, email, hook] = problems;
      expect(problems).to.have.length(4);
      expect(slack).to.contain('notify[1]').and.to.contain('ml-ops').and.to.contain('UNDERSTUDY_SLACK_WEBHOOKS');
      expect(pagerDuty).to.contain('notify[2]').and.to.contain('UNDERSTUDY_PAGERDUTY_KEYS');
      expect(email).to.contain('UNDERSTUDY_SMTP_URL').and.to.contain('UNDERSTUDY_SMTP_FROM');
      expect(hook).to.contain('UNDERSTUDY_WEBHOOK_SECRET');
      const fanOut = bare.notifier({ routes: [webhook()] });
      await fanOut.notify(notification('a'));
      await expectPortError(fanOut.deliver(bare.posted[0]!), 'InvalidInput', 'UNDERSTUDY_WEBHOOK_SECRET');
    } finally {
      await bare.remove();
    }
  });
});
