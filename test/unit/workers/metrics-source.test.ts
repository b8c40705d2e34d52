import { expect } from 'chai';
import { CloudWatchMetrics } from '../../../src/adapters/cloudwatch-telemetry/cloudwatch-metrics.js';
import { PrometheusMetrics } from '../../../src/adapters/prometheus/prometheus-metrics.js';
import { metricsSource } from '../../../src/workers/metrics-source.js';

const prometheus = { address: 'http://127.0.0.1:9090', token: null };
const cloudWatchNamespace = 'Understudy/Gateway';

describe('the monitoring system of a worker', () => {
  it('is the one that is named, and none where none is', () => {
    expect(metricsSource({ prometheus, cloudWatchNamespace: null })).to.be.instanceOf(PrometheusMetrics);
    expect(metricsSource({ prometheus: null, cloudWatchNamespace })).to.be.instanceOf(CloudWatchMetrics);
    expect(metricsSource({ prometheus: null, cloudWatchNamespace: null })).to.equal(null);
  });

  it('is not two', () => {
    expect(() => metricsSource({ prometheus, cloudWatchNamespace })).to.throw(/are both set.*unset the other/);
  });
});
