import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { parse } from 'yaml';
import { GatewayMetrics } from '../../src/gateway/gateway-metrics.js';
import { modelPython } from '../contract/support/model-tools.js';
import { findPrometheus, startPrometheus } from '../support/prometheus-server.js';
import { type Asked, type Dashboard, prometheusFolder, readAsked, readDashboards } from './support/asked.js';
import { readText, root } from './support/compose-files.js';
import { busyGateway, expose, grown, happen, quietModel, seriesIn, workerExposition } from './support/exposed.js';

/** The series that an expression of PromQL names: words with an underscore or colon that are no function and no label. */
const seriesOf = (expression: string): string[] => {
  const bare = expression
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '')
    .replaceAll(/"[^"]*"/g, '');
  return [...bare.matchAll(/\b(?:understudy|temporal|process|nodejs|up|vllm)[\w:]*/g)].map(([name]) => name);
};

interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

async function ask({ address, query }: { address: string; query: string }): Promise<Sample[]> {
  const answer = await fetch(`${address}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data, error } = (await answer.json()) as { data?: { result: Sample[] }; error?: string };
  if (data === undefined) throw new Error(`${query}: ${error}`);
  return data.result;
}

/** What Prometheus lacks to answer with a number under every label that is named; null where it lacks nothing. */
async function whatIsMissing({
  address,
  where,
  expression,
  labels,
}: Asked & { address: string }): Promise<string | null> {
  // An alert's data is there whether it is over its limit or not.
  const query = expression
    .trim()
    .replace(/^label_values\((\w+), \w+\)$/, '$1')
    .replace(/^absent\((.*)\)$/s, '$1')
    .replace(/\s(?:==|>)\s[\d.]+$/, '')
    .replaceAll('$model', '.+');
  const samples = await ask({ address, query });
  const [first] = samples.filter(({ value }) => Number.isFinite(Number(value[1])));
  if (first === undefined) return `${where}: ${samples.length === 0 ? 'no data' : 'no number'}`;
  const absent = labels.filter((label) => !Object.hasOwn(first.metric, label));
  return absent.length === 0 ? null : `${where}: no label ${absent.join(', ')}`;
}

describe('dashboards and alert rules', function () {
  this.timeout(120_000);
  let shown: Dashboard[];
  let asked: Asked[];
  let worker: string;

  before(async () => {
    [shown, asked, worker] = await Promise.all([readDashboards(), readAsked(), workerExposition()]);
    expect(asked).to.have.length.above(40);
    for (const { where, expression } of asked) expect(seriesOf(expression), where).to.have.length.above(0);
  });

  /** Fails for each series of ours, or of `prefix`, that is asked for and not among `exposed`. */
  const expectExposed = (prefix: RegExp, exposed: ReadonlySet<string>): void => {
    const missing = asked.flatMap(({ where, expression }) =>
      seriesOf(expression)
        .filter((name) => prefix.test(name) && !exposed.has(name))
        .map((name) => `${where}: ${name}`),
    );
    expect(missing).to.deep.equal([]);
  };

  it('ask only for what a gateway exposes', async () => {
    const { registry } = new GatewayMetrics({ states: () => [], clock: Date.now });
    const exposed = (await registry.getMetricsAsJSON()).flatMap(({ name, type }) =>
      String(type) === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`) : [name],
    );
    expectExposed(/^(?:understudy|process|nodejs)_/, new Set(exposed));
  });

  it('ask only for what a worker exposes', () => {
    const exposed = seriesIn(worker);
    expect(exposed).to.include('temporal_workflow_completed_total');
    expectExposed(/^temporal_/, exposed);
  });

  it('are answered by Prometheus from what gateway, worker and vLLM show, with every label that they name', async function () {
    const command = await findPrometheus();
    if (command === null) {
      process.stderr.write('NO PROMETHEUS HERE: the panels are not tried\n');
      return this.skip();
    }
    const vllm = await readText('test/fixtures/compose/vllm-metrics.txt');
    const gateway = busyGateway();
    const looks = { worker: 0, vllm: 0 };
    const recorded = (job: keyof typeof looks, exposition: string) => () => {
      looks[job] += 1;
      return Promise.resolve({ type: 'text/plain', text: grown({ exposition, times: looks[job] }) });
    };
    const server = await expose({
      '/gateway': async () => {
        happen(gateway);
        return { type: gateway.registry.contentType, text: await gateway.registry.metrics() };
      },
      '/worker': recorded('worker', worker),
      '/vllm': recorded('vllm', vllm),
    });
    const paths = { gateway: '/gateway', worker: '/worker', vllm: '/vllm' };
    const { address, stop } = await startPrometheus({ command, target: server.target, paths });
    try {
      const unanswered = async (): Promise<string[]> => {
        const told = await Promise.all(asked.map((one) => whatIsMissing({ address, ...one })));
        return told.filter((one) => one !== null);
      };
      const until = Date.now() + 40_000;
      let missing = await unanswered();
      while (missing.length > 0 && Date.now() < until) {
        await new Promise((done) => setTimeout(done, 500));
        missing = await unanswered();
      }
      expect(missing).to.deep.equal([]);
      const rates = asked.filter(({ expression }) => /event="(?!request)\w+"\}\[5m\]\)\) or 0/.test(expression));
      expect(rates).to.have.length(4);
      for (const { where, expression } of rates) {
        const [calm] = await ask({ address, query: expression.replaceAll('$model', quietModel) });
        expect(calm?.value[1], `${where}: nothing went wrong, which is no missing data`).to.equal('0');
      }
    } finally {
      await stop();
      await server.stop();
    }
  });

  it('ask only for what vLLM exposes', async function () {
    const environment = dirname(dirname(await modelPython()));
    const [python] = (await readdir(join(environment, 'lib'))).filter((name) => name.startsWith('python'));
    const code = join(environment, 'lib', python!, 'site-packages', 'vllm', 'v1', 'metrics', 'loggers.py');
    if (!existsSync(code)) {
      process.stderr.write('NO VLLM HERE: the names of its metrics are not checked\n');
      return this.skip();
    }
    const names = [...(await readFile(code, 'utf8')).matchAll(/"(vllm:\w+)"/g)].map(([, name]) => name!);
    expect(names).to.have.length.above(20);
    expectExposed(
      /^vllm:/,
      new Set(names.flatMap((name) => ['', '_total', '_bucket'].map((suffix) => `${name}${suffix}`))),
    );
  });

  it('are taken by promtool, and alert when they should', async function () {
    const command = await findPrometheus();
    const promtool = command === null ? null : join(dirname(command), 'promtool');
    if (promtool === null || !existsSync(promtool)) {
      process.stderr.write('NO PROMTOOL HERE: the alert rules are not tried\n');
      return this.skip();
    }
    const cwd = join(root, prometheusFolder);
    for (const args of [
      ['check', 'config', 'prometheus.yaml'],
      ['check', 'rules', 'rules.yaml'],
      ['test', 'rules', 'rules.test.yaml'],
    ]) {
      const { exitCode, stdout, stderr } = await execa(promtool, args, { cwd, reject: false });
      expect(exitCode, stdout + stderr).to.equal(0);
    }
    const { groups } = parse(await readText(`${prometheusFolder}/rules.yaml`)) as { groups: { name: string }[] };
    expect(groups.map(({ name }) => name)).to.deep.equal(['gateway', 'worker', 'vllm']);
    // Prometheus itself parses what the panels ask, in the place of a rule.
    const rules = asked.flatMap(({ expression }, index) =>
      expression.startsWith('label_values')
        ? []
        : [{ record: `asked:${index}`, expr: expression.replaceAll('$model', 'm') }],
    );
    const folder = await mkdtemp(join(tmpdir(), 'panels-'));
    try {
      await writeFile(join(folder, 'panels.json'), JSON.stringify({ groups: [{ name: 'panels', rules }] }));
      const parsed = await execa(promtool, ['check', 'rules', 'panels.json'], { cwd: folder, reject: false });
      expect(parsed.exitCode, parsed.stdout + parsed.stderr).to.equal(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('have names of their own, and the source that Grafana is given', async () => {
    expect(new Set(shown.map(({ uid }) => uid)).size).to.equal(shown.length);
    const given = parse(await readText('infra/compose/grafana/provisioning/datasources/prometheus.yaml')) as {
      datasources: { uid: string; url: string }[];
    };
    for (const one of shown) expect(JSON.stringify(one)).to.contain(`"uid":"${given.datasources[0]!.uid}"`);
    const config = parse(await readText(`${prometheusFolder}/prometheus.yaml`)) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const jobs = config.scrape_configs.map(({ job_name: job }) => job);
    for (const { where, expression } of asked)
      for (const [, job] of expression.matchAll(/job="(\w+)"/g)) expect(jobs, where).to.include(job);
  });
});
