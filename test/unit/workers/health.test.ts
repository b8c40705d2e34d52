import { expect } from 'chai';
import { readWorkerHealthPort } from '../../../src/config/worker-health.js';
import { serveHealth, type WorkerHealth } from '../../../src/workers/health.js';

describe('the health of a worker', () => {
  let stopped: string[];
  let health: WorkerHealth;
  beforeEach(async () => {
    stopped = [];
    health = await serveHealth({ host: '127.0.0.1', port: 0, stopped: () => stopped });
  });
  afterEach(() => health.close());
  const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${health.port}${path}`, { method });

  it('is good while every worker polls, and names the queues of those that do not', async () => {
    expect((await ask('/healthz')).status).to.equal(200);
    stopped = ['traffic'];
    const bad = await ask('/healthz');
    expect(bad.status).to.equal(503);
    expect(await bad.json()).to.deep.equal({ status: 'stopped', queues: ['traffic'] });
  });

  it('answers nothing else', async () => {
    expect((await ask('/')).status).to.equal(404);
    expect((await ask('/healthz', 'POST')).status).to.equal(404);
  });

  it('is asked on the port that is named, if any', () => {
    expect(readWorkerHealthPort({ environment: {} })).to.equal(null);
    expect(readWorkerHealthPort({ environment: { WORKER_HEALTH_PORT: '8081' } })).to.equal(8081);
    expect(() => readWorkerHealthPort({ environment: { WORKER_HEALTH_PORT: '70000' } })).to.throw(/WORKER_HEALTH_PORT/);
  });
});
