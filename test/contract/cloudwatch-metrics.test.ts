import { CloudWatchClient, PutMetricDataCommand, type MetricDatum } from '@aws-sdk/client-cloudwatch';
import { expect } from 'chai';
import { judgeMetricsBreaker } from '../../src/activities/metrics-breaker.js';
import { CloudWatchMetrics } from '../../src/adapters/cloudwatch-telemetry/cloudwatch-metrics.js';
import { startMoto } from '../support/moto-server.js';
import { expectPortError } from './support/expect-port-error.js';

const namespace = 'Understudy/Gateway';
const model = 'support "assistant"';
const minute = 60_000;
/** Halfway through a minute that lies back, so that no test depends on the clock's own. */
const now = new Date(Math.floor(Date.now() / minute) * minute - 10 * minute + 30_000);
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * minute);
const window = { model, fromRevision: 3, windowMilliseconds: 10 * minute, now: now.toISOString() };
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe('CloudWatch, as moto plays it', function () {
  this.timeout(60_000);
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: CloudWatchClient;
  before(async () => {
    moto = await startMoto();
    client = new CloudWatchClient({ endpoint: moto.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
  });
  after(async () => {
    client?.destroy();
    await moto?.stop();
  });
  // moto does not tell namespaces apart where dimensions are named.
  beforeEach(() => fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' }));

  const source = (freshMilliseconds = 0) => new CloudWatchMetrics({ client, namespace, freshMilliseconds });
  const put = (...data: MetricDatum[]) =>
    client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: data }));
  const datum = (name: string, labels: Record<string, string>, value: number, at: Date): MetricDatum => ({
    MetricName: `understudy_gateway_${name}`,
    Dimensions: Object.entries(labels).map(([Name, Value]) => ({ Name, Value })),
    Value: value,
    Timestamp: at,
  });
  const rise = ({
    arm = 'challenger',
    event = 'request',
    revision = 3,
    of = model,
    value,
    at = ago(2),
  }: {
    arm?: string;
    event?: string;
    revision?: number;
    of?: string;
    value: number;
    at?: Date;
  }): MetricDatum => datum('events_total', { model: of, arm, event, revision: String(revision) }, value, at);
  const look = ({ pod, at }: { pod: string; at: Date }): MetricDatum =>
    datum('plan_age_seconds', { model, pod }, 1, at);

  it('adds up what happened within the window, from the wanted revision on', async () => {
    await put(
      rise({ value: 60, at: ago(8) }),
      rise({ value: 40, at: ago(1) }),
      rise({ value: 7, revision: 4 }),
      rise({ value: 20, event: 'error' }),
      rise({ value: 900, arm: 'champion' }),
      rise({ value: 500, revision: 2 }),
      rise({ value: 500, of: 'other' }),
      rise({ value: 500, at: ago(25) }),
    );
    expect((await source().read(window)).arms).to.deep.equal({
      challenger: { requests: 107, events: { error: 20 } },
      champion: { requests: 900, events: {} },
    });
  });

  it('leaves out series with other dimensions, which hold the same events once more', async () => {
    const labels = { model, arm: 'challenger', event: 'request', revision: '3' };
    await put(
      rise({ value: 5 }),
      datum('events_total', { ...labels, pod: 'gateway-1' }, 5, ago(2)),
      datum('events_total', { model, event: 'request' }, 5, ago(2)),
    );
    expect((await source().read(window)).arms.challenger.requests).to.equal(5);
  });

  it('is as old as the gateway that was looked at longest ago', async () => {
    await put(
      look({ pod: 'gateway-1', at: ago(1) }),
      look({ pod: 'gateway-2', at: ago(6) }),
      look({ pod: 'gateway-2', at: ago(4) }),
    );
    const { measuredAt } = await source().read(window);
    expect(Date.parse(measuredAt!)).to.be.within(ago(5).getTime(), ago(4).getTime());
    expect((await source().read({ ...window, model: 'other' })).measuredAt).to.equal(null);
  });

  it('trips the absolute limit on the challenger alone, and is unmeasured where nothing shows or all is old', async () => {
    await put(
      look({ pod: 'gateway-1', at: ago(1) }),
      rise({ value: 200 }),
      rise({ value: 40, event: 'error' }),
      rise({ value: 800, arm: 'champion' }),
      rise({ value: 4, event: 'error', arm: 'champion' }),
    );
    const judge = (over: object) => judgeMetricsBreaker({ ...window, metrics: source(), limit: 0.02, ...over });
    expect(await judge({})).to.deep.include({ gate: 'error limit (monitoring)', verdict: 'fail', n: 200, value: 0.2 });
    expect((await judge({ limit: 0.5 })).verdict).to.equal('pass');
    expect((await judge({ model: 'other' })).verdict).to.equal('unmeasured');
    const later = new Date(now.getTime() + 7 * minute).toISOString();
    expect((await judge({ now: later })).reason).to.match(/was read \d+ s ago, limit 300 s/);
  });

  it('asks for more series than one question takes', async () => {
    const all = Array.from({ length: 620 }, (_, index) => rise({ value: 1, revision: 3 + index }));
    for (let from = 0; from < all.length; from += 200) await put(...all.slice(from, from + 200));
    expect((await source().read(window)).arms.challenger.requests).to.equal(620);
  });

  it('gives a fresh reading again, since each costs money', async () => {
    const metrics = source(minute);
    await put(rise({ value: 1 }));
    const at = (seconds: number) => ({ ...window, now: new Date(now.getTime() + seconds * 1000).toISOString() });
    expect((await metrics.read(at(0))).arms.challenger.requests).to.equal(1);
    await put(rise({ value: 1, at: ago(1) }));
    expect((await metrics.read(at(20))).arms.challenger.requests).to.equal(1);
    expect((await metrics.read(at(61))).arms.challenger.requests).to.equal(2);
  });

  it('says no in the words of the closed list', async () => {
    const failing = (over: object) =>
      new CloudWatchMetrics({
        client: new CloudWatchClient({ region: 'eu-central-1', credentials, maxAttempts: 1, ...over }),
        namespace,
      });
    await expectPortError(failing({ endpoint: 'http://127.0.0.1:1' }).read(window), 'Unavailable', namespace);
    const nobody = failing({ endpoint: moto.endpoint, credentials: () => Promise.reject(noCredentials()) });
    await expectPortError(nobody.read(window), 'Unauthorised', 'give the process a role');
  });
});

const noCredentials = (): Error =>
  Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' });
