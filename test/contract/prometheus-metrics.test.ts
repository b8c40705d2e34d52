import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { judgeMetricsBreaker } from '../../src/activities/metrics-breaker.js';
import { PortError } from '../../src/activities/ports.js';
import { PrometheusApi } from '../../src/adapters/prometheus/prometheus-api.js';
import { PrometheusMetrics } from '../../src/adapters/prometheus/prometheus-metrics.js';
import { GatewayMetrics } from '../../src/gateway/gateway-metrics.js';
import type { Assignment } from '../../src/gateway/assignment.js';
import { findPrometheus, startPrometheus, type PrometheusServer } from '../support/prometheus-server.js';

const model = 'support "assistant"';
const window = { model, fromRevision: 3, windowMilliseconds: 60_000 };
const later = (milliseconds: number): string => new Date(Date.now() + milliseconds).toISOString();

describe('Prometheus, a real one that scrapes a gateway’s metrics', function () {
  this.timeout(120_000);
  let gateway: Server;
  let prometheus: PrometheusServer;
  let source: PrometheusMetrics;
  const metrics = new GatewayMetrics({ states: () => [], clock: Date.now });

  /** First attempts as the gateway counts them. */
  const attempts = (input: { arm: 'champion' | 'challenger'; revision: number; count: number; errors: number }) => {
    for (let index = 0; index < input.count; index += 1)
      metrics.attempt({
        id: 'answer',
        assignment: { model, arm: input.arm, revision: input.revision, target: { releaseId: 'r' } } as Assignment,
        milliseconds: 10,
        events: index < input.errors ? ['error'] : [],
      });
  };

  before(async function () {
    const command = await findPrometheus();
    if (command === null) return this.skip();
    for (const arm of ['champion', 'challenger'] as const)
      for (const revision of [2, 3]) attempts({ arm, revision, count: 2, errors: 1 });
    gateway = createServer((_, response) => {
      response.setHeader('content-type', metrics.registry.contentType);
      response.setHeader('content-type', metrics.registry.contentType);
      void metrics.registry.metrics().then((text) => response.end(text));
    }).listen(0, '127.0.0.1');
    await once(gateway, 'listening');
    const { port } = gateway.address() as AddressInfo;
    prometheus = await startPrometheus({ command, target: `127.0.0.1:${port}` });
    source = new PrometheusMetrics({ api: new PrometheusApi({ address: prometheus.address, token: null }) });
  });
  after(async () => {
    gateway?.close();
    await prometheus?.stop();
  });

  /** Reads until what was counted has been scraped. */
  async function readUntil(enough: (errors: number) => boolean) {
    for (;;) {
      const reading = await source.read({ ...window, now: later(0) });
      if (enough(reading.arms.challenger.events.error ?? 0)) return reading;
      await wait(200);
    }
  }

  it('reads what happened within the window, from the wanted revision on, and how old that is', async () => {
    // A counter's first sample is its start: what comes after it counts.
    await readUntil(() => true);
    for (let reading = await source.read({ ...window, now: later(0) }); reading.measuredAt === null; await wait(200))
      reading = await source.read({ ...window, now: later(0) });
    await wait(1500);
    attempts({ arm: 'challenger', revision: 3, count: 200, errors: 40 });
    attempts({ arm: 'champion', revision: 3, count: 800, errors: 4 });
    attempts({ arm: 'challenger', revision: 2, count: 500, errors: 500 });
    const reading = await readUntil((errors) => errors > 30);
    const { challenger, champion } = reading.arms;
    expect(challenger.events.error! / challenger.requests).to.be.closeTo(0.2, 0.02);
    expect(champion.events.error! / champion.requests).to.be.closeTo(0.005, 0.002);
    expect(challenger.requests).to.be.within(100, 450);
    expect(Date.now() - Date.parse(reading.measuredAt!)).to.be.lessThan(60_000);
  });

  it('trips the absolute limit on the challenger alone', async () => {
    const judge = (limit: number) => judgeMetricsBreaker({ ...window, metrics: source, limit, now: later(0) });
    const over = await judge(0.02);
    expect(over).to.deep.include({ gate: 'error limit (monitoring)', verdict: 'fail' });
    expect(over.reason).to.contain('requests counted as keys');
    expect((await judge(0.5)).verdict).to.equal('pass');
  });

  it('is unmeasured where a model does not show, or where the data is old', async () => {
    const judge = (over: object) =>
      judgeMetricsBreaker({ ...window, metrics: source, limit: 0.02, now: later(0), ...over });
    const other = await judge({ model: 'other' });
    expect(other).to.deep.include({ verdict: 'unmeasured', reason: 'no gateway of other shows in the monitoring' });
    const old = await judge({ windowMilliseconds: 900_000, now: later(400_000) });
    expect(old.verdict).to.equal('unmeasured');
    expect(old.reason).to.match(/was read \d+ s ago, limit 300 s/);
    const gone = await judge({ now: later(3_600_000) });
    expect(gone.verdict).to.equal('unmeasured');
  });

  it('says no in the words of the server, and is unmeasured when it is away', async () => {
    const api = new PrometheusApi({ address: prometheus.address, token: null });
    const refused = await api.query({ query: 'sum(', at: later(0) }).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(PortError);
    expect((refused as PortError).type).to.equal('InvalidInput');
    expect((refused as PortError).message).to.contain('parse error');
    await prometheus.stop();
    const verdict = await judgeMetricsBreaker({ ...window, metrics: source, limit: 0.02, now: later(0) });
    expect(verdict).to.deep.include({ verdict: 'unmeasured', n: 0, value: null });
    expect(verdict.reason).to.contain("can't be asked");
  });
});
