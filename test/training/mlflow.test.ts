import { createServer, connect, type Server, type Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { execa } from 'execa';
import getPort from 'get-port';
import {
  findTools,
  prepareTraining,
  readResult,
  removeTrainings,
  startTraining,
  upTo,
  waitForStep,
  type Tools,
} from './support.js';

/** A TCP way to MLflow that can be closed: connections then break and new ones are refused. */
class Road {
  private server: Server | null = null;
  private readonly open = new Set<Socket>();
  constructor(
    private readonly target: number,
    readonly port: number,
  ) {}

  async build(): Promise<void> {
    const server = createServer((incoming) => {
      const outgoing = connect(this.target, '127.0.0.1');
      for (const [one, other] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        this.open.add(one);
        one.on('error', () => other.destroy()).on('close', () => this.open.delete(one));
        one.pipe(other);
      }
    });
    await new Promise<void>((ready) => server.listen(this.port, '127.0.0.1', ready));
    this.server = server;
  }

  async cut(): Promise<void> {
    const server = this.server;
    this.server = null;
    for (const socket of this.open) socket.destroy();
    if (server) await new Promise<void>((closed) => server.close(() => closed()));
  }
}

describe('metrics in MLflow', function () {
  this.timeout(400_000);
  let tools: Tools;
  let stopServer: () => Promise<void>;
  let folder: string;
  let road: Road;
  let address: string;

  before(async () => {
    tools = await findTools();
    folder = await mkdtemp(join(tmpdir(), 'understudy-mlflow-'));
    const port = await getPort();
    const server = execa(
      tools.mlflow,
      ['server', '--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`, '--host', '127.0.0.1'].concat([
        '--artifacts-destination',
        join(folder, 'artifacts'),
        '--port',
        String(port),
        '--workers',
        '1',
      ]),
      {
        env: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' },
        stdio: 'ignore',
        reject: false,
      },
    );
    stopServer = async () => {
      server.kill('SIGTERM');
      await server;
    };
    address = `http://127.0.0.1:${port}`;
    while (!(await fetch(`${address}/health`).catch(() => null))?.ok) await wait(100);
    road = new Road(port, await getPort());
  });

  after(async () => {
    await road.cut();
    await stopServer();
    await removeTrainings();
    await rm(folder, { recursive: true, force: true });
  });

  const call = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${address}/api/2.0/mlflow/${path}`, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };

  const stepsOf = async (runId: string, metric: string): Promise<number[]> => {
    const query = `metrics/get-history?run_id=${runId}&metric_key=${metric}`;
    const { metrics } = await call<{ metrics?: { step: number | string }[] }>(query);
    return (metrics ?? []).map(({ step }) => Number(step)).sort((a, b) => a - b);
  };

  it('wait while it is away, and hold every step once over a kill and an outage', async () => {
    const { run } = await call<{ run: { info: { run_id: string } } }>('runs/create', { experiment_id: '0' });
    const runId = run.info.run_id;
    const mlflow = { trackingUri: `http://127.0.0.1:${road.port}`, runId };
    const { config, output } = await prepareTraining(tools, { mlflow });

    await road.build();
    const first = startTraining(tools, config);
    await waitForStep(output, 10);
    while ((await stepsOf(runId, 'loss')).length === 0) await wait(20);
    first.kill('SIGKILL');
    await first;

    await road.cut();
    const second = startTraining(tools, config);
    await waitForStep(output, 20);
    await road.build();
    const { exitCode, stderr } = await second;
    expect(exitCode, stderr).to.equal(0);
    expect(stderr).to.contain('MLflow does not answer, metrics wait');
    expect(await readResult(output)).to.deep.include({ status: 'completed', mlflow: { pending: 0, failure: null } });
    for (const metric of ['loss', 'learningRate', 'gradientNorm']) {
      expect(await stepsOf(runId, metric), metric).to.deep.equal(upTo(24));
    }
    expect(await stepsOf(runId, 'validationLoss')).to.deep.equal([4, 8, 12, 16, 20, 24]);
  });

  it('are kept on disk when the run does not exist, and the training ends all the same', async () => {
    const mlflow = { trackingUri: address, runId: 'f'.repeat(32) };
    const { config, output } = await prepareTraining(tools, { mlflow, maxSteps: 3 });
    const { exitCode, stderr } = await startTraining(tools, config);
    expect(exitCode, stderr).to.equal(0);
    const result = await readResult(output);
    expect(result.status).to.equal('completed');
    expect(result.mlflow?.failure).to.match(/MLflow refused the metrics of run f{32}/);
  });
});
