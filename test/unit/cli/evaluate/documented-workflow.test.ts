import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { evaluateWorld, type EvaluateWorld } from './evaluate-world.js';

interface Step {
  name?: string;
  run?: string;
}

const projectFile = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

async function documentedSteps(): Promise<Step[]> {
  const page = await readFile(projectFile('docs/evaluate.md'), 'utf8');
  const block = /```yaml\n(name: evaluation\n[^]*?)```/.exec(page)![1]!;
  return (parse(block) as { jobs: { evaluate: { steps: Step[] } } }).jobs.evaluate.steps;
}

describe('the workflow of docs/evaluate.md', function () {
  this.timeout(120_000);
  let world: EvaluateWorld;
  before(async () => {
    world = await evaluateWorld();
    await world.answers('candidate.jsonl', world.mostly(1));
    await mkdir(world.path('answers'));
    await world.answers(join('answers', 'champion.jsonl'), world.mostly(2));
    await world.write('understudy.yaml', await readFile(world.path('spec.yaml'), 'utf8'));
  });
  after(() => world.close());

  /** A step as GitHub runs it, with the command from this checkout. */
  async function runStep(step: Step): Promise<{ code: number; output: string }> {
    const command = `command node --import "${projectFile('node_modules/tsx/dist/esm/index.mjs')}" "${projectFile('src/client/cli/main.ts')}"`;
    const shell = `node() { if [[ $1 == understudy/* ]]; then shift; ${command} "$@"; else command node "$@"; fi; }\n`;
    const script = `set -eo pipefail\n${shell}${step.run!}`;
    const environment = {
      ...{ PATH: process.env['PATH'], HOME: world.folder, CANDIDATE: 'candidate.jsonl' },
      GITHUB_STEP_SUMMARY: world.path('summary.md'),
    };
    const options = { cwd: world.folder, env: environment };
    return await promisify(execFile)('bash', ['-c', script], options).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        ...{ code: error.code, output: error.stdout + error.stderr },
      }),
    );
  }

  it('fails the check and writes every report', async () => {
    const steps = await documentedSteps();
    const step = (name: string): Step => steps.find((one) => one.name === name)!;
    const evaluated = await runStep(step('Evaluate'));
    expect(evaluated.code, evaluated.output).to.equal(1);
    expect(evaluated.output).to.contain('FAIL  candidate.jsonl against champion.jsonl');
    const reported = await runStep(step('Write reports'));
    expect(reported.code, reported.output).to.equal(0);
    const read = (name: string): Promise<string> => readFile(world.path(name), 'utf8');
    expect(await read('evaluation.xml')).to.contain('<testsuites');
    expect(await read('evaluation.html')).to.contain('<!doctype html>');
    expect(await read('summary.md')).to.equal(await read('comment.md'));
    expect(await read('comment.md')).to.contain('❌ Fail: candidate');
  });
});
