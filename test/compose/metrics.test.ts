import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { execa } from 'execa';
import getPort from 'get-port';
import { parse } from 'yaml';
import { GatewayMetrics } from '../../src/gateway/gateway-metrics.js';
import { modelPython } from '../contract/support/model-tools.js';
import { findPrometheus } from '../support/prometheus-server.js';
import { localEnvironment } from '../support/temporal.js';
import { readText, root } from './support/compose-files.js';

const dashboards = 'infra/compose/grafana/dashboards';
const prometheus = 'infra/compose/prometheus';

interface Dashboard {
  uid: string;
  title: string;
  panels: { title: string; targets: { expr: string }[] }[];
  templating: { list: { query: string }[] };
}

/** The series that an expression of PromQL names: words with an underscore or colon that are no function and no label. */
const seriesOf = (expression: string): string[] => {
  const bare = expression
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '')
    .replaceAll(/"[^"]*"/g, '');
  return [...bare.matchAll(/\b(?:understudy|temporal|process|nodejs|up|vllm)[\w:]*/g)].map(([name]) => name);
};

describe('dashboards and alert rules', function () {
  this.timeout(120_000);
  let shown: Dashboard[];
  let asked: { where: string; expression: string }[];

  before(async () => {
    const files = await readdir(join(root, dashboards));
    shown = await Promise.all(
      files.map(async (file) => JSON.parse(await readText(`${dashboards}/${file}`)) as Dashboard),
    );
    const { groups } = parse(await readText(`${prometheus}/rules.yaml`)) as {
      groups: { rules: { alert: string; expr: string }[] }[];
    };
    asked = [
      ...shown.flatMap(({ uid, panels, templating }) => [
        ...panels.flatMap(({ title, targets }) =>
          targets.map(({ expr }) => ({ where: `${uid}: ${title}`, expression: expr })),
        ),
        ...templating.list.map(({ query }) => ({ where: `${uid}: variable`, expression: query })),
      ]),
      ...groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => ({ where: alert, expression: expr }))),
    ];
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

  it('ask only for what a worker exposes', async () => {
    let environment: TestWorkflowEnvironment | null = null;
    try {
      environment = await localEnvironment();
      const place = `127.0.0.1:${await getPort()}`;
      const worker = join(root, 'test/compose/support/measured-worker.ts');
      const args = ['--import', 'tsx', worker, environment.address, place];
      const { stdout } = await execa('node', args, { cwd: root, timeout: 100_000 });
      const exposed = new Set(JSON.parse(stdout.trim().split('\n').at(-1)!) as string[]);
      expect(exposed).to.include('temporal_workflow_completed_total');
      expectExposed(/^temporal_/, exposed);
    } finally {
      await environment?.teardown();
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
    const cwd = join(root, prometheus);
    for (const args of [
      ['check', 'config', 'prometheus.yaml'],
      ['check', 'rules', 'rules.yaml'],
      ['test', 'rules', 'rules.test.yaml'],
    ]) {
      const { exitCode, stdout, stderr } = await execa(promtool, args, { cwd, reject: false });
      expect(exitCode, stdout + stderr).to.equal(0);
    }
    const { groups } = parse(await readText(`${prometheus}/rules.yaml`)) as { groups: { name: string }[] };
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
    const config = parse(await readText(`${prometheus}/prometheus.yaml`)) as {
      scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[];
    };
    const jobs = config.scrape_configs.map(({ job_name: job }) => job);
    for (const { where, expression } of asked)
      for (const [, job] of expression.matchAll(/job="(\w+)"/g)) expect(jobs, where).to.include(job);
  });
});
