import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect } from 'chai';
import { questionsOf } from '../../src/adapters/kubernetes/autoscaler.js';
import { findPrometheus } from '../support/prometheus-server.js';

const { waiting, asked } = questionsOf({ name: 'vllm-a', namespace: 'understudy', releases: ['m.x-r1', 'm.x-r2'] });
const event = (release: string, values: string) => ({
  series: `understudy_gateway_events_total{event="request",release="${release}",model="m.x"}`,
  values,
});
const ours = '{namespace="understudy",pod="vllm-a-7f-x"}';
const others = '{namespace="understudy",pod="vllm-b-7f-x"}';

/** What Prometheus 10 minutes later answers to both, from series of one sample a minute. */
const cases: { name: string; series: { series: string; values: string }[]; waiting: number; asked: number }[] = [
  { name: 'nothing was ever measured', series: [], waiting: 0, asked: 0 },
  { name: 'nobody asked for long', series: [event('m.x-r1', '5x20')], waiting: 0, asked: 0 },
  { name: 'the first question of all', series: [event('m.x-r2', '_x9 1x10')], waiting: 0, asked: 1 },
  { name: 'others are asked', series: [event('mxx-r1', '0+3x20'), event('m.x-r3', '0+3x20')], waiting: 0, asked: 0 },
  {
    name: 'users ask, and some wait',
    series: [event('m.x-r1', '0+3x20'), { series: `vllm:num_requests_waiting${ours}`, values: '7x20' }],
    waiting: 7,
    asked: 6,
  },
  {
    name: 'a worker asks the pods themselves',
    series: [
      { series: `vllm:request_success_total${ours}`, values: '0+2x20' },
      { series: `vllm:num_requests_running${ours}`, values: '1x20' },
      { series: `vllm:num_requests_running${others}`, values: '9x20' },
    ],
    waiting: 0,
    asked: 5,
  },
];

describe('what KEDA asks Prometheus about a pool', function () {
  this.timeout(60_000);

  it('is answered with a number, whatever was measured', async function () {
    const command = await findPrometheus();
    const promtool = command === null ? null : join(dirname(command), 'promtool');
    if (promtool === null || !existsSync(promtool)) {
      process.stderr.write('NO PROMTOOL HERE: what KEDA asks is not tried\n');
      return this.skip();
    }
    const folder = await mkdtemp(join(tmpdir(), 'pool-questions-'));
    const answer = (expression: string, value: number) => ({
      expr: expression,
      eval_time: '10m',
      exp_samples: [{ labels: '{}', value }],
    });
    const tests = cases.map((one) => ({
      interval: '1m',
      input_series: one.series,
      promql_expr_test: [answer(waiting, one.waiting), answer(asked, one.asked)],
    }));
    await writeFile(join(folder, 'questions.json'), JSON.stringify({ rule_files: [], tests }));
    const told = await execa(promtool, ['test', 'rules', 'questions.json'], { cwd: folder, reject: false });
    await rm(folder, { recursive: true });
    expect(told.exitCode, told.stdout + told.stderr).to.equal(0);
  });
});
