import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { GuardWait } from '../../../src/domain/rollout/guard-plan.js';
import { runLine } from './run-line.js';

const plan = (...line: string[]) => runLine(['plan', 'canary', ...line]);

describe('plan canary', () => {
  it('says how long each guard takes at each step of the spec, and what a test of fixed size needs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'understudy-plan-'));
    const file = join(folder, 'model.yaml');
    const spec = [
      'apiVersion: understudy/v1',
      'model: m',
      'base: { id: HuggingFaceTB/SmolLM2-135M-Instruct }',
      'data: { recipe: support-tickets, source: { kind: csv, uri: "s3://bucket/t.csv" }, goldenSet: "s3://bucket/g.jsonl" }',
      'evaluation: { preset: support-deterministic }',
      'rollout: { canary: { steps: [{ share: 5% }, { share: 50% }], guards: [{ event: conversion, direction: lower, margin: 0% }] } }',
    ].join('\n');
    await writeFile(file, spec);
    const line = ['--spec', file, '--keys-an-hour', '2000', '--rate', 'conversion=5%', '--harm', 'conversion=0.9'];
    const { code, json, stderr } = await plan(...line, '--json');
    expect(code, stderr).to.equal(0);
    const { guards } = json<{ guards: GuardWait[] }>();
    expect(guards.map(({ share }) => share)).to.deep.equal([0.05, 0.5]);
    expect(guards[0]!.fixedKeysAnArm).to.equal(38_027);
    expect(guards[0]!.hours!).to.be.greaterThan(guards[1]!.hours!);
    expect(guards[1]!.challengerKeys!).to.be.within(20_000, 120_000);
    expect((await plan(...line)).stdout)
      .to.contain('38,027')
      .and.to.contain('conversion');
    await rm(folder, { recursive: true });
  });

  it('takes the guards of a spec by default, and says never for harm that they tolerate', async () => {
    const { code, json } = await plan('--keys-an-hour', '500', '--rate', 'error=0.01', '--harm', 'error=1.1', '--json');
    expect(code).to.equal(0);
    const { guards } = json<{ guards: GuardWait[] }>();
    expect(guards.map(({ event, hours }) => [event, hours])).to.deep.equal(Array(4).fill(['error', null]));
    const { stdout } = await plan('--keys-an-hour', '500', '--rate', 'error=0.01', '--harm', 'error=1.1');
    expect(stdout).to.contain('never');
  });

  it('says what it can not read', async () => {
    const traffic = ['--keys-an-hour', '500'];
    expect((await plan(...traffic)).stderr).to.contain('no rates; name at least one');
    expect((await plan(...traffic, '--rate', 'joy=1%')).stderr).to.contain(
      'no guard watches joy; expected some of error',
    );
    expect((await plan(...traffic, '--rate', 'error')).stderr).to.contain('expected an event and a number');
    expect((await plan('--rate', 'error=1%')).code).to.equal(2);
  });
});
