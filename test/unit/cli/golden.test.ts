import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runLine } from './run-line.js';

const line = (id: string, input: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ id, input, reference: 'It is at the depot.', date: '2020-01-31', ...more });

describe('understudy golden', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-cli-golden-'));
    await writeFile(join(folder, 'v1.jsonl'), `${line('a', 'Where is it?')}\n${line('b', 'How much is it?')}\n`);
    const changed = line('b', 'How much is it?', { reference: '31 euros.' });
    await writeFile(
      join(folder, 'v2.jsonl'),
      `${changed}\n${line('c', 'where is  IT?')}\n${line('d', 'Where is it?')}\n`,
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (...given: string[]) => runLine(given, { UNDERSTUDY_HOME: join(folder, 'home') });
  const freeze = (version: string, ...more: string[]) =>
    run('golden', 'freeze', join(folder, `${version}.jsonl`), '--name', 'desk', ...more, '--json');

  it('freezes versions that name their parent, and warns of what makes them weak', async () => {
    const first = await freeze('v1');
    expect(first.json()).to.deep.include({ version: 'v1', cases: 2, parent: null, created: true });
    expect(first.json<{ warnings: string[] }>().warnings.join()).to.contain('2 cases < 50').and.to.contain('92 days');
    const second = (await freeze('v2')).json<{ parent: { version: string }; warnings: string[] }>();
    expect(second.parent.version).to.equal('v1');
    expect(second.warnings.join()).to.contain('cases c, d ask the same question');
    expect((await freeze('v2')).json()).to.include({ created: false });
    const third = await freeze('v2', '--version', 'v3', '--parent', 'v9');
    expect(third).to.include({ code: 2 });
    expect(third.stderr).to.contain('its parent v9 is not frozen; there are v1, v2');
  });

  it('never changes a frozen version, and sees when somebody did', async () => {
    await freeze('v1');
    await writeFile(join(folder, 'v1.jsonl'), `${line('a', 'Another question?')}\n`);
    const changed = await freeze('v1');
    expect(changed.code).to.equal(1);
    expect(changed.stderr).to.contain('a frozen version never changes');
    const frozen = ['golden', 'verify', 'v1', '--name', 'desk', '--json'];
    expect((await run(...frozen)).json()).to.include({ version: 'v1', cases: 2 });
    await writeFile(join(folder, 'home', 'store', 'golden', 'desk', 'v1.jsonl'), `${line('a', 'Tampered?')}\n`);
    const tampered = await run(...frozen);
    expect(tampered.code).to.equal(1);
    expect(tampered.json<{ error: string }>().error).to.contain('SHA-256 is');
  });

  it('says what is wrong with a file, by line', async () => {
    await writeFile(join(folder, 'bad.jsonl'), `${line('a', 'x')}\n${line('a', 'y')}\n{"id":"b"}\n`);
    const verified = await run('golden', 'verify', join(folder, 'bad.jsonl'));
    expect(verified.code).to.equal(1);
    expect(verified.stdout).to.contain('line 2, id: expected an id of its own').and.to.contain('line 3, input');
    expect((await freeze('bad')).code).to.equal(2);
    expect((await run('golden', 'verify', 'v7', '--name', 'desk')).stderr).to.contain('has no frozen version v7');
    expect((await run('golden', 'verify', 'v7')).stderr).to.contain('add --name');
  });

  it('lists added, removed and changed cases', async () => {
    await freeze('v1');
    const diff = await run('golden', 'diff', 'v1', join(folder, 'v2.jsonl'), '--name', 'desk', '--json');
    const expected = { from: 'v1', to: 'v2', added: ['c', 'd'], removed: ['a'], changed: ['b'], unchanged: 0 };
    expect(diff.json()).to.deep.equal(expected);
  });
});
