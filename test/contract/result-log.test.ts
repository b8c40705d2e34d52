import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ResultLog } from '../../src/adapters/result-log/result-log.js';
import { sha256Hex } from '../../src/domain/release/evidence.js';

describe('ResultLog', () => {
  let folder: string;
  let logs: ResultLog[];
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'understudy-results-')), 'judgements');
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await rm(folder, { recursive: true, force: true });
  });
  const open = (): ResultLog => {
    const log = new ResultLog({ folder });
    logs.push(log);
    return log;
  };
  const key = (name: string): string => sha256Hex(name);

  it('gives back what it and others stored, of any size and script', async () => {
    const first = open();
    const long = JSON.stringify('ä€😀'.repeat(100_000));
    await Promise.all([
      first.put({ key: key('a'), value: '{"a":1}' }),
      first.put({ key: key('long'), value: long }),
      first.put({ key: key('b'), value: '{"b":"Größe"}' }),
    ]);
    expect(await first.get({ key: key('a') })).to.equal('{"a":1}');
    const second = open();
    expect(await second.get({ key: key('b') })).to.equal('{"b":"Größe"}');
    expect(await second.get({ key: key('long') })).to.equal(long);
    expect(await second.get({ key: key('none') })).to.equal(null);
    expect(await readdir(folder)).to.have.length(1);
  });

  it('keeps the first value of a key', async () => {
    const log = open();
    await log.put({ key: key('a'), value: '1' });
    await log.put({ key: key('a'), value: '2' });
    expect(await log.get({ key: key('a') })).to.equal('1');
    expect(await open().get({ key: key('a') })).to.equal('1');
  });

  it('takes half a line for none and goes on behind it when it is completed', async () => {
    await open().put({ key: key('a'), value: '1' });
    const torn = join(folder, '1-torn.log');
    await writeFile(torn, `${key('b')} {"half":`);
    expect(await open().get({ key: key('b') })).to.equal(null);
    expect(await open().get({ key: key('a') })).to.equal('1');
    await appendFile(torn, '1}\n');
    expect(await open().get({ key: key('b') })).to.equal('{"half":1}');
  });

  it('holds tens of thousands and finds each one', async () => {
    const log = open();
    const keys = Array.from({ length: 20_000 }, (_, index) => key(`k${index}`));
    await Promise.all(keys.map((one, index) => log.put({ key: one, value: `{"n":${index}}` })));
    const other = open();
    for (const index of [0, 1, 9_999, 19_999])
      expect(await other.get({ key: keys[index]! })).to.equal(`{"n":${index}}`);
  });

  it('refuses what would not come back', async () => {
    const fail = async (input: { key: string; value: string }) =>
      await open()
        .put(input)
        .then(String, (error: Error) => error.message);
    expect(await fail({ key: 'short', value: '1' })).to.match(/SHA-256/);
    expect(await fail({ key: key('a'), value: '1\n2' })).to.match(/one line/);
  });
});
