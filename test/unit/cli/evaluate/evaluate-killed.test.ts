import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { evaluateWorld, type EvaluateWorld } from './evaluate-world.js';

const projectFile = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const atOnce = 4;

describe('understudy evaluate, killed', function () {
  this.timeout(60_000);
  let world: EvaluateWorld;
  beforeEach(async () => {
    world = await evaluateWorld();
    world.upstream.script({ model: 'new', each: () => ({ delayMilliseconds: 15, answer: 'It is at the depot' }) });
  });
  afterEach(() => world.close());

  for (const signal of ['SIGKILL', 'SIGINT'] as const)
    it(`by ${signal} asks only for what is missing`, async () => {
      const line = ['--spec', world.path('spec.yaml'), '--candidate', `${world.upstream.endpoint}#new`];
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', 'src/client/cli/main.ts', 'evaluate', ...line, '--concurrency', String(atOnce)],
        {
          cwd: projectFile('.'),
          env: { PATH: process.env['PATH'], UNDERSTUDY_HOME: world.path('home') },
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      );
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
      while (world.upstream.received.length < 25 && child.exitCode === null)
        await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill(signal);
      const [code, by] = await ended;
      expect(signal === 'SIGKILL' ? by : code, said).to.equal(signal === 'SIGKILL' ? 'SIGKILL' : 2);
      const before = world.upstream.received.length;
      expect(before, said).to.be.at.least(25).and.to.be.lessThan(60);
      const again = await world.evaluate('--candidate', `${world.upstream.endpoint}#new`, '--json');
      expect(again.json<{ verdict: string }>().verdict).to.equal('fail');
      // What was under way when it ended was not stored yet.
      expect(world.upstream.received.length)
        .to.be.at.least(60)
        .and.to.be.at.most(60 + atOnce);
    });
});
