import type { ArmRates, MetricsReading, MetricsSource } from '../../activities/metrics-source-port.js';
import type { Arm } from '../../domain/rollout/traffic-plan.js';
import { quoted, type PrometheusApi, type Sample } from './prometheus-api.js';

const eventsMetric = 'understudy_gateway_events_total';

/** Prometheus forgets a series after five minutes without a sample; a window asks back at least that far for its age. */
const shortestWindowSeconds = 300;

/**
 * What the gateways' own metrics (`/metrics`, scraped by Prometheus) say of a model. `increase` extrapolates to the
 * window's ends, so that counts are no whole numbers; a series that is new within the window lacks its first sample.
 */
export class PrometheusMetrics implements MetricsSource {
  readonly #api: PrometheusApi;

  constructor({ api }: { api: PrometheusApi }) {
    this.#api = api;
  }

  async read({
    model,
    fromRevision,
    windowMilliseconds,
    now,
  }: {
    model: string;
    fromRevision: number;
    windowMilliseconds: number;
    now: string;
  }): Promise<MetricsReading> {
    const series = `${eventsMetric}{model=${quoted(model)}}`;
    const window = `${Math.max(1, Math.round(windowMilliseconds / 1000))}s`;
    const ageWindow = `${Math.max(shortestWindowSeconds, Math.round(windowMilliseconds / 1000))}s`;
    const [counted, measured] = await Promise.all([
      this.#api.query({ query: `sum by (arm, event, revision) (increase(${series}[${window}]))`, at: now }),
      this.#api.query({
        query: `min(max by (instance) (max_over_time(timestamp(${series})[${ageWindow}:15s])))`,
        at: now,
      }),
    ]);
    const ours = counted.filter(({ labels }) => Number(labels.revision) >= fromRevision);
    return {
      arms: { champion: ratesOf(ours, 'champion'), challenger: ratesOf(ours, 'challenger') },
      measuredAt: latestOf(measured),
    };
  }
}

function ratesOf(samples: readonly Sample[], arm: Arm): ArmRates {
  const events: Record<string, number> = {};
  for (const { labels, value } of samples)
    if (labels.arm === arm && labels.event !== undefined && Number.isFinite(value))
      events[labels.event] = (events[labels.event] ?? 0) + value;
  const { request = 0, ...others } = events;
  return { requests: request, events: others };
}

function latestOf([sample]: readonly Sample[]): string | null {
  return sample && Number.isFinite(sample.value) ? new Date(sample.value * 1000).toISOString() : null;
}
