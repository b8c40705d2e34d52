import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

const main = resolve(import.meta.dirname, '../../src/client/cli/main.ts');
const ticket = (index: number): string =>
  JSON.stringify({
    ...{ ticket_id: `T-${index}`, customer_id: `C-${index}`, category: 'tracking', resolved: true },
    ...{
      customer_query: `Where is the parcel ${index} that I sent to shelf ${index * 3}?`,
      agent_response: 'At the depot.',
    },
  });

describe('data build that is interrupted', function () {
  this.timeout(60_000);
  let folder: string;
  let scratch: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-interrupt-'));
    scratch = join(folder, 'scratch');
    await mkdir(scratch);
    await writeFile(join(folder, 'golden.jsonl'), '{"id":"g","input":"How much?","reference":"31 euros."}\n');
    const spec = {
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'jsonl', uri: 'tickets.jsonl' }, goldenSet: 'golden.jsonl' },
      evaluation: { preset: 'support-deterministic' },
    };
    await writeFile(join(folder, 'spec.yaml'), JSON.stringify(spec));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const writeTickets = (rows: number): Promise<void> =>
    writeFile(join(folder, 'tickets.jsonl'), Array.from({ length: rows }, (_, index) => ticket(index)).join('\n'));
  const leftOver = async (): Promise<string[]> =>
    (await readdir(scratch)).filter((name) => name.startsWith('understudy-data-'));

  /** Runs a build; a signal is sent once it says that it reads rows. */
  async function build({ signal }: { signal: NodeJS.Signals | null }): Promise<{ code: number | null; said: string }> {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', main, 'data', 'build', '--spec', join(folder, 'spec.yaml')],
      {
        env: { ...process.env, UNDERSTUDY_HOME: join(folder, 'home'), TMPDIR: scratch },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (signal !== null && !said.includes('reading') && chunk.includes('reading')) child.kill(signal);
      said += chunk.toString();
    });
    return { code: await new Promise<number | null>((settle) => child.once('close', settle)), said };
  }

  it('by Ctrl-C ends at once, publishes nothing and leaves no temporary file', async () => {
    await writeTickets(200_000);
    const { code, said } = await build({ signal: 'SIGINT' });
    expect(said).to.contain('interrupted: nothing was published');
    expect(code).to.equal(2);
    expect(await leftOver()).to.deep.equal([]);
    expect(await readdir(join(folder, 'home', 'store'))).to.not.include('datasets');
  });

  it('by SIGKILL leaves files that the next build removes, and none of a build that lives', async () => {
    await writeTickets(200_000);
    const { code } = await build({ signal: 'SIGKILL' });
    expect(code).to.equal(null);
    const [killed, ...others] = await leftOver();
    expect(killed).to.match(/^understudy-data-[0-9a-f]{8}-\d+-\d+-/);
    expect(others).to.deep.equal([]);
    expect(await readdir(join(scratch, killed!))).to.include('cleaned.jsonl');
    const stat = await readFile('/proc/self/stat', 'utf8');
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
    const [place] = killed!.slice('understudy-data-'.length).split('-');
    const living = `understudy-data-${place}-${process.pid}-${start}-abc`;
    const elsewhere = `understudy-data-00000000-${process.pid}-${start}-abc`;
    const forgotten = `understudy-data-00000001-${process.pid}-${start}-abc`;
    for (const name of [living, elsewhere, forgotten]) await mkdir(join(scratch, name));
    const longAgo = new Date('2026-01-01');
    await utimes(join(scratch, forgotten), longAgo, longAgo);
    await writeTickets(100);
    expect((await build({ signal: null })).code).to.equal(0);
    expect((await leftOver()).sort()).to.deep.equal([elsewhere, living].sort());
  });
});
