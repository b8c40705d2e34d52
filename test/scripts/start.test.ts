import { execa } from 'execa';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('npm start, before anything big is fetched', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-check-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The command as "npm start" asks it. */
  const check = (args: string[], environment: Record<string, string> = {}) =>
    execa(process.execPath, ['--import', 'tsx', 'src/client/cli/main.ts', 'start', '--check', ...args], {
      cwd: root,
      env: { UNDERSTUDY_HOME: join(folder, 'home'), ...environment },
      reject: false,
    });

  it('finds nothing wrong with what is fit, and starts nothing', async () => {
    const { exitCode, stdout, stderr } = await check(['--base', 'tiny', '--once', '--json']);
    expect(exitCode, stderr).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({ fit: true });
    expect(stderr).to.equal('');
  });

  it('refuses options, settings, an example and a home that are not fit', async () => {
    const cases: [string[], Record<string, string>, RegExp][] = [
      [['--base', 'big'], {}, /Allowed choices are tiny/],
      [['--approve', 'never'], {}, /Allowed choices are auto, ask/],
      [['--twice'], {}, /unknown option '--twice'/],
      [['--example', 'nothing'], {}, /examples\/nothing\/demonstration\.yaml can't be read/],
      [
        [],
        { TEMPORAL_ADDRESS: 'nowhere', OPENAI_BASE_URL: 'ftp://x' },
        /(?=[\s\S]*TEMPORAL_ADDRESS)[\s\S]*OPENAI_BASE_URL/,
      ],
      [[], { UNDERSTUDY_HOME: join(root, 'package.json', 'home') }, /home \S+ can't be read and written \(ENOTDIR/],
    ];
    const results = await Promise.all(cases.map(([args, environment]) => check(args, environment)));
    for (const [index, { exitCode, stderr }] of results.entries()) {
      expect(exitCode, stderr).to.equal(2);
      expect(stderr).to.match(cases[index]![2]);
    }
  });

  it('shows its help', async () => {
    const { exitCode, stdout } = await check(['--help']);
    expect(exitCode).to.equal(0);
    expect(stdout).to.contain('--approve').and.not.contain('--check');
  });
});
