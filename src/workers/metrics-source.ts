import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { MetricsSource } from '../activities/metrics-source-port.js';
import { CloudWatchMetrics } from '../adapters/cloudwatch-telemetry/cloudwatch-metrics.js';
import { PrometheusApi } from '../adapters/prometheus/prometheus-api.js';
import { PrometheusMetrics } from '../adapters/prometheus/prometheus-metrics.js';
import type { WorkerSettings } from '../config/worker-settings.js';

/**
 * The monitoring system that absolute limits are judged by too; null where none is named.
 * @throws Error where two are.
 */
export function metricsSource({
  prometheus,
  cloudWatchNamespace,
}: Pick<WorkerSettings, 'prometheus' | 'cloudWatchNamespace'>): MetricsSource | null {
  if (prometheus !== null && cloudWatchNamespace !== null)
    throw new Error(
      'PROMETHEUS_URL and CLOUDWATCH_NAMESPACE are both set: one monitoring system is asked; unset the other',
    );
  if (prometheus !== null) {
    const { address, token } = prometheus;
    return new PrometheusMetrics({ api: new PrometheusApi({ address, token: token?.reveal() ?? null }) });
  }
  if (cloudWatchNamespace === null) return null;
  return new CloudWatchMetrics({ client: new CloudWatchClient({ maxAttempts: 1 }), namespace: cloudWatchNamespace });
}
