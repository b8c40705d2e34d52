import { expect } from 'chai';
import type { CanaryFigures } from '../../../src/domain/simulation/canary-figures.js';
import { runLine } from './run-line.js';

type Printed = { ok: boolean; runs: number; scenarios: CanaryFigures[] };
const simulate = (...line: string[]) => runLine(['simulate', 'canary', ...line, '--threads', '2']);

describe('simulate canary', function () {
  this.timeout(180_000);

  it('prints the same figures for the same seed, however many threads there are', async () => {
    const line = ['plain', 'triple-errors', '--runs', '250', '--seed', '7', '--json'];
    const two = await simulate(...line);
    const one = await runLine(['simulate', 'canary', ...line, '--threads', '1']);
    expect(two.code, two.stderr).to.equal(0);
    expect(one.stdout).to.equal(two.stdout);
    const { ok, runs, scenarios } = two.json<Printed>();
    expect({ ok, runs }).to.deep.equal({ ok: true, runs: 250 });
    expect(scenarios.map(({ scenario }) => scenario)).to.deep.equal(['plain', 'triple-errors']);
    expect(scenarios[0]!.found).to.equal(null);
    expect(scenarios[1]!.found!.share).to.be.greaterThan(0.98);
    expect((await simulate('--runs', '250', '--seed', '8', '--json')).stdout).not.to.equal(two.stdout);
  });

  it('takes a canary of your own, which is only shown when it is faulty', async () => {
    const line = ['--runs', '50', '--ratio', '20', '--share', '0.3', '--requests', '20000', '--guards', 'error,slow'];
    const { code, json } = await simulate(...line, '--json');
    expect(code).to.equal(0);
    const [figures, ...others] = json<Printed>().scenarios;
    expect(others).to.deep.equal([]);
    expect(figures).to.deep.include({ scenario: 'plain', ok: null });
    expect(figures!.found!.runs).to.equal(50);
    const { stdout } = await simulate(...line);
    expect(stdout).to.contain('100 %').and.to.contain('shown only');
  });

  it('ends with 1 where a target is missed', async () => {
    const { code, stdout } = await simulate('triple-errors', '--runs', '50', '--alpha', '1e-9');
    expect(code).to.equal(1);
    expect(stdout).to.contain('missed: ');
  });

  it('refuses what it does not know', async () => {
    const scenario = await simulate('perfect-day');
    expect(scenario.code).to.equal(2);
    expect(scenario.stderr).to.contain('no scenario perfect-day').and.to.contain('heavy-users');
    const guard = await simulate('--guards', 'error,speed');
    expect(guard.code).to.equal(2);
    expect(guard.stderr).to.contain('"speed"');
    expect((await simulate('--runs', '1.5')).code).to.equal(2);
  });
});
