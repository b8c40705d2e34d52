import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

describe('Ctrl-C during data build', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-interrupt-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('ends at once, publishes nothing and leaves no temporary file', async () => {
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    await writeFile(join(folder, 'golden.jsonl'), '{"id":"g","input":"How much?","reference":"31 euros."}\n');
    const rows = Array.from({ length: 200_000 }, (_, index) => ticket(index)).join('\n');
    await writeFile(join(folder, 'tickets.jsonl'), rows);
    const spec = {
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'jsonl', uri: 'tickets.jsonl' }, goldenSet: 'golden.jsonl' },
      evaluation: { preset: 'support-deterministic' },
    };
    await writeFile(join(folder, 'spec.yaml'), JSON.stringify(spec));
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
      if (!said.includes('reading') && chunk.includes('reading')) child.kill('SIGINT');
      said += chunk.toString();
    });
    const code = await new Promise((settle) => child.once('close', settle));
    expect(said).to.contain('interrupted: nothing was published');
    expect(code).to.equal(2);
    expect((await readdir(scratch)).filter((name) => name.startsWith('understudy-data-'))).to.deep.equal([]);
    expect(await readdir(join(folder, 'home', 'store'))).to.not.include('datasets');
  });
});
