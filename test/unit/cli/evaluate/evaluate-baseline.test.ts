import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Verdict } from '../../../../src/domain/release/verdict.js';
import { runLine } from '../run-line.js';

const example = (path: string): string =>
  fileURLToPath(new URL(`../../../../examples/support-assistant/${path}`, import.meta.url));

describe('understudy evaluate against the baseline', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-cli-baseline-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('learns it from the newest version of the data set', async () => {
    const golden = (await readFile(example('golden/v2.jsonl'), 'utf8')).trim().split('\n');
    const answers = golden.map((line) => {
      const { id, reference } = JSON.parse(line) as { id: string; reference: string };
      return JSON.stringify({ id, answer: reference });
    });
    await writeFile(join(folder, 'answers.jsonl'), answers.join('\n'));
    const spec = ['--spec', example('understudy.yaml'), '--overlay', example('understudy.embedded.yaml')];
    const run = (...line: string[]) => runLine([...line, ...spec, '--json'], { UNDERSTUDY_HOME: folder });
    const evaluate = () => run('evaluate', '--candidate', join(folder, 'answers.jsonl'));
    expect((await evaluate()).stderr).to.contain('run "understudy data build" first');
    const built = await run('data', 'build');
    expect(built.code, built.stderr).to.equal(0);
    const ran = await evaluate();
    expect(ran.code, ran.stderr).to.equal(0);
    const { verdicts, evaluation } = ran.json<{ verdicts: Verdict[]; evaluation: string }>();
    expect(verdicts.find((one) => one.gate === 'baseline tokenF1')).to.include({ verdict: 'pass', n: 120 });
    const again = await runLine(['evaluate', 'recompute', '--release', evaluation], { UNDERSTUDY_HOME: folder });
    expect(again.code, again.stdout).to.equal(0);
  });
});
