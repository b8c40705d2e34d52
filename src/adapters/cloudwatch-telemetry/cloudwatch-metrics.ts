import {
  type CloudWatchClient,
  type Dimension,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import type { ArmRates, MetricsReading, MetricsSource } from '../../activities/metrics-source-port.js';
import type { Arm } from '../../domain/rollout/traffic-plan.js';
import { awsFailure } from '../aws/aws-failure.js';

const eventsMetric = 'understudy_gateway_events_total';
/** A gauge that each gateway has for each model: where it shows, that gateway was read. */
const gatewayMetric = 'understudy_gateway_plan_age_seconds';

const periodSeconds = 60;
/** Figures of CloudWatch are a minute old at best; a window asks back at least that far for their age. */
const shortestWindowSeconds = 300;
/** GetMetricData takes so many at once. */
const queriesAtOnce = 500;

interface Series {
  metric: string;
  dimensions: Dimension[];
  labels: Readonly<Record<string, string>>;
}

/**
 * What CloudWatch says of a model, where the CloudWatch agent reads the gateways' `/metrics`: it sends the rise of a
 * counter since its last look, so that a sum over a window is a count. The events are to have exactly the dimensions
 * model, arm, event and revision, the gauge model and pod (infra/kubernetes/monitoring.ts).
 *
 * A reading costs money by the series and changes once a minute, so one that is younger than `freshMilliseconds` is
 * given again.
 */
export class CloudWatchMetrics implements MetricsSource {
  readonly #client: CloudWatchClient;
  readonly #namespace: string;
  readonly #freshMilliseconds: number;
  readonly #latest = new Map<string, { at: number; reading: MetricsReading }>();

  /** `client` without retries of its own: whoever watches asks again. */
  constructor({
    client,
    namespace,
    freshMilliseconds = periodSeconds * 1000,
  }: {
    client: CloudWatchClient;
    namespace: string;
    freshMilliseconds?: number;
  }) {
    this.#client = client;
    this.#namespace = namespace;
    this.#freshMilliseconds = freshMilliseconds;
  }

  async read({ now, ...wanted }: Parameters<MetricsSource['read']>[0]): Promise<MetricsReading> {
    const key = JSON.stringify(wanted);
    const known = this.#latest.get(key);
    const at = Date.parse(now);
    if (known && at - known.at >= 0 && at - known.at < this.#freshMilliseconds) return known.reading;
    const reading = await this.#ask({ ...wanted, at });
    this.#latest.clear();
    this.#latest.set(key, { at, reading });
    return reading;
  }

  async #ask({
    model,
    fromRevision,
    windowMilliseconds,
    at,
  }: {
    model: string;
    fromRevision: number;
    windowMilliseconds: number;
    at: number;
  }): Promise<MetricsReading> {
    try {
      const [events, gateways] = await Promise.all([
        this.#series({ metric: eventsMetric, model, names: ['arm', 'event', 'model', 'revision'] }),
        this.#series({ metric: gatewayMetric, model, names: ['model', 'pod'] }),
      ]);
      const ours = events.filter(({ labels }) => Number(labels.revision) >= fromRevision);
      const windowSeconds = Math.max(periodSeconds, Math.round(windowMilliseconds / 1000));
      const [sums, looks] = await Promise.all([
        this.#data({ series: ours, statistic: 'Sum', windowSeconds, at }),
        this.#data({
          series: gateways,
          statistic: 'SampleCount',
          windowSeconds: Math.max(shortestWindowSeconds, windowSeconds),
          at,
        }),
      ]);
      const counted = ours.map(({ labels }, index) => ({ labels, value: total(sums[index]) }));
      return {
        arms: { champion: ratesOf(counted, 'champion'), challenger: ratesOf(counted, 'challenger') },
        measuredAt: oldestOf(looks),
      };
    } catch (error) {
      throw awsFailure({ what: `CloudWatch namespace ${this.#namespace}`, error });
    }
  }

  /** The series of a metric that have exactly these dimensions: wider or narrower ones would be counted twice. */
  async #series({ metric, model, names }: { metric: string; model: string; names: readonly string[] }) {
    // By what tells series apart: pages of a list that grows meanwhile may show one twice.
    const found = new Map<string, Series>();
    const pages = paginateListMetrics(
      { client: this.#client },
      { Namespace: this.#namespace, MetricName: metric, Dimensions: [{ Name: 'model', Value: model }] },
    );
    for await (const { Metrics } of pages)
      for (const { Dimensions: dimensions = [] } of Metrics ?? []) {
        const labels = Object.fromEntries(dimensions.map(({ Name, Value }) => [Name!, Value!]));
        const isExact = Object.keys(labels).sort().join() === names.join();
        if (isExact) found.set(JSON.stringify(names.map((name) => labels[name])), { metric, dimensions, labels });
      }
    return [...found.values()];
  }

  /** What each series has, in their order. */
  async #data({
    series,
    statistic,
    windowSeconds,
    at,
  }: {
    series: readonly Series[];
    statistic: 'Sum' | 'SampleCount';
    windowSeconds: number;
    at: number;
  }): Promise<MetricDataResult[][]> {
    const queries = series.map(({ metric, dimensions }, index): MetricDataQuery => ({
      Id: `s${index}`,
      MetricStat: {
        Metric: { Namespace: this.#namespace, MetricName: metric, Dimensions: dimensions },
        Period: periodSeconds,
        Stat: statistic,
      },
    }));
    const results: MetricDataResult[][] = series.map(() => []);
    for (let from = 0; from < queries.length; from += queriesAtOnce) {
      let token: string | undefined;
      do {
        const answer = await this.#client.send(
          new GetMetricDataCommand({
            StartTime: new Date(at - windowSeconds * 1000),
            EndTime: new Date(at),
            MetricDataQueries: queries.slice(from, from + queriesAtOnce),
            NextToken: token,
          }),
        );
        for (const result of answer.MetricDataResults ?? []) results[Number(result.Id!.slice(1))]!.push(result);
        token = answer.NextToken;
      } while (token !== undefined);
    }
    return results;
  }
}

const total = (results: readonly MetricDataResult[] = []): number =>
  results.flatMap(({ Values }) => Values ?? []).reduce((sum, value) => sum + value, 0);

function ratesOf(counted: readonly { labels: Readonly<Record<string, string>>; value: number }[], arm: Arm): ArmRates {
  const events: Record<string, number> = {};
  for (const { labels, value } of counted)
    if (labels.arm === arm && labels.event !== undefined) events[labels.event] = (events[labels.event] ?? 0) + value;
  const { request = 0, ...others } = events;
  return { requests: request, events: others };
}

/** When the gateway that was looked at longest ago was looked at last: the beginning of that minute. */
function oldestOf(looks: readonly (readonly MetricDataResult[])[]): string | null {
  const latest = looks.flatMap((results) => {
    const times = results.flatMap(({ Timestamps }) => Timestamps ?? []).map((time) => time.getTime());
    return times.length === 0 ? [] : [Math.max(...times)];
  });
  return latest.length === 0 ? null : new Date(Math.min(...latest)).toISOString();
}
