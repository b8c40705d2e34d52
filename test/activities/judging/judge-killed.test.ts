import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { judgeWorld, type JudgeWorld } from './judge-world.js';

const script = fileURLToPath(new URL('judge-process.ts', import.meta.url));

describe('a worker killed while it judges', function () {
  this.timeout(60_000);
  let world: JudgeWorld;
  beforeEach(async () => {
    world = await judgeWorld({ caseCount: 200 });
  });
  afterEach(() => world.close());

  it('leaves every stored judgement to the next one, which asks for none of them again', async () => {
    const specification = await world.specify({ metrics: ['faithfulness', 'coherence'] });
    const challenger = await world.rightAnswers();
    const input = {
      ...{ releaseId: 'm-r2', model: 'm', specification },
      ...{ championAnswers: null, challengerAnswers: challenger },
    };
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', script, world.root, world.upstream.endpoint, JSON.stringify(input)],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = once(child, 'exit');
    while (world.upstream.received.length < 120 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 2));
    child.kill('SIGKILL');
    expect((await ended)[1]).to.equal('SIGKILL');

    const folder = join(world.root, 'cache', 'judgements');
    const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
    const stored = texts.join('').split('\n').length - 1;
    expect(stored).to.be.within(100, 599);
    const before = world.upstream.received.length;
    const { rows, judging } = await world.run({ specification, challenger });
    expect(world.upstream.received.length - before).to.equal(600 - stored);
    expect(judging).to.include({ calls: 600 - stored, cached: stored });
    expect(rows).to.have.length(400);
    expect(rows.every((row) => row.score !== null)).to.equal(true);
  });
});
