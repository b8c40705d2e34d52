import { expect } from 'chai';
import { judgeMetricsBreaker } from '../../../src/activities/metrics-breaker.js';
import { PrometheusApi } from '../../../src/adapters/prometheus/prometheus-api.js';
import { PrometheusMetrics } from '../../../src/adapters/prometheus/prometheus-metrics.js';
import { reply, startScriptedServer } from '../../contract/support/scripted-server.js';

describe('a monitoring that repeats what it was sent', () => {
  it('tells a verdict why it can not be asked, and not the token', async () => {
    const server = await startScriptedServer(({ headers }, response) =>
      reply(response, { status: 401, body: `not allowed: ${headers.authorization}` }),
    );
    try {
      const api = new PrometheusApi({ address: server.url, token: 'planted-monitoring-token' });
      const metrics = new PrometheusMetrics({ api });
      const window = { model: 'm', fromRevision: 3, windowMilliseconds: 60_000, limit: 0.02 };
      const { verdict, reason } = await judgeMetricsBreaker({ ...window, metrics, now: new Date().toISOString() });
      expect(verdict).to.equal('unmeasured');
      expect(reason).to.contain('not allowed: Bearer (secret)').and.not.to.contain('planted');
    } finally {
      await server.close();
    }
  });
});
